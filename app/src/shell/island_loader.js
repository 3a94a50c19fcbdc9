// Loads and mounts the page's islands. A page without islands loads no code.
//
// An island is rendered anew outside the document and then replaces the server's elements. It does not hydrate those:
// password managers, form fillers and translators may have changed them meanwhile, and hydration would break on that.
// Typed values and the focus are carried over.
//
// If anything fails, now or later, the server's elements are restored. Their forms work without scripts, and a notice
// says that the page is no longer live.
((pkg, name, wasm) => {
  // The notice is shown if the code has not loaded by then, and hidden again if it loads later.
  const LOAD_TIMEOUT_MS = 20_000;
  const root = document.documentElement;
  const notice = document.getElementById("standstill");
  const hosts = document.querySelectorAll("[data-island]");
  // Mounted islands by the server's element that they replaced.
  const mounted = new Map();

  // Style sheets and tests read this state: once it is "ready", the page is interactive.
  const setState = (state) => {
    root.dataset.islands = state;
    notice.hidden = state !== "failed";
  };

  // Replaces `old` by `next` within one task, so that no intermediate state is painted.
  const swap = (old, next) => {
    for (const field of old.querySelectorAll("input[id]")) {
      const twin = next.querySelector(`input#${CSS.escape(field.id)}`);
      if (twin) twin.value = field.value;
    }
    const { id, localName, selectionStart, selectionEnd } = document.activeElement ?? document.body;
    const place = [...old.querySelectorAll(localName)].indexOf(document.activeElement);
    const focused =
      place < 0 ? null : id ? next.querySelector(`#${CSS.escape(id)}`) : next.querySelectorAll(localName)[place];
    old.replaceWith(next);
    // Makes the page's script rewrite times in the reader's zone.
    document.dispatchEvent(new Event("gavel:times"));
    focused?.focus({ preventScroll: true });
    // Only text fields have a selection.
    if (focused && selectionStart != null) focused.setSelectionRange(selectionStart, selectionEnd);
  };

  // Translators replace text nodes by elements of their own (<font>), so an island would go on writing into detached
  // nodes. Such a text node is therefore put back, empty, before its translation. The translation stays until the island
  // writes into the node or removes it; the translator may then translate the new text.
  const restoreTextNodes = (island) => {
    const translated = new WeakMap();
    const isFree = (node) =>
      node?.nodeName === "FONT" && node.isConnected && !translated.has(node.previousSibling ?? node);
    const release = (text) => {
      const { translation, original } = translated.get(text) ?? {};
      translated.delete(text);
      translation?.remove();
      return original;
    };
    const onMutations = (records, observer) => {
      for (const { type, target, addedNodes, removedNodes, previousSibling, nextSibling } of records) {
        if (type === "characterData") release(target);
        for (const text of removedNodes) {
          if (text.nodeType !== Node.TEXT_NODE) continue;
          const original = release(text);
          if (text.isConnected) {
            // The translator has restored the original node, which it does not expect to be empty.
            if (original) text.data ||= original;
            continue;
          }
          const translation = [...addedNodes, previousSibling, nextSibling].find(isFree);
          if (original !== undefined || !translation) continue;
          translated.set(text, { translation, original: text.data });
          text.data = "";
          translation.before(text);
        }
      }
      // Ignores the changes made here.
      observer.takeRecords();
    };
    new MutationObserver(onMutations).observe(island, { subtree: true, childList: true, characterData: true });
  };

  const load = async (query) => {
    // Both in parallel: the module would request the WASM only when it runs.
    const [module, code] = await Promise.all([
      import(`${pkg}/${name}.js${query}`),
      fetch(`${pkg}/${wasm}.wasm${query}`),
    ]);
    await module.default({ module_or_path: code });
    return module;
  };

  const mount = async () => {
    setTimeout(() => root.dataset.islands || setState("failed"), LOAD_TIMEOUT_MS);
    // Retries with another URL, because browsers cache a failed import.
    const module = await load("").catch(() => load("?again"));
    for (const host of hosts) {
      const island = host.cloneNode(false);
      module[host.dataset.island](island);
      mounted.set(host, island);
      swap(host, island);
      restoreTextNodes(island);
    }
    setState("ready");
  };

  const fail = () => {
    for (const [host, island] of mounted) swap(island, host);
    mounted.clear();
    setState("failed");
  };

  // After a panic the code must not run again, but the browser would go on calling its handlers.
  const onError = (error) => {
    const isOurs = error instanceof WebAssembly.RuntimeError || String(error?.stack).includes(`${pkg}/${name}.js`);
    if (isOurs && mounted.size) fail();
  };

  if (hosts.length) {
    addEventListener("error", (event) => onError(event.error));
    addEventListener("unhandledrejection", (event) => onError(event.reason));
    const start = () =>
      mount().catch((error) => {
        console.error(error);
        fail();
      });
    // After the first frame, so that loading does not delay the first paint.
    requestAnimationFrame(() => setTimeout(start));
  } else {
    setState("ready");
  }
})
