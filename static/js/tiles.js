// Tiles of the grid: their exact shapes, and swapping one for its newer self without moving anything.

const LATER_MS = 120;
const AT_ONCE = 100;
const asked = new Set();
let timer = null;

export const grid = () => document.getElementById("tiles");
export const tileOf = (id) => document.getElementById(`tile-${id}`);

/** Give every tile in `root` the exact ratio of its picture; the style sheet knows only the common ones. */
export function shape(root) {
  for (const tile of root.querySelectorAll(".tile[data-width]")) {
    tile.style.setProperty("--ratio", tile.dataset.width / tile.dataset.height);
  }
}

export function parse(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  shape(holder.content);
  return holder.content;
}

/** Put each tile of `html` in the place of the one with its id; focus, selection and the decoded picture stay. */
export function replaceTiles(html) {
  const fresh = [...parse(html).querySelectorAll(".tile")];
  for (const tile of fresh) {
    const old = document.getElementById(tile.id);
    if (old) replace(old, tile);
  }
  return fresh;
}

function replace(old, tile) {
  const focused = old.contains(document.activeElement) ? `.${document.activeElement.classList[0]}` : null;
  const check = tile.querySelector(".tile-check");
  if (check) check.checked = old.querySelector(".tile-check")?.checked ?? false;
  const picture = old.querySelector("img");
  const fresh = tile.querySelector("img");
  // A veil that came or went is another picture.
  if (picture && fresh && picture.getAttribute("src") === fresh.getAttribute("src")) {
    picture.alt = fresh.alt;
    fresh.replaceWith(picture);
  } else if (!picture) tile.classList.add("tile-new");
  old.replaceWith(tile);
  if (focused) tile.querySelector(focused)?.focus({ preventScroll: true });
}

/** Ask for these tiles anew, together with whatever else is asked for in the next moment. */
export function refresh(ids) {
  for (const id of ids) if (tileOf(id)) asked.add(id);
  if (asked.size && !timer) fetchAsked();
}

// The first is asked for at once; what comes in the moment after rides along with the next request.
async function fetchAsked() {
  timer = setTimeout(rested, LATER_MS);
  const ids = [...asked].slice(0, AT_ONCE);
  for (const id of ids) asked.delete(id);
  const query = new URLSearchParams(ids.map((id) => ["id", id]));
  const answer = await fetch(`${grid().dataset.tilesUrl}?${query}`).catch(() => null);
  if (!answer?.ok) return; // the next live event, or the reconnection, asks again
  const shown = new Set(replaceTiles(await answer.text()).map((tile) => tile.dataset.output));
  for (const id of ids) if (!shown.has(id)) missing(tileOf(id));
}

function rested() {
  timer = null;
  if (asked.size) fetchAsked();
}

// A picture that will not come keeps its place until the next visit, so that nothing moves under the pointer.
function missing(tile) {
  if (!tile?.matches("[data-pending]")) return;
  tile.classList.remove("tile-wait", "tile-held");
  tile.classList.add("tile-failed");
  delete tile.dataset.pending;
  tile.textContent = "Not made. The queue says why.";
}
