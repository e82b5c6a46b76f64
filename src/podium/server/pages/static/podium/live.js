// Keeps a part of the page true while it is open.
// <div id="board" data-live="/live/..." data-news="/competitions/1/results/?seen=...">
//   data-live   a stream of events: `changed` (read the part again), `log` (a piece of a log), `detail`, `gone`
//   data-news   where the part is read again; 204 says that nothing of it has changed
//   data-say    a sentence for those who cannot see the part, told when it changes (always, with data-say-again)
//   data-look   seconds after which it is read again anyway: what it waits for is told by no stream
//   data-of     how many rows are ranked, told with the new rank of a row
//   data-own    what in a row is its own value (a selector); a row whose other values follow from those does not glow
// Inside it: [data-key] is the same thing before and after; <pre data-log="..." data-end="120"> takes pieces of a log;
// <iframe data-detail="5"> is loaded again when the detailed results of part 5 are new.

const LATE_MS = 10_000;
const AGAIN_MS = 3000;
const LONGEST_LOG = 200_000;
const KEPT_OF_LOG = 100_000;
const MOST_TOLD = 3;
const INVISIBLE = /\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

// What happened to rows of a board whose values are new, in words.
const ranked = [];
let part = document.querySelector("[data-live]");
if (part) follow(part.dataset.live);

function follow(address) {
  let stream = null;
  let news = part.dataset.news;
  let lastId = "";
  let reading = false;
  let again = false;
  let ending = 0;
  let looking = 0;

  function open() {
    clearTimeout(looking);
    if (stream || document.hidden) return;
    const url = new URL(address, location.href);
    if (lastId) url.searchParams.set("after", lastId);
    stream = new EventSource(url);
    stream.addEventListener("changed", told(read));
    stream.addEventListener("log", told((event) => { if (!write(JSON.parse(event.data))) read(); }));
    stream.addEventListener("detail", told((event) => { if (!reload(JSON.parse(event.data).part)) read(); }));
    stream.addEventListener("gone", close);
    stream.addEventListener("error", () => {
      // The browser takes a stream up again by itself, unless the answer was no stream.
      if (stream && stream.readyState === EventSource.CLOSED) {
        close();
        setTimeout(open, AGAIN_MS);
      }
    });
    look();
  }

  function told(act) {
    return (event) => { lastId = event.lastEventId || lastId; act(event); };
  }

  function close() {
    if (stream) stream.close();
    stream = null;
    clearTimeout(looking);
  }

  async function read() {
    if (reading) { again = true; return; }
    reading = true;
    do {
      again = false;
      const answer = await ask();
      if (answer) take(answer);
    } while (again);
    reading = false;
    look();
  }

  // What the part is now; empty where nothing of it has changed, or the site is away.
  async function ask() {
    try {
      const answer = await fetch(news, { headers: { "HX-Request": "true" } });
      return answer.status === 200 ? await answer.text() : "";
    } catch {
      setTimeout(read, AGAIN_MS);
      return "";
    }
  }

  function take(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
    if (!fresh) return;
    const said = part.dataset.say;
    ranked.length = 0;
    update(part, fresh);
    if (part.dataset.say && (part.dataset.say !== said || "sayAgain" in part.dataset)) {
      announce([part.dataset.say, ...ranked.slice(0, MOST_TOLD)].join(" "));
    }
    news = part.dataset.news || news;
    document.dispatchEvent(new Event("podium:changed"));
    // What has ended may still have a file on its way.
    if (!part.dataset.live && !ending) ending = setTimeout(close, LATE_MS);
  }

  function look() {
    clearTimeout(looking);
    if (stream && part.dataset.look) looking = setTimeout(read, 1000 * part.dataset.look);
  }

  // A browser opens few connections to one site: pages that nobody sees leave theirs to others.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close();
    else if (part.dataset.live) open();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => { if (event.persisted && part.dataset.live) open(); });
  open();
}

// Tell those who hear the page what has changed in it.
function announce(text) {
  const place = document.querySelector("[data-said]");
  if (!place) return;
  place.textContent = "";
  setTimeout(() => { place.textContent = text; }, 50);
}

