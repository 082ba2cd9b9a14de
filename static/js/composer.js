// The composer: counts, keeps what was typed, asks for a preview after every change, and takes elements out.
// Words are never swapped by a preview; an answer that is older than the last key is thrown away.
import { adopt, asked, follow, restore, save } from "./composer-draft.js";
import { append, composer, mentionsOf, rewrite, write } from "./composer-words.js";
import { sortable } from "./dragging.js";
import { isChoosing, mirrorAll } from "./mentions.js";
import "./guidance.js";
import "./pasting.js";
import "./reference-edit.js";
import "./reference-wait.js";
import "./references.js";
import { match, modeChosen } from "./series-rows.js";
import { toast } from "./toast.js";

const PREVIEW_AFTER = 250;
let timer = 0;
let advancedOpen = false;

/** Something in the form changed, by hand or by a module. */
function changed(form) {
  document.getElementById("composer-preview").dispatchEvent(new CustomEvent("htmx:abort"));
  clearTimeout(timer);
  if (!isChoosing()) timer = setTimeout(() => htmx.trigger("#composer-preview", "framehouse:preview"), PREVIEW_AFTER);
  count(form);
  save(form);
}

const isSeries = (form) => form.elements.mode.value === "series";

// The words as they are sent: a series says its style, then each panel under its number.
function sent(form) {
  const style = form.elements.prompt.value;
  const panels = [...form.querySelectorAll("[name=panel]")].map((area) => area.value.trim());
  if (!isSeries(form) || !panels.some(Boolean)) return style;
  return [style.trim(), ...panels.map((panel, index) => `Panel ${index + 1}: ${panel}`)].filter(Boolean).join("\n");
}

// Code points of the text as it is sent: a line end is one, an emoji outside the basic plane is one.
function count(form) {
  const limit = Number(document.getElementById("composer-offer").dataset.limit);
  const typed = [...sent(form).replace(/\r\n?/g, "\n")].length;
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
  if (isSeries(form)) match(Number(number));
  else form.elements.count.dispatchEvent(new Event("input", { bubbles: true }));
}

// Taking an element out takes its mentions out as well; an @ and a name are all that holds it.
function takeOut(form, button) {
  button.closest("li").remove();
  rewrite((words) => words.replace(mentionsOf(button.dataset.elementRemove), "").replace(/ {2,}/g, " "));
  changed(form);
}

function move(chip, step) {
  if (step < 0) chip.previousElementSibling?.before(chip);
  else chip.nextElementSibling?.after(chip);
}

// An outfit is said where the element is first mentioned; another one takes its place.
function dress(form, outfit) {
  const { name } = outfit.closest("li").dataset;
  const others = [...outfit.options].map((option) => option.value).filter(Boolean);
  const said = ` wearing: ${outfit.value},`;
  const area = [...form.querySelectorAll("[data-mentions]")].find((one) => mentionsOf(name).test(one.value));
  if (!area) append(`@${name}${said.slice(0, -1)}.`);
  else {
    const bare = others.reduce((words, other) => words.replaceAll(` wearing: ${other},`, ""), area.value);
    const end = mentionsOf(name).exec(bare).index + name.length + 1;
    write(area, bare.slice(0, end) + said + bare.slice(end));
  }
  outfit.value = "";
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
  if (advancedOpen) form.querySelector("#composer-advanced").closest("details").open = true;
}

function clicked(event) {
  const form = composer();
  const button = event.target.closest("#composer button");
  if (!button) return;
  if (button.dataset.count) setCount(form, button.dataset.count);
  if ("elementRemove" in button.dataset) takeOut(form, button);
  if ("elementMove" in button.dataset) {
    const chip = button.closest("li");
    move(chip, Number(button.dataset.elementMove));
    changed(form);
    // At an end of the list the button is gone; the one beside it goes the other way.
    [button, ...chip.querySelectorAll("[data-element-move]")].find((one) => one.checkVisibility())?.focus();
  }
  if (button.dataset.set) {
    form.elements[button.dataset.set].value = button.dataset.value;
    changed(form);
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("#composer");
  if (!form || event.target.type === "file") return;
  if (event.target.name === "mode") modeChosen(event.target.value);
  changed(form);
});
document.addEventListener("click", clicked);
document.addEventListener("change", (event) => {
  if (event.target.matches?.("#composer [data-outfit]") && event.target.value) dress(composer(), event.target);
  // Typed by hand, the number of panels makes its rows; while it is typed nothing jumps.
  if (event.target.matches?.("#composer-number") && isSeries(composer())) match(Number(event.target.value));
});
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("#composer details:has(> #composer-advanced)")) advancedOpen = event.target.open;
}, true);
document.addEventListener("htmx:after:swap", swapped);
// Another version of an element counts from now on: its chip and the findings follow.
document.addEventListener("framehouse:recast", () => composer() && changed(composer()));
sortable("#composer [data-element-grip]", ".cast-chip:has(input[name=element])", () => changed(composer()));

if (composer()) {
  swapped();
  if ("prefilled" in composer().dataset) adopt(composer());
  else if (asked()) arrive();
  else restore(composer()).then(swapped);
}

async function arrive() {
  const undo = await follow(composer(), asked(), append);
  swapped();
  if (undo) toast({ text: "The composer is filled in from the link; your draft was put aside.", undo, label: "Take my draft" });
}
