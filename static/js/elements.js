// Elements: photos that are sent while the form is filled in, handles that follow the name, and drops anywhere.
import { toast } from "./toast.js";

const PICTURES = /^image\/(png|jpeg|webp|avif)$/;
const USUAL = ["front", "three-quarter", "profile", "back", "expression", "detail"];
const LOST = "The studio did not answer. The photo was not stored; send it again.";

const making = () => document.getElementById("making");
const chips = () => [...document.querySelectorAll("#making-chips [data-photo]")];
const angleOf = (chip) => chip.querySelector("select[name=angle]");

// Making one: every photo goes up at once and comes back as a chip, so that a refused form has lost none.
async function upload(files) {
  for (const file of files) await send(file);
  settle();
}

async function send(file) {
  const form = making();
  const name = file.name || "pasted picture";
  const body = new FormData();
  body.append("file", file, file.name || "pasted.png");
  const shown = line(name);
  const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, "HX-Request": "true" };
  const answer = await fetch(form.dataset.stage, { method: "POST", body, headers }).catch(() => null);
  if (!answer || ![200, 422, 507].includes(answer.status)) return refuse(shown, `${name}: ${LOST}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const chip of page.querySelectorAll("[data-chips] > *")) place(document.adoptNode(chip));
  const refused = [...page.querySelectorAll("[data-refused] > li")].map((item) => item.textContent.trim());
  if (refused.length) refuse(shown, refused.join(" "));
  else shown.remove();
}

function line(name) {
  const item = document.createElement("li");
  item.className = "info";
  item.textContent = `Sending ${name}`;
  document.getElementById("making-uploads").append(item);
  return item;
}

function refuse(item, sentence) {
  item.className = "bad";
  item.setAttribute("role", "alert");
  item.textContent = sentence;
}

function place(chip) {
  const taken = chips().map((one) => angleOf(one).value);
  document.getElementById("making-drop").before(chip);
  angleOf(chip).value = USUAL.find((angle) => !taken.includes(angle)) ?? "other";
}

// One front, and it stands first; the photo that was the front takes the other's angle.
function turned(select) {
  if (select.value === "front") {
    const before = chips().find((chip) => angleOf(chip) !== select && angleOf(chip).value === "front");
    if (before) angleOf(before).value = select.dataset.before === "front" ? "other" : select.dataset.before;
    chips()[0].before(select.closest("[data-photo]"));
    select.focus();
  }
  settle();
}

/** What follows from the photos: which angle each has now, and the front on which a face is marked. */
function settle() {
  for (const chip of chips()) angleOf(chip).dataset.before = angleOf(chip).value;
  const front = chips().find((chip) => angleOf(chip).value === "front");
  document.getElementById("making-face").disabled = !front;
  show(front);
}

function show(front) {
  const sheet = making().querySelector("[data-boxes]");
  const picture = sheet.querySelector("[data-box-picture]");
  const source = front?.querySelector("img").src ?? "";
  const before = picture.getAttribute("href");
  if (before === source) return;
  for (const part of [picture, sheet.querySelector("svg")]) {
    part.setAttribute("width", front?.dataset.width ?? 1);
    part.setAttribute("height", front?.dataset.height ?? 1);
  }
  sheet.setAttribute("viewBox", `0 0 ${front?.dataset.width ?? 1} ${front?.dataset.height ?? 1}`);
  picture.setAttribute("href", source);
  if (before) forget();
}

// A face that was marked is that of the photo before.
function forget() {
  for (const side of ["left", "top", "width", "height"]) making().elements[side].value = "";
  making().elements.left.dispatchEvent(new Event("input", { bubbles: true }));
}

// The handle follows the name until somebody writes one.
function suggest(name) {
  const handle = making().elements.handle;
  if (handle.dataset.own) return;
  const plain = name.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  handle.value = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 30).replace(/-$/, "");
}

// Drops: on a place for photos, or anywhere on a page that has one for them.
const target = (event) => event.target.closest?.(".drop:has(input[type=file])") ?? document.querySelector("[data-drop-anywhere]");

function dragged(event) {
  const place = target(event);
  if (!place || ![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  unmark();
  place.setAttribute("data-over", "");
}

function unmark() {
  for (const place of document.querySelectorAll(".drop[data-over]")) place.removeAttribute("data-over");
}

function dropped(event) {
  const place = target(event);
  unmark();
  if (!place || !event.dataTransfer.files.length) return;
  event.preventDefault();
  give(place, event.dataTransfer.files);
}

function give(place, files) {
  const input = place.querySelector("input[type=file]");
  const all = new DataTransfer();
  for (const file of [...files].slice(0, input.multiple ? undefined : 1)) all.items.add(file);
  input.files = all.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function pasted(event) {
  const files = [...event.clipboardData.files].filter((file) => PICTURES.test(file.type));
  const place = document.querySelector("[data-drop-anywhere]");
  if (!place || !files.length || event.clipboardData.types.includes("text/plain")) return;
  event.preventDefault();
  give(place, files);
}

function changed(event) {
  const input = event.target;
  if (input.matches("[data-submits]") && input.value) {
    input.closest("form").requestSubmit();
    toast({ text: "Sending the photos", kind: "info" });
  } else if (making() && input.matches("#making-drop input[type=file]")) {
    upload([...input.files]);
    input.value = "";
  } else if (input.matches("#making-chips select[name=angle]")) turned(input);
}

const ours = () => Boolean(making() || document.querySelector("[data-drop-anywhere], .drop [data-submits]"));
document.addEventListener("change", changed);
document.addEventListener("dragover", (event) => ours() && dragged(event));
document.addEventListener("dragleave", (event) => !event.relatedTarget && ours() && unmark());
document.addEventListener("drop", (event) => ours() && dropped(event));
document.addEventListener("paste", (event) => ours() && pasted(event));
document.addEventListener("click", (event) => {
  const button = event.target.closest("#making-chips [data-photo-remove]");
  if (!button) return;
  button.closest("[data-photo]").remove();
  settle();
  document.querySelector("#making-drop input").focus();
});
document.addEventListener("input", (event) => {
  if (!making()?.contains(event.target)) return;
  if (event.target.name === "name") suggest(event.target.value);
  if (event.target.name === "handle") event.target.dataset.own = event.target.value;
});
document.addEventListener("toggle", (event) => {
  if (event.newState === "open" && event.target.matches?.("details.edit")) event.target.querySelector("[name=value]").focus();
}, true);
if (making()) {
  making().elements.handle.dataset.own = making().elements.handle.value;
  settle();
}
