// Turns the absolute times the server wrote into relative ones and keeps them true while the page is open.
// <time datetime="..." data-ago>18 Nov 2026, 22:10 UTC</time>     "3 h ago", "in 3 days 4 h"; as it is beyond 60 days
// <time datetime="..." data-since>0 s</time>                       "3 min 20 s", counted from that moment

const FAR_S = 60 * 86400;
const UNITS = [["day", 86400], ["h", 3600], ["min", 60], ["s", 1]];
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function span(seconds, parts) {
  const said = [];
  let rest = Math.floor(Math.abs(seconds));
  let first = -1;
  for (const [index, [unit, size]] of UNITS.entries()) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 && first < 0) first = index;
    if (count > 0 && index < first + parts) said.push(`${count} ${unit === "day" && count > 1 ? "days" : unit}`);
  }
  return said.join(" ") || "0 s";
}

function ago(seconds) {
  if (Math.abs(seconds) < 60) return seconds >= 0 ? "just now" : "in less than a minute";
  return seconds > 0 ? `${span(seconds, 1)} ago` : `in ${span(seconds, 2)}`;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function refresh() {
  const now = Date.now();
  for (const element of document.querySelectorAll("time[data-ago], time[data-since]")) {
    const moment = Date.parse(element.dateTime);
    if (Number.isNaN(moment)) continue;
    const seconds = (now - moment) / 1000;
    element.dataset.written ??= element.textContent;
    if ("ago" in element.dataset) write(element, Math.abs(seconds) > FAR_S ? element.dataset.written : ago(seconds));
    else write(element, span(Math.max(seconds, 0), 2));
    element.title ||= absolute.format(moment);
  }
}

refresh();
setInterval(refresh, 1000);
document.addEventListener("htmx:afterSettle", refresh);
document.addEventListener("podium:changed", refresh);