// Put a piece of a log where it belongs. False where there is no such place, or something before it is missing.
function write(piece) {
  const log = part.querySelector(`pre[data-log="${CSS.escape(`${piece.attempt}-${piece.kind}`)}"]`);
  const end = log ? Number(log.dataset.end) : 0;
  if (!log || piece.start > end) return false;
  if (piece.end <= end) return true;
  const below = log.scrollHeight - log.scrollTop - log.clientHeight < 8;
  const fresh = piece.start < end ? Array.from(piece.text).slice(end - piece.start).join("") : piece.text;
  log.append(fresh.replaceAll("\r\n", "\n").replace(INVISIBLE, ""));
  log.normalize();
  if (log.textContent.length > LONGEST_LOG) log.textContent = `[...]\n${log.textContent.slice(-KEPT_OF_LOG)}`;
  log.dataset.end = piece.end;
  if (below) log.scrollTop = log.scrollHeight;
  return true;
}

// Load the detailed results of a part again. False where they are not shown here.
function reload(id) {
  const frames = part.querySelectorAll(`iframe[data-detail="${Number(id)}"]`);
  for (const frame of frames) {
    const url = new URL(frame.src, location.href);
    url.searchParams.set("at", Date.now());
    frame.src = url;
  }
  return frames.length > 0;
}

// Make `old` like `fresh` and touch only what differs, so that what is open, chosen or scrolled stays so.
function update(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.nodeName === "TIME" && old.dateTime === fresh.dateTime) return;
  if (old.nodeName === "PRE" && old.dataset.log && old.dataset.log === fresh.dataset.log) {
    if (Number(old.dataset.end) >= Number(fresh.dataset.end)) return;
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !(name === "open" || name === "title")) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.nodeName === "DETAILS" && name === "open") continue;
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  arrange(old, [...fresh.childNodes]);
}

function arrange(parent, wanted) {
  const keyed = new Map();
  for (const child of parent.children) if (child.dataset.key) keyed.set(child.dataset.key, child);
  let place = parent.firstChild;
  for (const fresh of wanted) {
    const key = fresh.dataset?.key;
    let old = key ? keyed.get(key) : alike(place, fresh) ? place : null;
    if (old) {
      const before = key ? own(old) : "";
      const values = key ? own(old, ".rank") : "";
      const moves = old !== place;
      if (moves) parent.insertBefore(old, place);
      update(old, fresh);
      if (key && (moves || own(old) !== before)) glow(old);
      if (key && own(old, ".rank") !== values) tell(old);
    } else {
      old = document.importNode(fresh, true);
      parent.insertBefore(old, place);
      if (key) glow(old);
      if (key) tell(old);
    }
    place = old.nextSibling;
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function alike(old, fresh) {
  if (!old || old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return false;
  return old.nodeType !== Node.ELEMENT_NODE || (!old.dataset.key && old.id === fresh.id);
}

// What is written in a row, but for times, which move by themselves, and what else is to be left out.
function text(element, less = "time") {
  const copy = element.cloneNode(true);
  for (const each of copy.querySelectorAll(`time, ${less}`)) each.remove();
  return copy.textContent;
}

// The same of what is the row's own: ranks, say, follow from those of others.
function own(row, less = "time") {
  if (!part.dataset.own) return text(row, less);
  return [...row.querySelectorAll(part.dataset.own)].map((each) => text(each, less)).join("\n");
}

// Remember a row whose values are new, and where it stands with them, for those who cannot see it move.
function tell(row) {
  const rank = row.querySelector("td.rank")?.firstChild?.textContent.trim();
  const name = row.querySelector("th, h2")?.firstChild?.textContent.trim();
  if (!name) return;
  if (!rank) { if (row.nodeName === "LI") ranked.push(`${name} has changed.`); return; }
  const place = Number(rank.replaceAll(",", ""));
  ranked.push(part.dataset.of && place ? `${name} is now ${ordinal(place)} of ${part.dataset.of}.` : `${name}: rank ${rank}.`);
}

function ordinal(number) {
  const endings = { one: "st", two: "nd", few: "rd", other: "th" };
  return `${number}${endings[new Intl.PluralRules("en", { type: "ordinal" }).select(number)]}`;
}

function glow(row) {
  if (!["TR", "LI"].includes(row.nodeName) || row.classList.contains("more")) return;
  row.classList.remove("moved");
  void row.offsetWidth;
  row.classList.add("moved");
  setTimeout(() => row.classList.remove("moved"), 1600);
}
