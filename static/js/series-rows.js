// Panels of a series as rows: add, remove, move by button, key or hand, and a story in one text taken apart.
import { composer, prompt } from "./composer-words.js";
import { sortable } from "./dragging.js";
import { mirrorAll } from "./mentions.js";
import { toast } from "./toast.js";

const MOST = 9;
const LEAST = 2;
const STORY = /panel\s*1\s*[:.–-][\s\S]*panel\s*2\s*[:.–-]|\bfirst\b[\s\S]*\b(then|next|finally)\b/i;

const box = () => document.getElementById("composer-panels");
const rows = () => [...box().querySelectorAll(".panel-row")];
const isSeries = () => document.querySelector("#composer input[name=mode]:checked")?.value === "series";
const words = (row) => row.querySelector("textarea").value;
let stills = "4"; // pictures that were asked for before the series

function told() {
  rows().forEach((row, index) => {
    const number = index + 1;
    row.querySelector("[data-panel-number]").textContent = number;
    row.querySelector("textarea").setAttribute("aria-label", `Panel ${number}`);
    for (const button of row.querySelectorAll("[data-panel-move]")) button.setAttribute("aria-label", `Move panel ${number} ${button.dataset.panelMove === "1" ? "down" : "up"}`);
    row.querySelector("[data-panel-remove]").setAttribute("aria-label", `Remove panel ${number}`);
  });
  const count = composer().elements.count;
  count.value = rows().length;
  for (const button of composer().querySelectorAll("[data-count]")) button.setAttribute("aria-pressed", button.dataset.count === count.value);
  count.dispatchEvent(new Event("input", { bubbles: true }));
  mirrorAll();
}

function add(text = "") {
  if (rows().length >= MOST) return toast({ text: `A series has at most ${MOST} panels.` });
  const row = rows()[0].cloneNode(true);
  row.querySelector(".mirror")?.remove();
  row.querySelector("textarea").value = text;
  box().querySelector("ol").append(row);
  return row;
}

function remove(row) {
  if (rows().length <= LEAST) return toast({ text: `A series has at least ${LEAST} panels.` });
  const after = row.nextElementSibling;
  row.remove();
  told();
  (after ?? rows().at(-1)).querySelector("textarea").focus();
  if (words(row).trim()) toast({ text: "The panel was removed.", undo: () => restore(row, after) });
}

function restore(row, after) {
  if (after?.isConnected) after.before(row);
  else box().querySelector("ol").append(row);
  told();
}

function move(row, step) {
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  const held = document.activeElement;
  if (step < 0) other.before(row);
  else other.after(row);
  told();
  held.focus();
}

/** Make as many rows as the count asks for; rows with words are never taken away. */
export function match(number) {
  if (!box() || !Number.isInteger(number) || number < LEAST || number > MOST) return;
  while (rows().length < number) add();
  for (const row of rows().reverse()) {
    if (rows().length > number && !words(row).trim()) row.remove();
  }
  if (rows().length > number) toast({ text: `${rows().length} panels have words. Remove those that are too many.` });
  told();
}

/** A series asks for as many pictures as it has rows; a still for as many as before. */
export function modeChosen(mode) {
  const count = composer().elements.count;
  if (mode === "series") {
    if (count.value !== String(rows().length)) stills = count.value;
    told();
  } else {
    count.value = stills;
    count.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function fill(style, panels) {
  prompt().value = style;
  while (rows().length > 1) rows().at(-1).remove();
  rows()[0].querySelector("textarea").value = panels[0] ?? "";
  panels.slice(1).forEach((panel) => add(panel));
  told();
  prompt().dispatchEvent(new Event("input", { bubbles: true }));
}

async function take(text) {
  const form = composer();
  const before = [prompt().value, rows().map(words)];
  const body = new URLSearchParams({ text });
  const answer = await fetch(box().dataset.split, { method: "POST", body, headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value } }).catch(() => null);
  const story = answer?.ok ? await answer.json() : null;
  if (!story?.panels.length) return;
  fill(story.style, story.panels);
  if (before[1].some((row) => row.trim())) toast({ text: "The panels were replaced.", undo: () => fill(...before) });
}

function shown() {
  if (!box()) return;
  document.querySelector("label[for=composer-prompt]").textContent = isSeries() ? "Style of all panels" : "Prompt";
  box().querySelector("[data-panel-split]").hidden = !(isSeries() && STORY.test(prompt().value));
}

function clicked(event) {
  const row = event.target.closest(".panel-row");
  const mover = event.target.closest("[data-panel-move]");
  if (event.target.closest("[data-panel-add]")) {
    add()?.querySelector("textarea").focus();
    told();
  } else if (event.target.closest("[data-panel-split]")) take(prompt().value);
  else if (event.target.closest("[data-panel-remove]")) remove(row);
  else if (mover) move(row, Number(mover.dataset.panelMove));
}

document.addEventListener("click", (event) => event.target.closest?.("#composer-panels") && clicked(event));
document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.(".panel-row");
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!row || !step || !event.altKey) return;
  event.preventDefault();
  move(row, step);
});
sortable("#composer-panels [data-panel-grip]", ".panel-row", told);
document.addEventListener("paste", (event) => {
  const area = event.target.closest?.("#composer [data-mentions]");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!area || !isSeries() || !STORY.test(text)) return;
  event.preventDefault();
  take(`${prompt().value} ${text}`.trim());
});
document.addEventListener("input", (event) => event.target.closest?.("#composer") && shown());
document.addEventListener("htmx:after:swap", shown);
shown();
