// Panels of a series as rows: add, remove, move, and a story that is pasted in one text taken apart.
import { mirrorAll } from "./mentions.js";
import { toast } from "./toast.js";

const MOST = 9;
const LEAST = 2;
const STORY = /panel\s*1\s*[:.–-][\s\S]*panel\s*2\s*[:.–-]|\bfirst\b[\s\S]*\b(then|next|finally)\b/i;

const box = () => document.getElementById("composer-panels");
const rows = () => [...box().querySelectorAll(".panel-row")];
const prompt = () => document.getElementById("composer-prompt");
const isSeries = () => document.querySelector("#composer input[name=mode]:checked")?.value === "series";

function told() {
  rows().forEach((row, index) => {
    const number = index + 1;
    row.querySelector("[data-panel-number]").textContent = number;
    row.querySelector("textarea").setAttribute("aria-label", `Panel ${number}`);
    row.querySelector("[data-panel-move]").setAttribute("aria-label", `Move panel ${number} up`);
    row.querySelector("[data-panel-remove]").setAttribute("aria-label", `Remove panel ${number}`);
  });
  const count = document.querySelector("#composer [name=count]");
  count.value = rows().length;
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
  const words = row.querySelector("textarea").value;
  row.remove();
  told();
  (after ?? rows().at(-1)).querySelector("textarea").focus();
  if (words.trim()) toast({ text: "The panel was removed.", undo: () => restore(row, after) });
}

function restore(row, after) {
  if (after?.isConnected) after.before(row);
  else box().querySelector("ol").append(row);
  told();
}

/** Make as many rows as the count asks for; rows with words are never taken away. */
export function match(number) {
  if (!box() || !Number.isInteger(number) || number < LEAST || number > MOST) return;
  while (rows().length < number) add();
  for (const row of rows().reverse()) {
    if (rows().length > number && !row.querySelector("textarea").value.trim()) row.remove();
  }
  if (rows().length !== number) told();
}

async function take(text) {
  const form = document.getElementById("composer");
  const body = new URLSearchParams({ text });
  const answer = await fetch(box().dataset.split, { method: "POST", body, headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value } }).catch(() => null);
  const story = answer?.ok ? await answer.json() : null;
  if (!story?.panels.length) return;
  prompt().value = story.style;
  while (rows().length > 1) rows().at(-1).remove();
  rows()[0].querySelector("textarea").value = story.panels[0];
  story.panels.slice(1).forEach((panel) => add(panel));
  told();
  prompt().dispatchEvent(new Event("input", { bubbles: true }));
}

function shown() {
  if (!box()) return;
  box().hidden = !isSeries();
  document.querySelector("label[for=composer-prompt]").textContent = isSeries() ? "Style of all panels" : "Prompt";
  box().querySelector("[data-panel-split]").hidden = !(isSeries() && STORY.test(prompt().value));
}

document.addEventListener("click", (event) => {
  const inside = event.target.closest?.("#composer-panels");
  if (!inside) return;
  const row = event.target.closest(".panel-row");
  if (event.target.closest("[data-panel-add]")) {
    add()?.querySelector("textarea").focus();
    told();
  } else if (event.target.closest("[data-panel-split]")) take(prompt().value);
  else if (event.target.closest("[data-panel-remove]")) remove(row);
  else if (event.target.closest("[data-panel-move]") && row.previousElementSibling) {
    row.previousElementSibling.before(row);
    told();
    row.querySelector("[data-panel-move]").focus();
  }
});
document.addEventListener("paste", (event) => {
  const area = event.target.closest?.("#composer [data-mentions]");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!area || !isSeries() || !STORY.test(text)) return;
  event.preventDefault();
  const before = area === prompt() ? area.value : prompt().value;
  take(`${before} ${text}`.trim());
});
document.addEventListener("input", (event) => event.target.closest?.("#composer") && shown());
document.addEventListener("htmx:after:swap", shown);
shown();
