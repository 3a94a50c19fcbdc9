// Fetches the monitor's page every second and replaces the numbers. Stops while the page is hidden or paused, while the
// session is not the admin's, and once the campaign is over; and shows the age of the numbers.
(() => {
  const state = document.querySelector("[data-monitor]");
  const pause = state.querySelector("[data-pause]");
  const age = state.querySelector("[data-age]");
  const live = () => document.querySelector("[data-live]");
  if (live().dataset.over) return;
  let paused = false;
  let refused = false;
  let fresh = Date.now();

  const refresh = async () => {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(5000) });
    // A redirect leads to the sign-in page; 403 means that another account is signed in.
    refused = answer.redirected || answer.status === 403;
    if (!answer.ok || refused) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (paused) return;
    // The language was changed in another tab: all of the page follows.
    if (page.documentElement.lang !== document.documentElement.lang) return location.reload();
    for (const open of document.querySelectorAll("[data-live] details[open]")) {
      page.querySelector(`[data-keep="${open.dataset.keep}"]`)?.setAttribute("open", "");
    }
    live().replaceWith(page.querySelector("[data-live]"));
    state.querySelector("time").replaceWith(page.querySelector("[data-monitor] time"));
    // The name may have been edited, and the actions depend on the phase.
    document.title = page.title;
    for (const part of ["main h1", "[data-actions]"]) {
      const [old, next] = [document.querySelector(part), page.querySelector(part)];
      if (!next || old.innerHTML === next.innerHTML) continue;
      const focused = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
      old.replaceWith(next);
      if (focused) next.querySelector(`[href="${focused}"]`)?.focus();
    }
    document.dispatchEvent(new Event("gavel:times"));
    fresh = Date.now();
  };

  // The phase and the time left may no longer be so; the next refresh brings them back.
  const hideState = () => {
    for (const part of live().querySelectorAll("[data-phase], [data-left]")) part.hidden = true;
  };

  const round = async () => {
    if (!paused && !refused && !document.hidden) await refresh().catch(() => {});
    // In steps of five seconds, so that screen readers do not announce it every second.
    const seconds = Math.floor((Date.now() - fresh) / 5000) * 5;
    const late = !paused && !document.hidden && seconds > 0;
    const text = paused ? state.dataset.paused : late ? state.dataset.late.replace("{}", seconds) : "";
    if (age.textContent !== text) age.textContent = text;
    state.classList.toggle("late", late);
    pause.hidden = Boolean(live().dataset.over);
    if (paused || late || refused) hideState();
    if (!live().dataset.over) setTimeout(round, 1000);
  };

  // Perhaps the admin is signed in again.
  const tryAgain = () => (refused = ["over", "changed"].includes(document.documentElement.dataset.session));
  document.addEventListener("gavel:session", tryAgain);
  // After the page was hidden, the numbers are old but not late; they are refreshed at once.
  document.addEventListener("visibilitychange", () => {
    fresh = Date.now();
    tryAgain();
  });
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", paused);
    if (paused) hideState();
    else fresh = Date.now();
  });
  setTimeout(round, 1000);
})();
