// Brings the islands of the page to life, where it has any. A page without them loads no code.
//
// An island is rendered afresh, beside the page, and then put in the place of the server's elements. It does not take
// those over: password managers, form fillers and translators may have changed them by now, and code that walks
// through them expecting its own would break down half-way. What the reader has typed comes along, and the focus.
//
// Whatever goes wrong, now or later, the server's elements are what remains. Their forms work by themselves, and a
// notice says that nothing moves any more.
((pkg, name, wasm) => {
  // After this long without the code the notice is shown. If the code comes later still, the notice goes again.
  const PATIENCE_MS = 20_000;
  const root = document.documentElement;
  const notice = document.getElementById("standstill");
  const hosts = document.querySelectorAll("[data-island]");
  // What lives, by the server's element that it has replaced.
  const alive = new Map();

  // Style sheets and tests read this mark: once it is "ready", the page answers.
  const mark = (state) => {
    root.dataset.islands = state;
    notice.hidden = state !== "failed";
  };

  // Puts `next` in the place of `old`, within one task: nobody sees a page in between.
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
    // The page's script writes times in the reader's zone.
    document.dispatchEvent(new Event("gavel:times"));
    focused?.focus({ preventScroll: true });
    // Only fields of text have a selection; in others the caret is at the end.
    if (focused && selectionStart != null) focused.setSelectionRange(selectionStart, selectionEnd);
  };

  // A translator puts elements of its own (<font>) in the place of texts, and an island would go on writing into texts
  // that are on no page. So such a text goes back, empty, before its translation. The translation stays until the
  // island writes into the text or takes it away; what is new the translator may then translate again.
  const keepTexts = (island) => {
    const translated = new WeakMap();
    const isFree = (node) =>
      node?.nodeName === "FONT" && node.isConnected && !translated.has(node.previousSibling ?? node);
    const release = (text) => {
      const { translation, original } = translated.get(text) ?? {};
      translated.delete(text);
      translation?.remove();
      return original;
    };
    const look = (records, observer) => {
      for (const { type, target, addedNodes, removedNodes, previousSibling, nextSibling } of records) {
        if (type === "characterData") release(target);
        for (const text of removedNodes) {
          if (text.nodeType !== Node.TEXT_NODE) continue;
          const original = release(text);
          if (text.isConnected) {
            // The translator has undone its work, with a text that it does not know to be empty by now.
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
      // What was done here is no news.
      observer.takeRecords();
    };
    new MutationObserver(look).observe(island, { subtree: true, childList: true, characterData: true });
  };

  const load = async (query) => {
    // Both at once, for the one names the other only when it runs.
    const [module, code] = await Promise.all([
      import(`${pkg}/${name}.js${query}`),
      fetch(`${pkg}/${wasm}.wasm${query}`),
    ]);
    await module.default({ module_or_path: code });
    return module;
  };

  const wake = async () => {
    setTimeout(() => root.dataset.islands || mark("failed"), PATIENCE_MS);
    // Once more under another address: a browser may remember that the first one has failed.
    const module = await load("").catch(() => load("?again"));
    for (const host of hosts) {
      const island = host.cloneNode(false);
      module[host.dataset.island](island);
      alive.set(host, island);
      swap(host, island);
      keepTexts(island);
    }
    mark("ready");
  };

  const fail = () => {
    for (const [host, island] of alive) swap(island, host);
    alive.clear();
    mark("failed");
  };

  // Code that has broken down is not to be trusted again, though the browser would go on calling it.
  const watch = (error) => {
    const isOurs = error instanceof WebAssembly.RuntimeError || String(error?.stack).includes(`${pkg}/${name}.js`);
    if (isOurs && alive.size) fail();
  };

  if (hosts.length) {
    addEventListener("error", (event) => watch(event.error));
    addEventListener("unhandledrejection", (event) => watch(event.reason));
    const start = () =>
      wake().catch((error) => {
        console.error(error);
        fail();
      });
    // After the first frame: what the reader sees first does not wait for what comes alive later.
    requestAnimationFrame(() => setTimeout(start));
  } else {
    mark("ready");
  }
})
