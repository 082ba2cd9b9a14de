// References of the composer: upload with progress, drop and paste anywhere, pick, order, replace, remove.
import { save } from "./composer-draft.js";
import { composer, insert, mentionsOf, prompt, rewrite } from "./composer-words.js";
import { sortable } from "./dragging.js";
import { fillSlot } from "./guidance.js";
import { toast } from "./toast.js";

const PICTURES = /^image\/(png|jpeg|webp|avif)$/;
const OWN_PICTURE = /\/outputs\/([0-9a-f-]{36})\//;
const ADDRESS = /^\s*https?:\/\/\S+\s*$/i;
const LOST = "The studio did not answer. The file was not stored; send it again.";
const FULL = "The studio's disk is full. Nothing was stored; tell whoever runs the studio, then send it again.";

/** Send files one after the other, so that they stand in their order; the first takes the place it was given. */
export async function upload(files, place = null) {
  const lines = [...files].map((file) => [file, line(file.name || "pasted picture")]);
  for (const [index, [file, shown]] of lines.entries()) {
    const body = new FormData();
    body.append("file", file, file.name || "pasted.png");
    await send(body, shown, index ? null : place);
  }
}

function send(body, shown, place = null) {
  const form = composer();
  const request = new XMLHttpRequest();
  request.open("POST", form.dataset.references);
  request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("HX-Current-URL", location.href);
  request.upload.addEventListener("progress", (event) => shown?.progress(event.loaded / event.total));
  return new Promise((resolve) => {
    request.addEventListener("load", () => received(request, shown, place));
    request.addEventListener("error", () => refused(shown, [LOST]));
    request.addEventListener("loadend", resolve);
    request.send(body);
  });
}

function received(request, shown, place) {
  const signIn = request.getResponseHeader("HX-Redirect");
  if (signIn) return leave(signIn);
  if (![200, 422, 507].includes(request.status)) return refused(shown, [LOST]);
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  for (const chip of page.querySelectorAll("[data-chips] > *")) settle(document.adoptNode(chip), place);
  const sentences = [...page.querySelectorAll("[data-refused] > li")].map((item) => item.textContent.trim());
  if (sentences.length) refused(shown, sentences);
  else if (request.status === 507) refused(shown, [FULL]);
  else shown?.remove();
  told();
}

// Where a new chip goes: in the place of another, into a place that waits for one, or at the end.
export function settle(chip, place) {
  const slot = document.querySelector("#composer-chips [data-slot]");
  if (chip.matches("[data-wanted]")) waitFor(chip);
  else if (place?.matches("[data-reference]") && place.isConnected) swap(place, chip);
  else if (place?.matches("[data-slot]") && place.isConnected) fillSlot(place, chip);
  else if (slot && !standing(chip)) fillSlot(slot, chip);
  else if (standing(chip)) toast({ text: "This picture is among the references already." });
  else (place?.matches("[data-wanted]") ? place : document.getElementById("composer-drop")).before(chip);
}

// The place of a picture that the studio fetches from its address; `reference-wait.js` asks for it.
function waitFor(place) {
  if (!document.querySelector(`#composer-chips [data-wanted="${place.dataset.wanted}"]`)) document.getElementById("composer-drop").before(place);
}

const standing = (chip) => document.querySelector(`#composer-chips [data-reference="${chip.dataset.reference}"]`);

/** Another picture in the place of one: it plays the same role and the prompt calls it the same. */
export function swap(old, chip) {
  if (chip.dataset.reference !== old.dataset.reference && standing(chip)) return toast({ text: "This picture is among the references already." });
  chip.querySelector("select[name=role]").value = old.querySelector("select[name=role]").value;
  call(chip, old.dataset.called);
  old.replaceWith(chip);
  told();
  offerRedo(old, chip);
}

function call(chip, name) {
  chip.dataset.called = name;
  chip.querySelector("input[name=called]").value = name;
  const button = chip.querySelector("[data-reference-mention]");
  button.textContent = `@${name}`;
  button.title = `Put @${name} into the prompt`;
}

