// The box over a photo: drawn by mouse or finger, moved and sized by arrow keys, or typed as numbers.
// One box for the face and one for the crop; each belongs to a form whose four numbers are what is sent.

const SIDES = ["left", "top", "width", "height"];
const STEP = 0.01;
const LEAST = 0.01;
const GRIP = 18; // pixels around a corner that take hold of it
const START = { left: 0.35, top: 0.2, width: 0.3, height: 0.3 };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const svg = document.querySelector("svg[data-boxes]");
const picture = svg?.querySelector("[data-box-picture]");
const pixels = svg?.viewBox.baseVal; // of the picture that is shown now
const named = svg?.getAttribute("aria-label");
const forms = Object.fromEntries(
  [...document.querySelectorAll("[data-box-form]")].map((form) => [form.dataset.boxForm, form]),
);
const drawn = { face: true, crop: false }; // a crop is suggested only once somebody crops
let tool = "face";
let held = null; // what the pointer does: the fixed corner while sizing, or the offset while moving

const form = () => forms[tool];
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

function numbers(name) {
  const values = SIDES.map((side) => Number.parseFloat(forms[name]?.elements[side].value));
  if (values.some((value) => !Number.isFinite(value)) || values[2] <= 0 || values[3] <= 0) return null;
  return Object.fromEntries(SIDES.map((side, index) => [side, values[index]]));
}

function write(box) {
  for (const side of SIDES) form().elements[side].value = box ? Number(box[side].toFixed(4)) : "";
  drawn[tool] = true;
  draw();
}

/** Width by height of the chosen ratio, in fractions of this picture; null where the box is free. */
function share() {
  const chosen = form().elements.ratio?.value ?? "free";
  if (chosen === "free") return null;
  const [wide, tall] = chosen.split(":").map(Number);
  return ((wide / tall) * pixels.height) / pixels.width;
}

/** The box inside the picture, with the chosen ratio, around its middle. */
function fitted(box) {
  const ratio = share();
  let { width, height } = box;
  if (ratio) {
    width = Math.min(1, ratio, Math.max(width, height * ratio));
    height = width / ratio;
  }
  width = clamp(width, LEAST, 1);
  height = clamp(height, LEAST, 1);
  const left = clamp(box.left + (box.width - width) / 2, 0, 1 - width);
  const top = clamp(box.top + (box.height - height) / 2, 0, 1 - height);
  return { left, top, width, height };
}

function draw() {
  for (const rect of svg.querySelectorAll("[data-box]")) {
    const box = drawn[rect.dataset.box] ? numbers(rect.dataset.box) : null;
    rect.toggleAttribute("data-on", rect.dataset.box === tool);
    for (const [name, side] of [["x", "left"], ["y", "top"], ["width", "width"], ["height", "height"]]) {
      if (box) rect.setAttribute(name, box[side]);
      else rect.removeAttribute(name);
    }
  }
  const box = drawn[tool] ? numbers(tool) : null;
  svg.querySelector("[data-box-grips]").setAttribute("d", box ? corners(box).map(([x, y]) => `M${x} ${y}h0`).join("") : "");
  svg.querySelector("[data-box-shade]").setAttribute("d", box && tool === "crop" ? shade(box) : "");
  say(box);
}

function shade({ left, top, width, height }) {
  return `M0 0H1V1H0ZM${left} ${top}v${height}h${width}v${-height}Z`;
}

function corners({ left, top, width, height }) {
  return [[left, top], [left + width, top], [left, top + height], [left + width, top + height]];
}

function say(box) {
  const what = tool === "face" ? "Face" : "Crop";
  const wide = box && Math.round(box.width * pixels.width);
  const tall = box && Math.round(box.height * pixels.height);
  const text = box ? `${what}: ${wide.toLocaleString("en")} × ${tall.toLocaleString("en")} px` : `${what}: no box yet`;
  document.querySelector("[data-box-said]").textContent = text;
  svg.setAttribute("aria-label", `${named}. ${text}. Arrow keys move the box, Shift and arrow keys size it.`);
}

function choose(name) {
  if (!forms[name]) return;
  tool = name;
  drawn[name] = true;
  for (const button of document.querySelectorAll("[data-box-tool]")) {
    button.setAttribute("aria-pressed", String(button.dataset.boxTool === name));
  }
  draw();
}

