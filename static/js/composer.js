// The composer: counts, keeps what was typed, asks for a preview after every change, and takes references in.
// Words are never swapped by a preview; an answer that is older than the last key is thrown away.
import { adopt, restore, save } from "./composer-draft.js";
import "./references.js";

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
  form.elements.count.dispatchEvent(new Event("input", { bubbles: true }));
}

function modeChosen(form, mode) {
  if (mode === "series" && Number(form.elements.count.value) < 2) setCount(form, "4");
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
  if (advancedOpen) form.querySelector("details.more-options").open = true;
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("#composer");
  if (!form || event.target.type === "file") return;
  if (event.target.name === "mode") modeChosen(form, event.target.value);
  changed(form);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("#composer [data-count]");
  if (button) setCount(composer(), button.dataset.count);
});
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("#composer details.more-options")) advancedOpen = event.target.open;
}, true);
document.addEventListener("htmx:after:swap", swapped);

if (composer()) {
  swapped();
  if ("prefilled" in composer().dataset) adopt(composer());
  else restore(composer()).then(swapped);
}
