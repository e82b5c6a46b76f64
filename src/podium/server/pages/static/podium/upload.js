// Makes a plain <form data-upload> with one <input type="file"> better: drag and drop, a progress bar, a cancel button,
// and errors shown in place. The server is told by the header HX-Request, answers a success with HX-Redirect and
// an error with a fragment. Without this module the form works as any other.

const MB = 1e6;

function size(bytes) {
  return bytes < MB ? `${Math.max(bytes / 1000, 0.1).toFixed(1)} kB` : `${(bytes / MB).toFixed(1)} MB`;
}

function note(title, text) {
  const box = document.createElement("div");
  box.className = "note bad";
  const heading = document.createElement("b");
  heading.textContent = title;
  const sentence = document.createElement("p");
  sentence.textContent = text;
  box.append(heading, sentence);
  return box;
}

// What refuses a file before our pages hear of it (it is too large, the disk is full) says so in JSON.
function refusal(request) {
  try {
    const said = JSON.parse(request.responseText);
    return note(said.detail ?? "The server did not take the file.", said.hint ?? "");
  } catch {
    return note("The server did not take the file.", `It answered with status ${request.status}. Try again later.`);
  }
}

class Upload {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=file]");
    this.zone = form.querySelector("[data-drop]");
    this.chosen = form.querySelector("[data-chosen]");
    this.errors = form.querySelector("[data-errors]");
    this.sending = form.querySelector("[data-sending]");
    this.bar = this.sending.querySelector("progress");
    this.said = this.sending.querySelector("[data-said]");
    this.cancel = this.sending.querySelector("[data-cancel]");
    this.buttons = [...form.querySelectorAll("button[type=submit]")];
    this.limit = Number(form.dataset.maxBytes) || Infinity;
    this.request = null;
    this.listen();
  }

  listen() {
    this.input.addEventListener("change", () => this.name());
    this.form.addEventListener("submit", (event) => this.send(event));
    this.cancel.addEventListener("click", () => this.request?.abort());
    for (const kind of ["dragenter", "dragover"]) {
      this.zone.addEventListener(kind, (event) => {
        event.preventDefault();
        this.zone.classList.add("over");
      });
    }
    this.zone.addEventListener("dragleave", (event) => {
      if (!this.zone.contains(event.relatedTarget)) this.zone.classList.remove("over");
    });
    this.zone.addEventListener("drop", (event) => this.drop(event));
  }

  drop(event) {
    event.preventDefault();
    this.zone.classList.remove("over");
    if (this.request || event.dataTransfer.files.length === 0) return;
    if (event.dataTransfer.files.length > 1) {
      this.explain(note("One file at a time.", "Put everything into one zip and drop that."));
      return;
    }
    this.input.files = event.dataTransfer.files;
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
    this.input.focus();
  }

  name() {
    const file = this.input.files[0];
    this.explain();
    this.chosen.textContent = file ? `${file.name}, ${size(file.size)}` : "";
    this.chosen.hidden = !file;
  }

  send(event) {
    const file = this.input.files[0];
    if (!file) return;
    event.preventDefault();
    if (this.request) return;
    this.explain();
    if (file.size > this.limit) {
      this.explain(note("The file is too large.", `It has ${size(file.size)}; at most ${size(this.limit)} are accepted.`));
      return;
    }
    const request = new XMLHttpRequest();
    request.open("POST", this.form.action || location.href);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("Accept", "text/html, application/json");
    request.upload.addEventListener("progress", (progress) => this.show(progress.loaded, progress.total));
    request.addEventListener("load", () => this.finish(request));
    request.addEventListener("error", () => this.fail("The connection was lost.", "Nothing was stored. Try again."));
    request.addEventListener("abort", () => this.fail("Cancelled.", "Nothing was stored."));
    const data = new FormData(this.form, event.submitter);
    this.busy(request);
    this.show(0, file.size);
    request.send(data);
  }

  show(loaded, total) {
    this.bar.max = total || 1;
    this.bar.value = loaded;
    const percent = Math.floor((100 * loaded) / (total || 1));
    this.said.textContent = loaded < total
      ? `${size(loaded)} of ${size(total)}, ${percent} %`
      : `${size(total)} sent. Checking the file…`;
  }

  busy(request) {
    this.request = request;
    const sending = request !== null;
    this.sending.hidden = !sending;
    this.form.setAttribute("aria-busy", String(sending));
    for (const button of this.buttons) button.disabled = sending;
    if (sending) this.cancel.focus();
  }

  finish(request) {
    const target = request.getResponseHeader("HX-Redirect");
    if (request.status < 400 && target) {
      location.assign(target);
      return;
    }
    this.busy(null);
    const type = request.getResponseHeader("Content-Type") ?? "";
    if (type.startsWith("text/html")) {
      const parsed = new DOMParser().parseFromString(request.responseText, "text/html");
      this.explain(...parsed.body.childNodes);
    } else {
      this.explain(refusal(request));
    }
  }

  fail(title, text) {
    this.busy(null);
    this.explain(note(title, text));
  }

  explain(...nodes) {
    this.errors.replaceChildren(...nodes);
    if (nodes.length === 0) return;
    this.errors.focus();
    this.errors.scrollIntoView({ block: "nearest" });
  }
}

for (const form of document.querySelectorAll("form[data-upload]")) new Upload(form);
