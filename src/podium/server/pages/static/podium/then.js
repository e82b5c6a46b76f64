// A slider over the moments of a board, where the form alone asks for one moment after the other.
// <form data-moments="2026-11-01T12:00:00Z ..."> has an input named `at`; #then is the part that shows a moment.

const form = document.querySelector("form[data-moments]");
const moments = form ? form.dataset.moments.split(" ").filter(Boolean) : [];
const field = form ? form.elements.namedItem("at") : null;

if (field && moments.length > 1) addSlider();

function addSlider() {
  const line = document.createElement("p");
  const label = document.createElement("label");
  const slider = document.createElement("input");
  slider.type = "range";
  slider.id = "moment";
  slider.min = 0;
  slider.max = moments.length - 1;
  slider.value = nearest();
  label.htmlFor = slider.id;
  label.textContent = "Moment";
  line.append(label, " ", slider);
  form.append(line);
  slider.addEventListener("input", () => { tell(slider); });
  slider.addEventListener("change", () => { show(moments[slider.value]); });
  tell(slider);
}

// The last moment that is not after the one shown.
function nearest() {
  const shown = `${field.value}Z`;
  const place = moments.findLastIndex((moment) => moment <= shown);
  return place < 0 ? 0 : place;
}

function tell(slider) {
  const moment = moments[slider.value];
  slider.setAttribute("aria-valuetext", `${moment.slice(0, 10)} ${moment.slice(11, 16)} UTC`);
}

let asked = 0;

async function show(moment) {
  const address = new URL(location.href);
  // One task of several stays chosen; the page is that of another board.
  const task = new URLSearchParams(location.search).get("task");
  address.search = new URLSearchParams(task ? { task, at: moment } : { at: moment });
  const number = ++asked;
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  // A later one may have been chosen meanwhile.
  if (number !== asked) return;
  if (!answer || !answer.headers.get("content-type")?.startsWith("text/html")) { location.assign(address); return; }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("then");
  if (!fresh) { location.assign(address); return; }
  document.getElementById("then").replaceWith(document.importNode(fresh, true));
  field.value = moment.slice(0, 19);
  history.replaceState(null, "", address);
  document.dispatchEvent(new Event("podium:changed"));
}
