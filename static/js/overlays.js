// Dialogs, popover menus and dismissable notes, wired by attributes so that swapped-in markup just works.
//   data-opens="id"      opens that <dialog> modally          data-closes        closes the dialog around it
//   data-light-dismiss   on a dialog: a click beside it closes  data-dismiss     removes the note around it
//   data-open-on-load    on a dialog: opens when it arrives by htmx or with the page, and leaves the page when it closes

const GAP = 8;
let cameFrom = null; // what had the focus before the dialog that is open

export function openDialog(dialog) {
  for (const menu of document.querySelectorAll("[popover]:popover-open")) menu.hidePopover();
  if (dialog.open) return;
  if (document.activeElement !== document.body) cameFrom = document.activeElement;
  dialog.showModal();
}

function openArrived(root) {
  for (const dialog of root.querySelectorAll("dialog[data-open-on-load]")) openDialog(dialog);
}

// The browser gives the focus back when a dialog closes, but not when an answer takes it out of the page.
function giveFocusBack() {
  if (document.querySelector("dialog:modal")) return;
  if (document.activeElement === document.body) cameFrom?.focus({ preventScroll: true });
  cameFrom = null;
}

function clicked(event) {
  const opener = event.target.closest("[data-opens]");
  if (opener) return openDialog(document.getElementById(opener.dataset.opens));
  const closer = event.target.closest("[data-closes]");
  if (closer) return closer.closest("dialog").close();
  event.target.closest("[data-dismiss]")?.closest(".note, .toast")?.remove();
  if (event.target.matches("dialog[data-light-dismiss]") && outside(event)) event.target.close();
}

function outside(event) {
  const box = event.target.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

// Beside the button that opened it, kept inside the window; anchor positioning is not everywhere yet.
function placeMenu(menu) {
  const opener = [...document.querySelectorAll(`[popovertarget="${menu.id}"]`)].find((one) => one.checkVisibility());
  if (!opener || !menu.classList.contains("menu")) return;
  const from = opener.getBoundingClientRect();
  const beside = menu.dataset.side === "right" && innerWidth > 600;
  const left = beside ? from.right + GAP : menu.dataset.align === "end" ? from.right - menu.offsetWidth : from.left;
  const below = from.bottom + 4;
  const fits = below + menu.offsetHeight < innerHeight - GAP;
  const top = beside ? from.bottom - menu.offsetHeight : fits ? below : from.top - menu.offsetHeight - 4;
  menu.style.left = `${clamp(left, innerWidth - menu.offsetWidth)}px`;
  menu.style.top = `${clamp(top, innerHeight - menu.offsetHeight)}px`;
}

function clamp(value, room) {
  return Math.round(Math.max(GAP, Math.min(value, room - GAP)));
}

// Arrows walk through a menu; Tab leaves it.
function walkMenu(event) {
  const menu = event.target.closest?.(".menu:popover-open");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !step) return;
  const items = [...menu.querySelectorAll("a, button")];
  items[(items.indexOf(event.target) + step + items.length) % items.length]?.focus();
  event.preventDefault();
}

document.addEventListener("click", clicked);
document.addEventListener("keydown", walkMenu);
document.addEventListener("toggle", (event) => {
  if (event.newState === "open" && event.target.matches("[popover]")) placeMenu(event.target);
}, true);
// A dialog that arrived goes when it is closed, or the next swap on the page would open it again.
document.addEventListener("close", (event) => {
  if (!event.target.matches?.("dialog")) return;
  if ("openOnLoad" in event.target.dataset) event.target.remove();
  giveFocusBack();
}, true);
document.addEventListener("htmx:after:swap", () => {
  openArrived(document);
  giveFocusBack();
});
openArrived(document);
