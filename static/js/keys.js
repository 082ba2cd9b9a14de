// Keyboard shortcuts. Two ways to offer one:
//   markup   <button data-key="c" data-key-label="Compare" data-key-group="Selection">   the key clicks (or focuses) it
//   module   register({ key: "arrowright", label: "Next picture", group: "Viewer", run, when, within })
// Keys are written "c", "shift+a", "mod+enter" (Ctrl or ⌘), "[", "escape", "arrowleft", "delete", "g p" (one after the other).
// While typing only "mod+enter" fires; the first "escape" leaves the field. Keys without Ctrl or ⌘ are off when <body data-single-keys="off">.
// An open modal dialog hides everything outside it; `within` is the selector of the dialog an entry belongs to.
import { openDialog } from "./overlays.js";

const registered = [];
const CHORD_MS = 1500;
const TYPING = "input:not([type=checkbox], [type=radio], [type=range], [type=button], [type=submit]), textarea, select, [contenteditable=true]";
const NAMES = { mod: "mac" in document.documentElement.dataset ? "⌘" : "Ctrl", shift: "Shift", escape: "Esc", enter: "↵", delete: "Del", backspace: "⌫", " ": "Space", arrowleft: "←", arrowright: "→", arrowup: "↑", arrowdown: "↓" };
const LAST = ["Panels", "Go to", "Everywhere"]; // what every page has stands after what this one has
let chord = null;

/** Offer a shortcut; returns a function that takes it back. `when` is asked each time, `listed` by the help, `run` gets the event. */
export function register({ key, label, group = "This page", run, when = () => true, listed = when, within = null }) {
  const entry = { key, label, group, run, when, listed, within };
  registered.push(entry);
  return () => registered.splice(registered.indexOf(entry), 1);
}

function nameOf(event) {
  let key = event.key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(event.code);
  if (letter && !/^[a-z]$/.test(key)) key = letter[1].toLowerCase(); // other alphabets, and Alt on a Mac
  const named = key.length > 1 || /[a-z ]/.test(key); // "?" needs Shift on most layouts, so Shift is not part of its name
  return [event.ctrlKey || event.metaKey ? "mod" : "", event.shiftKey && named ? "shift" : "", key].filter(Boolean).join("+");
}

function allowed(event, name) {
  if (event.defaultPrevented || event.isComposing || event.altKey) return false;
  if (name === "escape" && document.querySelector("[popover]:popover-open")) return false; // it closes the menu
  if (event.target.closest?.(TYPING)) return name === "mod+enter";
  const single = !name.includes("mod+") && name.split("+").at(-1).length === 1;
  return !single || document.body.dataset.singleKeys !== "off";
}

function topDialog() {
  return [...document.querySelectorAll("dialog:modal")].at(-1) ?? null;
}

function find(name) {
  const dialog = topDialog();
  const marked = [...(dialog ?? document).querySelectorAll(`[data-key="${CSS.escape(name)}"]`)].reverse().find(usable);
  if (marked) return () => press(marked);
  const entry = registered.findLast((one) => one.key === name && inScope(one, dialog) && one.when());
  return entry?.run;
}

function inScope(entry, dialog) {
  return entry.within ? Boolean(dialog?.matches(entry.within)) : !dialog;
}

function usable(element) {
  return !element.disabled && element.getAttribute("aria-disabled") !== "true" && element.checkVisibility();
}

function press(element) {
  if (!element.matches("input:not([type=checkbox], [type=radio]), textarea, select")) return element.click();
  element.focus();
  element.select?.();
}

function pressed(event) {
  const name = nameOf(event);
  if (name === "escape" && event.target.matches(TYPING) && !topDialog()) event.target.blur();
  if (!allowed(event, name)) return;
  const full = chord && performance.now() - chord.at < CHORD_MS ? `${chord.key} ${name}` : name;
  const run = find(full);
  chord = !run && name === "g" ? { key: name, at: performance.now() } : null;
  if (!run) return;
  event.preventDefault();
  run(event);
}

// The help dialog: everything the page offers at this moment, by group.
function offers() {
  const rows = new Map();
  const marked = [...document.querySelectorAll("[data-key][data-key-label]")].map((one) => ({ key: one.dataset.key, label: one.dataset.keyLabel, group: one.dataset.keyGroup ?? "This page" }));
  for (const one of [...marked, ...registered.filter((entry) => entry.listed())]) {
    if (!rows.has(one.group)) rows.set(one.group, new Map());
    rows.get(one.group).set(one.label, [...new Set([...(rows.get(one.group).get(one.label) ?? []), one.key])]);
  }
  return [...rows].sort(([a], [b]) => LAST.indexOf(a) - LAST.indexOf(b));
}

function caps(key) {
  const strokes = key === " " ? [key] : key.split(" ");
  return strokes.flatMap((stroke) => stroke.split(/\+(?=.)/)).map((part) => {
    const cap = document.createElement("kbd");
    cap.textContent = NAMES[part] ?? part.toUpperCase();
    return cap;
  });
}

function section(group, labels) {
  const box = document.createElement("section");
  const head = document.createElement("h3");
  const list = document.createElement("dl");
  head.textContent = group;
  for (const [label, keys] of labels) {
    const term = document.createElement("dt");
    const strokes = document.createElement("dd");
    term.textContent = label;
    strokes.append(...keys.flatMap((key, index) => (index && keys.length < 3 ? [" or ", ...caps(key)] : caps(key))));
    list.append(term, strokes);
  }
  box.append(head, list);
  return box;
}

function showHelp() {
  const dialog = document.getElementById("keys-help");
  if (dialog) openDialog(dialog);
}

document.getElementById("keys-help")?.addEventListener("toggle", (event) => {
  if (event.newState !== "open") return;
  const list = event.target.querySelector("[data-keys-list]");
  list.replaceChildren(...offers().map(([group, labels]) => section(group, labels)));
});
document.addEventListener("keydown", pressed);
register({ key: "?", label: "Show these shortcuts", group: "Everywhere", run: showHelp });
register({ key: "?", label: "Show these shortcuts", group: "Everywhere", run: showHelp, within: "#viewer" });
register({ key: "/", label: "Search", group: "Everywhere", when: () => Boolean(searchBox()), run: () => press(searchBox()) });

function searchBox() {
  return document.querySelector("[data-search], input[type=search]");
}