/** A reference under its new name; the words follow. */
export function renamed(old, chip) {
  const before = old.dataset.called;
  chip.querySelector("select[name=role]").value = old.querySelector("select[name=role]").value;
  old.replaceWith(chip);
  rewrite((words) => words.replace(mentionsOf(before), `@${chip.dataset.called}`));
  told();
}

// The swap and the order for new pictures in one move, with its price.
function offerRedo(old, chip) {
  const item = document.createElement("li");
  item.className = "ok";
  item.textContent = `@${chip.dataset.called} is ${chip.querySelector("img").alt} now. `;
  const redo = document.createElement("button");
  redo.type = "button";
  redo.textContent = "Generate with it";
  redo.addEventListener("click", () => {
    item.remove();
    composer().requestSubmit();
  });
  const undo = document.createElement("button");
  undo.type = "button";
  undo.textContent = "Undo";
  undo.addEventListener("click", () => {
    item.remove();
    if (chip.isConnected) chip.replaceWith(old);
    told();
  });
  item.append(redo, " ", undo);
  for (const other of document.querySelectorAll("#composer-uploads > .ok")) other.remove();
  document.getElementById("composer-uploads").append(item);
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
    refuse: (sentence) => { item.className = "bad"; item.textContent = sentence; item.append(" ", dismiss(item)); },
  };
}

function dismiss(item) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Dismiss";
  button.addEventListener("click", () => item.remove());
  return button;
}

export function refused(shown, sentences) {
  for (const sentence of sentences) {
    if (shown) shown.refuse(sentence);
    else toast({ text: sentence, kind: "bad" });
  }
}

// Numbers follow the order; names do not. The preview asks for the price of what stands there now.
export function told() {
  document.querySelectorAll("#composer-chips [data-number]").forEach((place, index) => { place.textContent = index + 1; });
  prompt().dispatchEvent(new Event("input", { bubbles: true }));
}

function pick(field, value, place = null) {
  const body = new FormData();
  body.append(field, value);
  return send(body, field === "address" ? line(value.trim()) : null, place);
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
  } else if (chip && event.target.closest("[data-reference-mention]")) {
    insert(prompt(), `@${chip.dataset.called} `);
  } else if (chip && event.target.closest("[data-reference-remove]")) {
    chip.remove();
    document.querySelector("#composer-drop input").focus();
    told();
  }
}

const placeAt = (event) => event.target.closest?.("#composer [data-reference], #composer [data-slot]") ?? null;

// On a picture a drop replaces it; anywhere else it adds one.
function dragged(event) {
  const ours = composer() && [...event.dataTransfer.types].some((type) => type === "Files" || type === "text/uri-list");
  if (!ours) return;
  event.preventDefault();
  lightUp(placeAt(event) ?? document.getElementById("composer-drop"));
}

function lightUp(place) {
  for (const lit of document.querySelectorAll("#composer-chips [data-over]")) if (lit !== place) lit.removeAttribute("data-over");
  place?.setAttribute("data-over", "");
}

function dropped(event) {
  lightUp(null);
  if (!composer()) return;
  const address = event.dataTransfer.getData("text/uri-list");
  const own = OWN_PICTURE.exec(address);
  const files = [...event.dataTransfer.files];
  if (!own && !files.length && !ADDRESS.test(address)) return;
  event.preventDefault();
  if (own) pick("output", own[1], placeAt(event));
  else if (files.length) upload(files, placeAt(event));
  else pick("address", address);
}

function pasted(event) {
  const files = [...event.clipboardData.files].filter((file) => PICTURES.test(file.type));
  const isField = event.target.closest?.("input, textarea");
  const words = event.clipboardData.getData("text/plain");
  if (!composer() || (isField && words) || (!files.length && !ADDRESS.test(words))) return;
  event.preventDefault();
  if (files.length) upload(files);
  else pick("address", words);
}

sortable("#composer [data-reference-grip]", ".ref", told);
document.addEventListener("click", clicked);
document.addEventListener("dragover", dragged);
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) lightUp(null);
});
document.addEventListener("drop", dropped);
document.addEventListener("paste", pasted);
document.addEventListener("change", (event) => {
  if (!event.target.matches("#composer-chips input[type=file]")) return;
  upload([...event.target.files], event.target.closest("[data-slot]"));
  event.target.value = "";
});
