// The composer: counts, keeps what was typed, asks for a preview after every change, and takes references in.
// Words are never swapped by a preview; an answer that is older than the last key is thrown away.
import { adopt, asked, follow, restore, save } from "./composer-draft.js";
import { mirror, mirrorAll } from "./mentions.js";
import "./references.js";
import { match } from "./series-rows.js";
import { toast } from "./toast.js";

const PREVIEW_AFTER = 250;
let timer = 0;
let advancedOpen = false;

const composer = () => document.getElementById("composer");

/** Something in the form changed, by hand or by a module. */
function changed(form) {
  document.getElementById("composer-preview").dispatchEvent(new CustomEvent("htmx:abort"));
  clearTimeout(timer);
  timer = setTimeout(() => htmx.trigger("#composer-preview", "framehouse:preview"), PREVIEW_AFTER);
  count(form);
  save(form);
}

// Code points of the text as it is sent: a line end is one, an emoji outside the basic plane is one.
function count(form) {
  const limit = Number(document.getElementById("composer-offer").dataset.limit);
  const typed = [...form.elements.prompt.value.replace(/\r\n?/g, "\n")].length;
  const box = document.getElementById("composer-count");
  box.querySelector("[data-typed]").textContent = typed.toLocaleString("en");
  box.querySelector("[data-of]").textContent = limit.toLocaleString("en");
  box.classList.toggle("bad", typed > limit);
  const meter = document.getElementById("composer-meter");
  meter.max = limit;
  meter.value = Math.min(typed, limit);
}

function setCount(form, number) {
  form.elements.count.value = number;
  for (const button of form.querySelectorAll("[data-count]")) button.setAttribute("aria-pressed", button.dataset.count === number);
  if (form.elements.mode.value === "series") match(Number(number));
  form.elements.count.dispatchEvent(new Event("input", { bubbles: true }));
}

function modeChosen(form, mode) {
  if (mode !== "series") return;
  const rows = form.querySelectorAll(".panel-row").length;
  setCount(form, String(rows >= 2 ? rows : 4));
}

// Taking an element out takes its mentions out as well; an @ and a name are all that holds it.
function takeOut(form, name) {
  const mention = new RegExp(`(^|[^\\w@])@${name}(?![a-z0-9_-]|@)`, "gi");
  for (const area of form.querySelectorAll("[data-mentions]")) {
    area.value = area.value.replace(mention, "$1").replace(/ {2,}/g, " ");
    mirror(area);
  }
}

function addWords(area, words) {
  area.value = `${area.value.trimEnd()} ${words}`.trim();
  mirror(area);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

// A part that was swapped in shows what is wrong; the field that it belongs to carries the mark.
function markFields(form) {
  for (const name of ["prompt", "negative_prompt", "seed", "count"]) {
    const wrong = Boolean(document.getElementById(`error-${name}`));
    form.elements[name].toggleAttribute("aria-invalid", wrong);
    if (wrong) form.elements[name].setAttribute("aria-invalid", "true");
  }
}

function swapped() {
  const form = composer();
  if (!form) return;
  count(form);
  markFields(form);
  mirrorAll();
  if (advancedOpen) form.querySelector("details.more-options").open = true;
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("#composer");
  if (!form || event.target.type === "file") return;
  if (event.target.name === "mode") modeChosen(form, event.target.value);
  changed(form);
});
document.addEventListener("click", (event) => {
  const form = composer();
  const button = event.target.closest("#composer [data-count]");
  if (button) setCount(form, button.dataset.count);
  const out = event.target.closest("#composer [data-element-remove]");
  if (out) {
    takeOut(form, out.dataset.elementRemove);
    out.closest("li").remove();
    changed(form);
  }
  if (event.target.closest("#composer [data-relation]")) {
    addWords(form.elements.prompt, document.getElementById("composer-relation").textContent);
  }
});
document.addEventListener("change", (event) => {
  const outfit = event.target.closest?.("#composer [data-outfit]");
  if (!outfit?.value) return;
  addWords(composer().elements.prompt, `@${outfit.closest("li").querySelector("[data-element-remove]").dataset.elementRemove} wears: ${outfit.value}.`);
  outfit.value = "";
});
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("#composer details.more-options")) advancedOpen = event.target.open;
}, true);
document.addEventListener("htmx:after:swap", swapped);

if (composer()) {
  swapped();
  if ("prefilled" in composer().dataset) adopt(composer());
  else if (asked()) arrive();
  else restore(composer()).then(swapped);
}

async function arrive() {
  const undo = await follow(composer(), asked(), (words) => addWords(composer().elements.prompt, words));
  swapped();
  if (undo) toast({ text: "The composer is filled in from the link; your draft was put aside.", undo, label: "Take my draft" });
}
