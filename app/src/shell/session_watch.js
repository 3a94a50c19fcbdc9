// Keeps the page and the browser's session together: other tabs may sign out, or sign in as someone else, and time goes
// by. The companion of the session's cookie says whose the session is and when it ends (see `session.rs`). What the page
// says of it is the server's; `data-session` of the document and the event `gavel:session` are for the islands.
(() => {
  const notice = document.getElementById("session");
  if (!notice) return;
  const root = document.documentElement;
  const user = notice.dataset.user;
  const length = notice.dataset.length * 1000;
  // The machine's clock may be wrong.
  const ahead = notice.dataset.now - Date.now();
  // Five minutes, and less of a very short session: how long before its end it is told, and how long after the last key
  // press one counts as there.
  const shortly = Math.min(300_000, length / 4);
  const LOOK_MS = 3000;
  const RETRY_MS = 30_000;
  const TIMEOUT_MS = 8000;

  let seen = Date.now();
  let asked = -Infinity;
  root.dataset.session = "";

  const session = () => {
    const found = document.cookie.match(/(?:^|; )gavel_session_info=([0-9a-f-]+)\.(\d+)/);
    const left = found ? found[2] * 1000 - ahead - Date.now() : 0;
    return left > 0 ? { user: found[1], left } : { user: "", left: 0 };
  };

  const show = (state) => {
    if (state === root.dataset.session) return;
    root.dataset.session = state;
    const hadFocus = notice.contains(document.activeElement);
    const template = document.querySelector(`template[data-session="${state}"]`);
    notice.replaceChildren(...(template ? [template.content.cloneNode(true)] : []));
    if (hadFocus) document.getElementById("main").focus({ preventScroll: true });
    document.dispatchEvent(new Event("gavel:session"));
  };

  const renew = async () => {
    asked = Date.now();
    const body = new URLSearchParams({ user_id: user });
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    // What became of it is in the cookie.
    await fetch("/api/ui/renew_session", { method: "POST", headers: { Accept: "application/json" }, body, signal }).catch(() => {});
    look();
  };

  const look = () => {
    const now = session();
    if (now.user !== user) return show(now.user ? "changed" : "over");
    show(user && now.left < shortly ? "ending" : "");
    const isThere = Date.now() - seen < shortly;
    if (user && isThere && now.left < length / 2 && Date.now() - asked > RETRY_MS) renew();
  };

  // What was typed is kept for whoever signs in again and comes back, and for nobody else. No passwords.
  const key = `typed:${location.pathname}`;
  const fields = () => {
    const kept = "input:not([type=password], [type=file]), select, textarea";
    const inForms = [...document.querySelectorAll("main form[method=post]")].flatMap((form) => [...form.querySelectorAll(kept)]);
    return inForms.filter(({ name }) => name && name !== "user_id" && name !== "next");
  };
  const keep = () => {
    look();
    if (root.dataset.session !== "over") return;
    const typed = Object.fromEntries(fields().map(({ name, value }) => [name, value]));
    if (Object.keys(typed).length > 0) sessionStorage.setItem(key, JSON.stringify({ user, typed }));
  };
  const restore = () => {
    const kept = JSON.parse(sessionStorage.getItem(key));
    if (!kept || !user) return;
    sessionStorage.removeItem(key);
    if (kept.user !== user) return;
    for (const field of fields()) {
      if (!Object.hasOwn(kept.typed, field.name)) continue;
      field.value = kept.typed[field.name];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  restore();
  look();
  setInterval(look, LOOK_MS);
  for (const name of ["focus", "pageshow"]) addEventListener(name, look);
  document.addEventListener("visibilitychange", look);
  for (const name of ["keydown", "pointerdown", "pointermove"]) {
    addEventListener(name, () => (seen = Date.now()), { capture: true, passive: true });
  }
  addEventListener("pagehide", keep);
  notice.addEventListener("click", (event) => event.target.closest("[data-renew]") && renew());
})();
