// Compare: two to nine stills that zoom together; wipe, blink and difference lay two on each other.
import { curate } from "./curate.js";
import { register } from "./keys.js";
import { actualScale, sharpen, zoomable } from "./zoom.js";

const room = () => document.querySelector("main.compare");
const one = (selector) => room()?.querySelector(selector);
const grid = () => one(".compare-grid");
const over = () => one(".compare-over");
const cells = () => [...(grid()?.querySelectorAll(".compare-cell:not([hidden])") ?? [])];
const mode = () => room().dataset.mode;
let top = null; // the letter that lies over the first still

const view = zoomable({
  surfaces: () => (!room() ? [] : mode() === "side" ? cells().map((cell) => cell.querySelector(".compare-pic")) : [over()]),
  inner: (box) => (box === over() ? box.querySelector(".over-frame") : box.querySelector("img")),
  changed: (scale) => {
    if (!room()) return;
    one("[data-zoom-label]").textContent = scale === 1 ? "Fit" : `${Math.round((100 * scale) / actual())} %`;
    if (scale > 1) for (const image of room().querySelectorAll("img[data-original]")) sharpen(image);
  },
});

function actual() {
  const picture = cells()[0].querySelector(".compare-pic");
  const box = mode() === "side" ? picture : over();
  return actualScale(box, Number(picture.dataset.width), Number(picture.dataset.height));
}

function show(name) {
  room().dataset.mode = cells().length > 1 ? name : "side";
  const side = mode() === "side";
  grid().hidden = !side;
  over().hidden = side;
  grid().dataset.count = cells().length;
  for (const button of room().querySelectorAll(".seg [data-mode]")) {
    button.setAttribute("aria-pressed", String(button.dataset.mode === mode()));
    button.disabled = button.dataset.mode !== "side" && cells().length < 2;
  }
  one(".wipe-label").hidden = mode() !== "wipe";
  one(".pair-label").hidden = side || cells().length < 3;
  if (!side) layOver();
  view.reset();
  remember();
}

function layOver() {
  const [first, ...others] = cells();
  const second = others.find((cell) => cell.dataset.letter === top) ?? others[0];
  one(".pair-choice").replaceChildren(...others.map((cell) => new Option(cell.dataset.letter, cell.dataset.letter, false, cell === second)));
  const holder = document.createElement("div");
  holder.className = "over-frame";
  holder.append(...[first, second].map((cell) => cell.querySelector("img").cloneNode()));
  for (const image of holder.children) image.removeAttribute("style");
  over().dataset.mode = mode();
  delete over().dataset.hold;
  over().replaceChildren(holder, ...[first, second].map(nameTag), ...(mode() === "wipe" ? [handle()] : []));
  wipeTo(Number(one(".wipe-range").value));
}

function nameTag(cell) {
  const tag = document.createElement("span");
  tag.className = "compare-name";
  tag.textContent = cell.dataset.letter;
  return tag;
}

function handle() {
  const bar = document.createElement("div");
  bar.className = "wipe-handle";
  return bar;
}

function wipeTo(percent) {
  over().style.setProperty("--wipe", `${percent}%`);
  one(".wipe-range").value = percent;
}

// The address says what is seen, so that it can be sent to somebody.
function remember() {
  if (cells().length < 2) return;
  const query = new URLSearchParams(cells().map((cell) => ["id", cell.dataset.output]));
  if (mode() !== "side") query.set("mode", mode());
  history.replaceState(history.state, "", `?${query}`);
}

// Keep and Out leave fewer until one is left; the table belongs to the stills that are still there.
async function drop(out) {
  for (const cell of out) cell.hidden = true;
  show(mode());
  if (cells().length < 2) return settle();
  const asked = location.href;
  const answer = await fetch(asked).catch(() => null);
  if (!answer?.ok || cells().length < 2 || asked !== location.href) return; // the hand was faster
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (cells().length < 2) return;
  for (const selector of [".differs", "#verdict"]) one(selector).replaceWith(fresh.querySelector(selector));
  rename();
}

// Letters follow the order that is left, as a reload would give them.
function rename() {
  cells().forEach((cell, index) => {
    cell.dataset.letter = String.fromCharCode(65 + index);
    cell.querySelector("figcaption b").textContent = cell.dataset.letter;
  });
  if (mode() !== "side") layOver();
}

function settle() {
  const [left] = cells();
  left.dataset.verdict = "keep";
  one(".differs").replaceChildren();
  one("#verdict").textContent = "1 still left";
  one("#verdict").className = "pill pill-ok";
}

async function pick(button) {
  const cell = button.closest(".compare-cell");
  const on = button.getAttribute("aria-pressed") === "true";
  const done = await curate(grid(), "flag", on ? "" : "pick", [cell.dataset.output]);
  if (done) button.setAttribute("aria-pressed", String(!on));
}

function clicked(event) {
  const at = (selector) => event.target.closest(selector);
  const cell = at(".compare-cell");
  if (at(".seg [data-mode]")) show(at(".seg [data-mode]").dataset.mode);
  else if (at("[data-keep]")) drop(cells().filter((other) => other !== cell));
  else if (at("[data-kill]")) drop(cells().length > 1 ? [cell] : []);
  else if (at("[data-act]")) pick(at("[data-act]"));
  else if (at("[data-zoom-step]")) view.step(Number(at("[data-zoom-step]").dataset.zoomStep));
  else if (at("[data-zoom-fit]")) view.toggle(actual());
  else if (at(".compare-over[data-mode=blink]")) over().toggleAttribute("data-hold");
}

function slide(event) {
  const bar = event.target.closest?.(".wipe-handle");
  if (!bar) return;
  const box = over().getBoundingClientRect();
  bar.setPointerCapture(event.pointerId);
  bar.onpointermove = (moved) => wipeTo(Math.min(100, Math.max(0, (100 * (moved.clientX - box.left)) / box.width)));
  bar.onpointerup = () => { bar.onpointermove = null; };
}

// A digit flips straight to that still in the blink and wipe views.
function putOnTop(number) {
  const cell = cells()[number - 1];
  if (!cell || number < 2) return;
  top = cell.dataset.letter;
  layOver();
}

document.addEventListener("click", (event) => room()?.contains(event.target) && clicked(event));
document.addEventListener("pointerdown", (event) => room() && slide(event));
document.addEventListener("dblclick", (event) => {
  if (room() && event.target.closest(".compare-pic, .compare-over")) view.toggle(actual(), event);
});
document.addEventListener("input", (event) => {
  if (event.target.matches(".wipe-range")) wipeTo(Number(event.target.value));
  if (event.target.matches(".pair-choice")) putOnTop(cells().findIndex((cell) => cell.dataset.letter === event.target.value) + 1);
});
for (const number of [2, 3, 4, 5, 6, 7, 8, 9]) {
  register({ key: String(number), label: `Lay still ${number} on top`, group: "Compare", when: () => Boolean(room()) && mode() !== "side", run: () => putOnTop(number) });
}
if (grid()) show(mode());
