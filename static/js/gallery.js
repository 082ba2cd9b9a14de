// The stills page: the size of the tiles, what arrives live, and moving through the grid by keyboard.
import { register } from "./keys.js";
import { grid, parse, refresh, shape, tileOf } from "./tiles.js";
import "./selection.js";

const NEAR_TOP = 40;
let held = null; // newer tiles that wait behind the pill

const pill = () => document.getElementById("new-stills");
const scroller = () => grid().closest(".gallery");

function setSize(value) {
  document.documentElement.style.setProperty("--tile-row", `${value}px`);
  try {
    localStorage.setItem("framehouse.tile-row", value);
  } catch {
    // storage is blocked: the size holds for this page only
  }
}

function readSize() {
  const slider = document.getElementById("tile-size");
  if (slider) slider.value = Number.parseInt(getComputedStyle(document.documentElement).getPropertyValue("--tile-row"), 10);
}

// Newer tiles: at once where the person stands at the top and points at nothing, else behind a pill.
async function fetchNewer({ mine = false } = {}) {
  if (!grid()?.dataset.newerUrl) return;
  if (!("top" in grid().dataset)) return offer(null);
  const first = grid().querySelector(".tile");
  const query = new URLSearchParams(grid().dataset.query);
  if (first) query.set("after", first.dataset.cursor);
  const answer = await fetch(`${grid().dataset.newerUrl}?${query}`).catch(() => null);
  if (!answer?.ok) return;
  const fresh = parse(await answer.text());
  counted(fresh.querySelector("[data-count]"));
  if (!fresh.querySelector(".tile")) return;
  if (mine) scroller().scrollTo({ top: 0 });
  if (mine || (scroller().scrollTop < NEAR_TOP && !grid().matches(":hover"))) insert(fresh);
  else offer(fresh);
}

// How many there are, wherever the page says it; the tab counts only where no filter is set.
function counted(told) {
  if (!told) return;
  told.remove();
  const { count } = told.dataset;
  const selection = document.getElementById("selection");
  document.getElementById("stills-count").textContent = told.textContent;
  selection.dataset.total = count;
  selection.querySelector("[data-select-all]").textContent = `All ${count} matching`;
  const tab = document.querySelector(".tabs [aria-current] .count");
  if (tab) tab.textContent = count;
}

function offer(fresh) {
  held = fresh;
  const count = fresh?.querySelectorAll(".tile").length;
  pill().textContent = count ? `${count} new` : "New stills";
  pill().hidden = false;
}

function insert(fresh) {
  for (const tile of fresh.querySelectorAll(".tile")) if (tileOf(tile.dataset.output)) tile.remove();
  document.getElementById("no-stills")?.remove();
  grid().prepend(fresh);
  pill().hidden = true;
  held = null;
  const said = new Set();
  for (const day of grid().querySelectorAll(".day")) {
    if (said.has(day.dataset.day)) dropHeading(day);
    said.add(day.dataset.day);
  }
}

function dropHeading(day) {
  if (day.previousElementSibling?.matches(".fill")) day.previousElementSibling.remove();
  day.remove();
}

function takePill() {
  if (!held) return location.assign(location.pathname);
  scroller().scrollTo({ top: 0 });
  insert(held);
}

function live({ outputs = [] }) {
  if (!grid()?.dataset.tilesUrl) return;
  const known = outputs.filter((id) => tileOf(id));
  refresh(known);
  if (known.length < outputs.length) fetchNewer();
}

function reconnected() {
  if (!grid()?.dataset.tilesUrl) return;
  refresh([...grid().querySelectorAll("[data-pending]")].map((tile) => tile.dataset.output));
  fetchNewer();
}

// The strip above comes and goes; the tile under the pointer stays where it is, by scrolling or by a hold above it.
let pointed = null;

function point() {
  const tile = grid()?.querySelector(".tile:hover");
  pointed = tile ? { tile, at: tile.getBoundingClientRect().top } : null;
}

function steady() {
  if (!pointed?.tile.isConnected) return;
  const moved = pointed.tile.getBoundingClientRect().top - pointed.at;
  const hold = document.getElementById("hold");
  const spare = hold.offsetHeight - moved;
  hold.style.height = `${Math.max(0, spare)}px`;
  if (spare < 0) scroller().scrollTop -= spare;
}

function release(event) {
  if (event.target.id === "tiles") document.getElementById("hold")?.style.removeProperty("height");
}

// Arrows walk over the pictures: left and right in order, up and down to the nearest in the next row.
function walk(direction) {
  const links = [...grid().querySelectorAll(".tile:not([hidden]) .tile-link")];
  const here = document.activeElement.closest?.(".tile")?.querySelector(".tile-link");
  const next = !here ? links[0] : direction === "left" || direction === "right" ? beside(links, here, direction) : above(links, here, direction);
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function beside(links, here, direction) {
  return links[links.indexOf(here) + (direction === "right" ? 1 : -1)];
}

function above(links, here, direction) {
  const from = here.getBoundingClientRect();
  const sign = direction === "down" ? 1 : -1;
  const far = links.map((link) => [link, link.getBoundingClientRect()]).filter(([, box]) => sign * (box.top - from.top) > from.height / 2);
  const row = Math.min(...far.map(([, box]) => sign * box.top));
  const middle = (box) => box.left + box.width / 2;
  const near = far.filter(([, box]) => sign * box.top < row + 8);
  return near.sort(([, a], [, b]) => Math.abs(middle(a) - middle(from)) - Math.abs(middle(b) - middle(from)))[0]?.[0];
}

const inGrid = () => Boolean(grid()?.contains(document.activeElement));
const hasGrid = () => Boolean(grid()?.querySelector(".tile-link"));
for (const [key, label, when] of [["left", "Previous still", hasGrid], ["right", "Next still", hasGrid], ["up", "Still above", inGrid], ["down", "Still below", inGrid]]) {
  register({ key: `arrow${key}`, label, group: "Stills", when, listed: hasGrid, run: () => walk(key) });
}
document.addEventListener("input", (event) => {
  if (event.target.id === "tile-size") setSize(event.target.value);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("#new-stills")) takePill();
});
document.addEventListener("htmx:after:swap", () => grid() && shape(grid()));
document.addEventListener("pointermove", point, { passive: true });
document.addEventListener("scroll", point, { passive: true, capture: true });
document.addEventListener("pointerleave", release, true);
document.addEventListener("framehouse:started", () => fetchNewer({ mine: true }));
document.addEventListener("framehouse:live", (event) => live(event.detail));
document.addEventListener("framehouse:reconnected", reconnected);
if (grid()) shape(grid());
if (document.getElementById("strip")) new ResizeObserver(steady).observe(document.getElementById("strip"));
readSize();
