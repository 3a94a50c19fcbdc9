// Enhancements that must run before the first paint: times in the reader's zone, and the buttons that show a password.
// Without scripts, times are in UTC and say so, and the buttons stay hidden.
(() => {
  const lang = document.documentElement.lang;
  const formatter = (options) =>
    new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { hourCycle: "h23", ...options });
  const minutes = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" };
  const formats = { minutes: formatter(minutes), seconds: formatter({ ...minutes, second: "2-digit" }) };
  const zoneNames = (timeZoneName) => {
    const format = formatter({ timeZoneName });
    return (at) => format.formatToParts(at).find((part) => part.type === "timeZoneName").value;
  };
  // For the date in question: with daylight saving time, the name and offset differ between summer and winter.
  const shortName = zoneNames("short");
  const local = (format, at) => `${format.format(at)} ${shortName(at)}`;

  // The name without daylight saving time; UTC and a few other zones have none.
  const now = new Date();
  const generic = zoneNames("longGeneric")(now);
  const zone = generic.startsWith("GMT") ? zoneNames("long")(now) : generic;

  // Text nodes are reused, because the islands keep references to theirs. A translator may have replaced them.
  const write = (element, text) => {
    const node = element.firstChild;
    if (node?.nodeType !== Node.TEXT_NODE) element.textContent = text;
    else if (node.data !== text) node.data = text;
  };
  const localise = () => {
    for (const time of document.querySelectorAll("time[data-local]")) {
      const at = new Date(time.dateTime);
      if (!isNaN(at)) write(time, local(formats[time.dataset.local], at));
    }
    for (const name of document.querySelectorAll("[data-zone]")) write(name, zone);
  };
  localise();
  // Islands dispatch this event after rendering times.
  document.addEventListener("gavel:times", localise);

  // The default time zone of admins' forms. It is set on every page, so that the first form has it.
  if (!/(^|; )zone=/.test(document.cookie)) {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `zone=${timeZone}; SameSite=Lax; Path=/; Max-Age=31536000${secure}`;
  }

  // The mouse wheel must scroll the page, not change a focused number.
  document.addEventListener("wheel", ({ target }) => {
    if (target === document.activeElement && target.type === "number") target.blur();
  }, { passive: true });

  // A picture that cannot be loaded gives way to the placeholder of a product that has none.
  const replace = (picture) => {
    if (!picture.dataset?.initial) return;
    const placeholder = document.createElement("span");
    placeholder.className = "no-picture";
    placeholder.ariaHidden = "true";
    placeholder.dataset.tint = picture.dataset.tint;
    placeholder.textContent = picture.dataset.initial;
    picture.replaceWith(placeholder);
  };
  for (const picture of document.images) if (picture.complete && !picture.naturalWidth) replace(picture);
  document.addEventListener("error", ({ target }) => replace(target), true);

  for (const button of document.querySelectorAll("[data-reveal]")) button.hidden = false;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reveal]");
    const input = button && document.getElementById(button.dataset.reveal);
    if (!input) return;
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", shown);
  });
})();
