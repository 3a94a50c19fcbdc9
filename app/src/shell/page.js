// What cannot wait for the islands, because the reader would see it change: times in the reader's zone, and the buttons
// that show a password. Both are extras: without scripts times are in UTC, as the page says, and the buttons are hidden.
(() => {
  const lang = document.documentElement.lang;
  const formatter = (options) =>
    new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { hourCycle: "h23", ...options });
  const minutes = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" };
  const formats = { minutes: formatter(minutes), seconds: formatter({ ...minutes, second: "2-digit" }) };
  const zone = (timeZoneName) =>
    formatter({ timeZoneName }).formatToParts().find((part) => part.type === "timeZoneName").value;
  const zones = { short: zone("shortOffset"), long: `${zone("long")} (${zone("shortOffset")})` };

  // The text nodes stay the same ones, for the islands hold on to theirs.
  const write = (element, text) => {
    const node = element.firstChild;
    if (node && node.data !== text) node.data = text;
  };
  const localise = () => {
    for (const time of document.querySelectorAll("time[data-local]")) {
      write(time, formats[time.dataset.local].format(new Date(time.dateTime)));
    }
    for (const name of document.querySelectorAll("[data-zone]")) write(name, zones[name.dataset.zone]);
  };
  localise();
  // Islands that write times say so.
  document.addEventListener("gavel:times", localise);

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
