// Things in a list that follow the pointer that holds them. Every such list has buttons that do the same.
let held = null;
let before = null;
let dropped = null;

/** Things that match `item` are held by what matches `grip`; `moved` hears of a new order. */
export function sortable(grip, item, moved) {
  document.addEventListener("pointerdown", (event) => {
    const handle = event.button ? null : event.target.closest?.(grip);
    if (!handle) return;
    event.preventDefault();
    held = handle.closest(item);
    before = held.nextElementSibling;
    dropped = moved;
  });
}

function follow(event) {
  const over = peerAt(event);
  if (!over || over === held) return;
  held.setAttribute("data-dragged", "");
  if (held.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING) over.after(held);
  else over.before(held);
}

/** The thing of the same kind under the pointer. */
function peerAt(event) {
  let place = document.elementFromPoint(event.clientX, event.clientY);
  while (place && place.parentElement !== held.parentElement) place = place.parentElement;
  return place?.classList.contains(held.classList[0]) ? place : null;
}

function release() {
  if (!held) return;
  const [thing, changed] = [held, held.nextElementSibling !== before];
  held = null;
  thing.removeAttribute("data-dragged");
  if (changed) dropped(thing);
}

document.addEventListener("pointermove", (event) => held && follow(event));
document.addEventListener("pointerup", release);
document.addEventListener("pointercancel", release);
