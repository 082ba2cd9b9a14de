// Zoom and pan of one or several surfaces that move together: wheel, pinch, drag, buttons and double click.
// A surface is a box; what is inside it at `inner` is moved. Scale 1 is "Fit".

const MOST = 32;
const STEP = 1.4;

/** `surfaces` is a function that gives the boxes as they are now, `inner(box)` what moves in one. Returns the controls. */
export function zoomable({ surfaces, inner, changed = () => {} }) {
  const view = { scale: 1, x: 0, y: 0 };
  const pointers = new Map();
  let pinch = null;

  function draw() {
    for (const box of surfaces()) {
      inner(box).style.transform = view.scale === 1 ? "" : `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
      if (view.scale === 1) delete box.dataset.zoom;
      else box.dataset.zoom = "in";
    }
    changed(view.scale);
  }

  // The point under (x, y) of the surface stays where it is; the picture never leaves the surface altogether.
  function to(scale, x, y, box) {
    const next = Math.min(Math.max(scale, 1), MOST);
    view.x = x - ((x - view.x) * next) / view.scale;
    view.y = y - ((y - view.y) * next) / view.scale;
    view.scale = next;
    keep(box);
    draw();
  }

  function keep(box) {
    const { width, height } = box.getBoundingClientRect();
    view.x = Math.min(0, Math.max(view.x, width * (1 - view.scale)));
    view.y = Math.min(0, Math.max(view.y, height * (1 - view.scale)));
  }

  function place(event, box) {
    const from = box.getBoundingClientRect();
    return [event.clientX - from.left, event.clientY - from.top];
  }

  const boxOf = (event) => surfaces().find((box) => box.contains(event.target));
  const onControl = (event) => event.target.closest("a, button, input, .wipe-handle");

  function wheel(event) {
    const box = boxOf(event);
    if (!box) return;
    event.preventDefault();
    to(view.scale * Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), ...place(event, box), box);
  }

  function down(event) {
    const box = boxOf(event);
    if (!box || onControl(event)) return;
    pointers.set(event.pointerId, { event, box });
    box.setPointerCapture(event.pointerId);
    if (pointers.size === 2) pinch = { ...spread(), scale: view.scale };
    if (view.scale > 1) box.dataset.panning = "";
  }

  function spread() {
    const [one, two] = [...pointers.values()].map((held) => held.event);
    const middle = { clientX: (one.clientX + two.clientX) / 2, clientY: (one.clientY + two.clientY) / 2 };
    return { apart: Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY), middle };
  }

  function move(event) {
    const held = pointers.get(event.pointerId);
    if (!held) return;
    const before = held.event;
    held.event = event;
    if (pointers.size === 2) return to((pinch.scale * spread().apart) / pinch.apart, ...place(spread().middle, held.box), held.box);
    if (view.scale === 1) return;
    view.x += event.clientX - before.clientX;
    view.y += event.clientY - before.clientY;
    keep(held.box);
    draw();
  }

  function up(event) {
    const held = pointers.get(event.pointerId);
    if (!held) return;
    pointers.delete(event.pointerId);
    delete held.box.dataset.panning;
  }

  function middle() {
    const box = surfaces()[0];
    return box ? [box, box.clientWidth / 2, box.clientHeight / 2] : null;
  }

  function step(direction) {
    const at = middle();
    if (at) to(view.scale * STEP ** direction, at[1], at[2], at[0]);
  }

  /** From Fit to actual pixels and back; `actual` is the scale at which one picture pixel is one screen pixel. */
  function toggle(actual, event = null) {
    const at = middle();
    if (!at) return;
    const [x, y] = event && boxOf(event) ? place(event, boxOf(event)) : [at[1], at[2]];
    to(view.scale > 1 ? 1 : Math.max(actual, STEP), x, y, at[0]);
  }

  document.addEventListener("wheel", wheel, { passive: false });
  document.addEventListener("pointerdown", down);
  document.addEventListener("pointermove", move);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, up);

  return { step, toggle, reset: () => { Object.assign(view, { scale: 1, x: 0, y: 0 }); draw(); }, redraw: draw, scale: () => view.scale };
}

/** The scale at which a picture of `width` by `height` pixels, fitted into `box`, shows its own pixels. */
export function actualScale(box, width, height) {
  const fitted = Math.min(box.clientWidth / width, box.clientHeight / height);
  return 1 / (fitted * devicePixelRatio);
}

/** Swap a rendition for the original once somebody looks closer. */
export function sharpen(image) {
  const { original } = image.dataset;
  if (!original || image.dataset.sharp) return;
  image.dataset.sharp = "asked";
  const full = new Image();
  full.src = original;
  full.decode().then(() => { if (image.dataset.original === original) image.src = original; }).catch(() => delete image.dataset.sharp);
}
