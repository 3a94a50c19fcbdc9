// Watches whether the browser's session is still the one the page was rendered for: it may expire, and other tabs may sign
// out or sign in as someone else. The companion of the session cookie has the session's user and end (see
// `session_cookies.rs`). The notices are the server's; the document's `data-session` and the event `gavel:session` are for
// the islands.
(() => {
  const notice = document.getElementById("session");
  if (!notice) return;
  const root = document.documentElement;
  const user = notice.dataset.user;
  const length = notice.dataset.length * 1000;
  // Corrects the browser's clock, which may be wrong.
  const serverAhead = notice.dataset.now - Date.now();
  // Five minutes, or less for a very short session: how long before the end the notice is shown, and how long after the
  // last input the user counts as active.
  const noticeMs = Math.min(300_000, length / 4);
  const CHECK_MS = 3000;
  const RETRY_MS = 30_000;
  const TIMEOUT_MS = 8000;
  const ASK_MS = 60_000;

  let activeAt = Date.now();
  let renewedAt = -Infinity;
  let askedAt = Date.now();
  root.dataset.session = "";

  const session = () => {
    const found = document.cookie.match(/(?:^|; )gavel_session_info=([0-9a-f-]+)\.(\d+)/);
    const left = found ? found[2] * 1000 - serverAhead - Date.now() : 0;
    return left > 0 ? { user: found[1], left } : { user: "", left: 0 };
  };

  const isBlocked = () => /(?:^|; )gavel_session_info=blocked/.test(document.cookie);

  // The template of the notice: a session that is over has two.
  let shown = root.dataset.session;
  const show = (state) => {
    const name = state === "over" && isBlocked() ? "blocked" : state;
    if (name === shown) return;
    shown = name;
    root.dataset.session = state;
    const hadFocus = notice.contains(document.activeElement);
    const template = document.querySelector(`template[data-session="${name}"]`);
    notice.replaceChildren(...(template ? [template.content.cloneNode(true)] : []));
    // A choice has no default value to compare with.
    if (!fields().some(({ value, defaultValue = value }) => value !== defaultValue)) notice.querySelector("[data-typed]")?.remove();
    if (hadFocus) document.getElementById("main").focus({ preventScroll: true });
    document.dispatchEvent(new Event("gavel:session"));
  };

  const renew = async () => {
    renewedAt = Date.now();
    const body = new URLSearchParams({ user_id: user });
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    // The outcome is in the cookie.
    await fetch("/api/ui/renew_session", { method: "POST", headers: { Accept: "application/json" }, body, signal }).catch(() => {});
    check();
  };

  // An account may be blocked, or active again: every page corrects the cookie.
  const ask = async () => {
    askedAt = Date.now();
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    // A page that reads nothing else.
    await fetch("/login", { method: "HEAD", redirect: "manual", signal }).catch(() => {});
    check();
  };

  const check = () => {
    const now = session();
    if ((user || isBlocked()) && !document.hidden && Date.now() - askedAt > ASK_MS) ask();
    if (now.user !== user) return show(now.user ? "changed" : "over");
    show(user && now.left < noticeMs ? "ending" : "");
    const isActive = Date.now() - activeAt < noticeMs;
    if (user && isActive && now.left < length / 2 && Date.now() - renewedAt > RETRY_MS) renew();
  };

  // What was typed is stored for the same user, never passwords: in every form if the session is over, because the user
  // may sign in again and come back; otherwise in islands, whose fields browsers do not restore on the way back, because
  // islands are rendered anew.
  const key = `typed:${location.pathname}`;
  const fields = () => {
    const selector = "input:not([type=password], [type=file]), select, textarea";
    const inForms = [...document.querySelectorAll("main form[method=post]")].flatMap((form) => [...form.querySelectorAll(selector)]);
    return inForms.filter(({ name }) => name && name !== "user_id" && name !== "next");
  };
  const store = () => {
    check();
    const over = root.dataset.session === "over";
    const stored = fields().filter((field) => over || field.closest("[data-island]"));
    const typed = Object.fromEntries(stored.map(({ name, value }) => [name, value]));
    if (stored.length > 0) sessionStorage.setItem(key, JSON.stringify({ user, typed, over }));
  };
  const restore = () => {
    const stored = JSON.parse(sessionStorage.getItem(key));
    if (!stored || !user) return;
    sessionStorage.removeItem(key);
    const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    if (stored.user !== user || !(stored.over || isBack)) return;
    for (const field of fields()) {
      if (!Object.hasOwn(stored.typed, field.name)) continue;
      field.value = stored.typed[field.name];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  restore();
  check();
  setInterval(check, CHECK_MS);
  for (const name of ["focus", "pageshow"]) addEventListener(name, check);
  document.addEventListener("visibilitychange", check);
  for (const name of ["keydown", "pointerdown", "pointermove"]) {
    addEventListener(name, () => (activeAt = Date.now()), { capture: true, passive: true });
  }
  addEventListener("pagehide", store);
  notice.addEventListener("click", (event) => event.target.closest("[data-renew]") && renew());
})();
