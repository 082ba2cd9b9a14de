// References of the composer: upload with progress, drop and paste anywhere, pick, order, remove.
import { save } from "./composer-draft.js";
import { toast } from "./toast.js";

const PICTURES = /^image\/(png|jpeg|webp|avif)$/;
const OWN_PICTURE = /\/outputs\/([0-9a-f-]{36})\//;
const LOST = "The studio did not answer. The file was not stored; send it again.";
const FULL = "The studio's disk is full. Nothing was stored; tell whoever runs the studio, then send it again.";

const composer = () => document.getElementById("composer");

/** Send files one after the other, so that they stand in their order; each has its own progress line. */
async function upload(files) {
  const lines = [...files].map((file) => [file, line(file.name || "pasted picture")]);
  for (const [file, shown] of lines) {
    const body = new FormData();
    body.append("file", file, file.name || "pasted.png");
    await send(body, shown);
  }
}

function send(body, shown) {
  const form = composer();
  const request = new XMLHttpRequest();
  request.open("POST", form.dataset.references);
  request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("HX-Current-URL", location.href);
  request.upload.addEventListener("progress", (event) => shown?.progress(event.loaded / event.total));
  return new Promise((resolve) => {
    request.addEventListener("load", () => received(request, shown));
    request.addEventListener("error", () => refused(shown, [LOST]));
    request.addEventListener("loadend", resolve);
    request.send(body);
  });
}

function received(request, shown) {
  const signIn = request.getResponseHeader("HX-Redirect");
  if (signIn) return leave(signIn);
  if (![200, 422, 507].includes(request.status)) return refused(shown, [LOST]);
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const drop = document.getElementById("composer-drop");
  for (const chip of page.querySelectorAll("[data-chips] > *")) drop.before(document.adoptNode(chip));
  const sentences = [...page.querySelectorAll("[data-refused] > li")].map((item) => item.textContent.trim());
  if (sentences.length) refused(shown, sentences);
  else if (request.status === 507) refused(shown, [FULL]);
  else shown?.remove();
  told();
}

// The session has ended: what was typed waits in this browser until the person is back; the file was not taken.
function leave(address) {
  save(composer());
  location.assign(address);
}

// A line under the references: the name and its progress, later perhaps why the file was refused.
function line(name) {
  const item = document.createElement("li");
  const bar = document.createElement("progress");
  item.className = "info";
  item.textContent = name;
  bar.className = "progress-live";
  bar.max = 1;
  item.append(bar);
  document.getElementById("composer-uploads").append(item);
  return {
    progress: (share) => { bar.value = share; },
    remove: () => item.remove(),
    refuse: (sentence) => { item.className = "bad"; item.textContent = sentence; item.append(dismiss(item)); },
  };
}

function dismiss(item) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = " Dismiss";
  button.addEventListener("click", () => item.remove());
  return button;
}

function refused(shown, sentences) {
  for (const sentence of sentences) {
    if (shown) shown.refuse(sentence);
    else toast({ text: sentence, kind: "bad" });
  }
}

// The prompt speaks of references by number, so their numbers follow their order.
function told() {
  document.querySelectorAll("#composer-chips [data-number]").forEach((place, index) => { place.textContent = index + 1; });
  composer().elements.prompt.dispatchEvent(new Event("input", { bubbles: true }));
}

function pick(field, uuid) {
  const body = new FormData();
  body.append(field, uuid);
  send(body, null);
}

function move(chip, step) {
  const other = step < 0 ? chip.previousElementSibling : chip.nextElementSibling;
  if (!other?.matches("[data-reference]")) return;
  if (step < 0) other.before(chip);
  else other.after(chip);
  told();
}

function clicked(event) {
  const choice = event.target.closest("[data-pick]");
  if (choice) {
    choice.closest("dialog").close();
    return pick(choice.dataset.pick, choice.dataset.uuid);
  }
  const chip = event.target.closest("#composer [data-reference]");
  const mover = event.target.closest("[data-reference-move]");
  if (chip && mover) {
    move(chip, Number(mover.dataset.referenceMove));
    mover.focus();
  } else if (chip && event.target.closest("[data-reference-remove]")) {
    chip.remove();
    document.querySelector("#composer-drop input").focus();
    told();
  }
}

function dragged(event) {
  const ours = composer() && [...event.dataTransfer.types].some((type) => type === "Files" || type === "text/uri-list");
  if (!ours) return;
  event.preventDefault();
  document.getElementById("composer-drop").setAttribute("data-over", "");
}

function dropped(event) {
  document.getElementById("composer-drop")?.removeAttribute("data-over");
  if (!composer()) return;
  const own = OWN_PICTURE.exec(event.dataTransfer.getData("text/uri-list"));
  const files = [...event.dataTransfer.files];
  if (!own && !files.length) return;
  event.preventDefault();
  if (own) pick("output", own[1]);
  else upload(files);
}

function pasted(event) {
  const files = [...event.clipboardData.files].filter((file) => PICTURES.test(file.type));
  const isText = event.target.closest?.("input, textarea") && event.clipboardData.types.includes("text/plain");
  if (!composer() || !files.length || isText) return;
  event.preventDefault();
  upload(files);
}

document.addEventListener("click", clicked);
document.addEventListener("dragover", dragged);
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.getElementById("composer-drop")?.removeAttribute("data-over");
});
document.addEventListener("drop", dropped);
document.addEventListener("paste", pasted);
document.addEventListener("change", (event) => {
  if (!event.target.matches("#composer-drop input[type=file]")) return;
  upload([...event.target.files]);
  event.target.value = "";
});
