// Panels that fold ([ and ]) and remember it; on narrow screens the same buttons open them as drawers.
//   <button data-fold="composer" aria-controls="composer">   names: composer, inspector
import { register } from "./keys.js";

const root = document.documentElement;
const DRAWER = { composer: matchMedia("(max-width: 900px)"), inspector: matchMedia("(max-width: 1200px)") };

export function isOpen(name) {
  return DRAWER[name].matches ? root.dataset.drawer === name : root.dataset[name] !== "folded";
}

export function setOpen(name, open) {
  if (DRAWER[name].matches) setDrawer(open ? name : null);
  else remember(name, open);
  describe();
}

function setDrawer(name) {
  if (name) root.dataset.drawer = name;
  else delete root.dataset.drawer;
  document.querySelector(`.studio > .${name}`)?.querySelector("textarea, input, select, a, button")?.focus({ preventScroll: true });
}

function remember(name, open) {
  if (open) delete root.dataset[name];
  else root.dataset[name] = "folded";
  try {
    localStorage.setItem(`framehouse.panel.${name}`, open ? "open" : "folded");
  } catch {
    // storage is blocked: the panel folds for this page only
  }
}

function describe() {
  for (const button of document.querySelectorAll("[data-fold]")) {
    button.setAttribute("aria-expanded", String(isOpen(button.dataset.fold)));
  }
}

function toggle(name) {
  if (has(name)) setOpen(name, !isOpen(name));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fold]");
  if (button) toggle(button.dataset.fold);
  else if (event.target.closest(".drawer-scrim")) closeDrawer();
});

function closeDrawer() {
  const name = root.dataset.drawer;
  setOpen(name, false);
  document.querySelector(`[data-fold="${name}"]`)?.focus();
}

const has = (name) => document.querySelector(`.studio > .${name}`) !== null;
register({ key: "[", label: "Fold or open the composer", group: "Panels", when: () => has("composer"), run: () => toggle("composer") });
register({ key: "]", label: "Fold or open the inspector", group: "Panels", when: () => has("inspector"), run: () => toggle("inspector") });
register({ key: "escape", label: "Close the drawer", group: "Panels", when: () => Boolean(root.dataset.drawer), run: closeDrawer });
document.addEventListener("htmx:after:swap", describe);
for (const query of Object.values(DRAWER)) query.addEventListener("change", () => setOpen("composer", isOpen("composer")));
describe();
