// The dialog of one reference: another name, a crop, another picture in its place.
import { composer } from "./composer-words.js";
import { openDialog } from "./overlays.js";
import { renamed, swap, upload } from "./references.js";
import { toast } from "./toast.js";

const SIDES = ["left", "top", "width", "height"];
const LEAST = 0.02;
let start = null; // where the pointer began to draw, in fractions

const dialog = () => document.getElementById("reference-dialog");
const form = () => dialog().querySelector("[data-reference-form=crop]");
const chip = () => document.querySelector(`#composer [data-reference="${dialog().dataset.edits}"]`);
const clamp = (value) => Math.min(1, Math.max(0, value));

async function load(address) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return toast({ text: "This reference is gone, or the studio did not answer.", kind: "bad" });
  show(await answer.text());
}

// The dialog stands beside the composer, since a form cannot stand inside another.
function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = document.adoptNode(page.querySelector("dialog"));
  if (dialog()) dialog().replaceChildren(...fresh.childNodes);
  else {
    document.body.append(fresh);
    openDialog(fresh);
  }
  draw();
}

async function send(sent) {
  const answer = await fetch(sent.action, { method: "POST", body: new URLSearchParams(new FormData(sent)), headers: { "HX-Request": "true" } }).catch(() => null);
  const html = answer && [200, 422].includes(answer.status) ? await answer.text() : "";
  if (!html) return toast({ text: "The studio did not answer. Nothing was changed.", kind: "bad" });
  if (answer.status === 422) {
    show(html);
    return dialog().querySelector(`[data-reference-form=${sent.dataset.referenceForm}] .field-error`)?.scrollIntoView({ block: "nearest" });
  }
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-chips] > *");
  const old = chip();
  dialog().close();
  if (old) (sent.dataset.referenceForm === "rename" ? renamed : swap)(old, document.adoptNode(fresh));
}

function box() {
  return SIDES.map((side) => Number.parseFloat(form().elements[side].value) || 0);
}

function write(values) {
  SIDES.forEach((side, index) => { form().elements[side].value = Number(values[index].toFixed(4)); });
  draw();
}

/** Width by height of the chosen ratio, in fractions of the picture; null where the box is free. */
function share() {
  const chosen = form().elements.ratio.value;
  if (chosen === "free") return null;
  const [wide, tall] = chosen.split(":").map(Number);
  const picture = dialog().querySelector("[data-crop-sheet] img");
  return ((wide / tall) * picture.height) / picture.width;
}

function fitted([left, top, width, height]) {
  const ratio = share();
  if (!ratio) return [left, top, width, height];
  const wide = Math.min(width, height * ratio);
  const tall = Math.min(height, width / ratio);
  return [left + (width - wide) / 2, top + (height - tall) / 2, wide, tall];
}

function draw() {
  const [left, top, width, height] = fitted(box());
  const rect = dialog().querySelector(".crop-box");
  for (const [name, value] of Object.entries({ x: left, y: top, width: Math.max(0, width), height: Math.max(0, height) })) rect.setAttribute(name, value);
  dialog().querySelector(".crop-shade").setAttribute("d", `M0 0H1V1H0Z M${left} ${top}V${top + height}H${left + width}V${top}Z`);
  const picture = dialog().querySelector("[data-crop-sheet] img");
  const size = [width * picture.getAttribute("width"), height * picture.getAttribute("height")].map(Math.round);
  dialog().querySelector("[data-crop-size]").textContent = `${size[0]} × ${size[1]} px`;
}

function point(event) {
  const sheet = dialog().querySelector("[data-crop-sheet]").getBoundingClientRect();
  return [clamp((event.clientX - sheet.left) / sheet.width), clamp((event.clientY - sheet.top) / sheet.height)];
}

// A copy that every route takes, in the place of a picture that does not fit.
async function mend(button) {
  button.disabled = true;
  const headers = { "HX-Request": "true", "X-CSRFToken": composer().elements.csrfmiddlewaretoken.value };
  const answer = await fetch(button.dataset.referenceRepair, { method: "POST", headers }).catch(() => null);
  const html = answer && [200, 422, 507].includes(answer.status) ? await answer.text() : "";
  const page = new DOMParser().parseFromString(html, "text/html");
  const old = composer().querySelector(`[data-reference="${button.dataset.repairs}"]`);
  const fresh = page.querySelector("[data-chips] > *");
  button.disabled = false;
  if (fresh && old) return swap(old, document.adoptNode(fresh));
  const sentence = page.querySelector("[data-refused] > li")?.textContent.trim();
  toast({ text: sentence ?? "The studio did not answer. Nothing was changed.", kind: "bad" });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reference-edit]");
  if (button) load(button.dataset.referenceEdit);
  const mender = event.target.closest("[data-reference-repair]");
  if (mender) mend(mender);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-reference-form]")) return;
  event.preventDefault();
  send(event.target);
});
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-reference-replace]")) return;
  const [old, files] = [chip(), [...event.target.files]];
  dialog().close();
  upload(files, old);
});
document.addEventListener("input", (event) => event.target.closest?.("[data-reference-form=crop]") && draw());
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest?.("[data-crop-sheet]")) return;
  event.preventDefault();
  start = point(event);
});
document.addEventListener("pointermove", (event) => {
  if (!start || !dialog()) return;
  const end = point(event);
  const size = [0, 1].map((axis) => Math.abs(end[axis] - start[axis]));
  if (Math.min(...size) > LEAST) write([Math.min(start[0], end[0]), Math.min(start[1], end[1]), ...size]);
});
document.addEventListener("pointerup", () => { start = null; });