function at(event) {
  const frame = picture.getBoundingClientRect();
  const x = clamp((event.clientX - frame.left) / frame.width, 0, 1);
  const y = clamp((event.clientY - frame.top) / frame.height, 0, 1);
  return { x, y, frame };
}

function pressed(event) {
  if (event.button !== 0) return;
  const { x, y, frame } = at(event);
  const box = numbers(tool);
  held = box && hold(box, x, y, frame) || { fixed: [x, y], before: box };
  svg.setPointerCapture(event.pointerId);
  svg.focus({ preventScroll: true });
  event.preventDefault();
}

/** Taking hold of a corner fixes the one across; inside the box it moves; elsewhere a new one begins. */
function hold(box, x, y, frame) {
  const all = corners(box);
  const near = all.findIndex(([cx, cy]) => Math.hypot((cx - x) * frame.width, (cy - y) * frame.height) <= GRIP);
  if (near >= 0) return { fixed: all[3 - near], before: box };
  const inside = x > box.left && x < box.left + box.width && y > box.top && y < box.top + box.height;
  return inside ? { from: [x - box.left, y - box.top], before: box } : null;
}

function dragged(event) {
  if (!held) return;
  const { x, y } = at(event);
  if (held.from) {
    const { width, height } = held.before;
    return write({ left: clamp(x - held.from[0], 0, 1 - width), top: clamp(y - held.from[1], 0, 1 - height), width, height });
  }
  write(stretched(held.fixed, x, y));
}

/** The box between a fixed corner and the pointer; a ratio keeps it within what the pointer allows. */
function stretched([fx, fy], x, y) {
  const ratio = share();
  let width = Math.abs(x - fx);
  let height = Math.abs(y - fy);
  if (ratio) {
    width = Math.min(width, height * ratio);
    height = width / ratio;
  }
  return { left: x < fx ? fx - width : fx, top: y < fy ? fy - height : fy, width, height };
}

function released() {
  if (!held) return;
  const box = numbers(tool);
  // A click that drew nothing changes nothing.
  if (!box || box.width < LEAST || box.height < LEAST) write(held.before);
  held = null;
}

function keyed(event) {
  if (event.key === "Delete" && tool === "face") write(null);
  const [x, y] = ARROWS[event.key] ?? [];
  if (x === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const box = numbers(tool) ?? START;
  if (event.shiftKey) return write(grown(box, x, y));
  write({ ...box, left: clamp(box.left + x * STEP, 0, 1 - box.width), top: clamp(box.top + y * STEP, 0, 1 - box.height) });
}

function grown(box, x, y) {
  const ratio = share();
  if (ratio) return fitted({ ...box, width: clamp(box.width + (x + y) * STEP, LEAST, 1), height: LEAST });
  const width = clamp(box.width + x * STEP, LEAST, 1 - box.left);
  return { ...box, width, height: clamp(box.height + y * STEP, LEAST, 1 - box.top) };
}

function start() {
  for (const part of document.querySelectorAll("[data-box-tools], [data-box-clear]")) part.hidden = false;
  svg.setAttribute("tabindex", "0");
  svg.setAttribute("role", "application");
  svg.addEventListener("pointerdown", pressed);
  svg.addEventListener("pointermove", dragged);
  svg.addEventListener("pointerup", released);
  svg.addEventListener("pointercancel", released);
  svg.addEventListener("keydown", keyed);
  for (const [name, one] of Object.entries(forms)) {
    one.addEventListener("focusin", () => choose(name));
    one.addEventListener("input", (event) => (event.target.name === "ratio" ? write(fitted(numbers(tool) ?? START)) : draw()));
  }
  addEventListener("hashchange", () => choose(location.hash === "#crop" ? "crop" : "face"));
  const crops = !forms.face || location.hash === "#crop" || document.getElementById("error-crop");
  choose(crops ? "crop" : "face");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-box-tool]");
  if (button) choose(button.dataset.boxTool);
  if (!event.target.closest("[data-box-clear]")) return;
  choose("face");
  write(null);
});
if (svg && (forms.face || forms.crop)) start();
