// Help with references: the five ways to begin, the sentence about roles, and what to keep and to change.
import { append, composer, mentionsOf, prompt, rewrite, write } from "./composer-words.js";
import { toast } from "./toast.js";

const LABELS = { subject: "Subject", scene: "Scene", composition: "Composition", style: "Style", palette: "Palette", texture: "Texture", product: "Product", lighting: "Lighting", character: "Character" };

// A start opens places for pictures and says its sentence; words that are there stay in front of it.
function begin(button) {
  const before = prompt().value;
  const drop = document.getElementById("composer-drop");
  button.dataset.roles.split(" ").forEach((role, index) => drop.before(slot(index + 1, role)));
  append(button.dataset.start);
  document.querySelector("#composer-chips [data-slot] input[type=file]").focus();
  if (before.trim()) toast({ text: "The sentence was put after your words.", undo: () => write(prompt(), before) });
}

function slot(number, role) {
  const place = document.createElement("label");
  place.className = "drop slot";
  Object.assign(place.dataset, { slot: number, role });
  const title = document.createElement("b");
  title.textContent = LABELS[role];
  const words = document.createElement("span");
  words.textContent = "drop or choose";
  const file = document.createElement("input");
  Object.assign(file, { type: "file", accept: "image/png,image/jpeg,image/webp,image/avif" });
  file.setAttribute("aria-label", `Picture for ${LABELS[role]}`);
  const kept = document.createElement("input");
  Object.assign(kept, { type: "hidden", name: "slot", value: `${number}:${role}` });
  place.append(title, words, file, kept);
  return place;
}

/** A reference fills a place: it plays the role, and the sentence calls it by its name. */
export function fillSlot(place, chip) {
  chip.querySelector("select[name=role]").value = place.dataset.role;
  const mark = mentionsOf(`image${place.dataset.slot}`);
  place.replaceWith(chip);
  rewrite((words) => words.replace(mark, `@${chip.dataset.called}`));
}

// The sentence that was added is known by its words alone; who changed them made them theirs.
function relate(button) {
  const said = document.getElementById("composer-relation").textContent;
  const { relation: act, old } = button.dataset;
  if (act === "add") append(said);
  else write(prompt(), prompt().value.replace(old, act === "update" ? said : "").replace(/ {2,}/g, " ").trim());
  composer().elements.relation.value = act === "out" ? "" : said;
  prompt().dispatchEvent(new Event("input", { bubbles: true }));
  prompt().focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("#composer button");
  if (!button) return;
  if (button.dataset.start) begin(button);
  if (button.dataset.relation) relate(button);
  if ("kept" in button.dataset) append(document.getElementById("composer-kept").textContent);
});
