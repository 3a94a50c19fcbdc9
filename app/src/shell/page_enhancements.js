// What cannot wait for the islands, because the reader would see it change: times in the reader's zone, and the buttons
// that show a password. All are extras: without scripts times are in UTC, as they say, and the buttons are hidden.
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
  // Of the date in question: where clocks change, a time in summer has another name and offset than one in winter.
  const shortName = zoneNames("short");
  const local = (format, at) => `${format.format(at)} ${shortName(at)}`;

  // The name that holds all year; UTC and a few others have none.
  const now = new Date();
  const generic = zoneNames("longGeneric")(now);
  const zone = generic.startsWith("GMT") ? zoneNames("long")(now) : generic;

  // The text nodes stay the same ones, for the islands hold on to theirs. A translator may have put others there.
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
  // Islands that write times say so.
  document.addEventListener("gavel:times", localise);

  // Admins' forms take times in this zone until another one is chosen there. On every page, so that the first form
  // knows it, too.
  if (!/(^|; )zone=/.test(document.cookie)) {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `zone=${timeZone}; SameSite=Lax; Path=/; Max-Age=31536000${secure}`;
  }

  // A number is typed. A turn of the wheel over it means the page.
  document.addEventListener("wheel", ({ target }) => {
    if (target === document.activeElement && target.type === "number") target.blur();
  }, { passive: true });

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
