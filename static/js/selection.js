// Selecting stills, and the bar of what can be done with them. The checked boxes are the selection.
import { curate } from "./curate.js";
import { register } from "./keys.js";
import { grid, refresh } from "./tiles.js";

let anchor = null; // where a range begins
let everything = false; // "all matching", beyond the tiles on the page

const boxes = () => [...(grid()?.querySelectorAll(".tile:not([hidden]) .tile-check") ?? [])];
const checked = () => boxes().filter((box) => box.checked);
const bar = () => document.getElementById("selection");
const focusedBox = () => document.activeElement.closest?.("#tiles .tile")?.querySelector(".tile-check");

/** UUIDs that an act is for: the selection, or else the tile with the focus. */
export function targets() {
  const chosen = checked().map((box) => box.value);
  const focused = focusedBox();
  return chosen.length || !focused ? chosen : [focused.value];
}

function show() {
  const count = checked().length;
  if (!count) everything = false;
  grid()?.classList.toggle("selecting", count > 0);
  if (!bar()) return;
  bar().hidden = count === 0;
  bar().querySelector("[data-count]").textContent = everything ? `All ${bar().dataset.total} selected` : `${count} selected`;
  fill(bar());
  const all = bar().querySelector("[data-select-all]");
  if (all) all.hidden = everything || count < boxes().length || !grid().querySelector(".more");
  for (const button of bar().querySelectorAll("[data-most]")) {
    button.disabled = everything || count < Number(button.dataset.least) || count > Number(button.dataset.most);
  }
}

function set(box, on) {
  box.checked = on;
  anchor = box;
  everything = false;
  show();
}

function range(box) {
  const all = boxes();
  const from = Math.max(all.indexOf(anchor), 0);
  const to = all.indexOf(box);
  for (const one of all.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = true;
  show();
}

export function clear() {
  for (const box of checked()) box.checked = false;
  show();
}

function selectAll() {
  for (const box of boxes()) box.checked = true;
  show();
}

async function act(name, value) {
  const ids = targets();
  if (!ids.length || !grid().dataset.curateUrl) return;
  const done = await curate(grid(), name, value, everything ? [] : ids, everything ? grid().dataset.query : null);
  if (done && everything) refreshAll(name);
  show();
}

function refreshAll(name) {
  if (name === "discard" || name === "restore") return location.reload();
  refresh(boxes().map((box) => box.value));
}

// A flag or a heart pressed again on stills that all have it takes it away.
function toggled(name, value) {
  const tiles = targets().map((id) => document.getElementById(`tile-${id}`));
  if (name === "favourite") return tiles.every((tile) => "favourite" in tile.dataset) ? "0" : "1";
  return value;
}

function compare() {
  const query = new URLSearchParams(targets().map((id) => ["id", id]));
  location.assign(`${grid().dataset.compareUrl}?${query}`);
}

// What a download or an export sends: the named stills, or the filter when everything is meant.
function fill(form) {
  const filter = everything ? [["all", "1"], ...new URLSearchParams(grid().dataset.query)] : checked().map((box) => ["id", box.value]);
  form.querySelector("[data-ids]").replaceChildren(...filter.map(([name, value]) => Object.assign(document.createElement("input"), { type: "hidden", name, value })));
}

document.addEventListener("change", (event) => {
  if (event.target.matches("#tiles .tile-check")) set(event.target, event.target.checked);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("#tiles .tile-link");
  const box = (link ?? event.target.closest("#tiles .tile-check"))?.closest(".tile").querySelector(".tile-check");
  if (box && event.shiftKey) {
    if (link) event.preventDefault();
    range(box);
  } else if (link && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    set(box, !box.checked);
  }
  const button = event.target.closest(":is(#selection, [data-selection]) button");
  if (!button) return;
  button.closest("[popover]")?.hidePopover();
  if (button.dataset.act) act(button.dataset.act, toggled(button.dataset.act, button.dataset.value ?? ""));
  if ("selectAll" in button.dataset) everything = true;
  if ("clear" in button.dataset) return clear();
  if ("compare" in button.dataset) return compare();
  show();
});
const group = "Stills";
const mayCurate = () => Boolean(grid()?.dataset.curateUrl);
const curating = () => mayCurate() && targets().length > 0;
const hasTiles = () => boxes().length > 0;
const acts = [
  ...[1, 2, 3, 4, 5].map((stars) => [String(stars), "Rate 1 to 5", "rate", String(stars)]),
  ["0", "Clear the rating", "rate", "0"], ["p", "Pick", "flag", "pick"], ["x", "Drop", "flag", "drop"], ["u", "Clear the flag", "flag", ""],
  ["f", "Favourite", "favourite", "1"], ["delete", "Move to the trash", "discard", ""],
];
for (const [key, label, name, value] of acts) {
  register({ key, label, group, when: curating, listed: mayCurate, run: () => act(name, toggled(name, value)) });
}
register({ key: "s", label: "Select", group, when: () => Boolean(focusedBox()), listed: hasTiles, run: () => set(focusedBox(), !focusedBox().checked) });
register({ key: "mod+a", label: "Select all", group, when: hasTiles, run: selectAll });
register({ key: " ", label: "Open", group, when: () => document.activeElement.matches("#tiles .tile-link"), listed: hasTiles, run: () => document.activeElement.click() });
document.addEventListener("htmx:after:swap", show);
show();
