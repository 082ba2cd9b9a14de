// Short notices. From the server: HX-Trigger: {"toast": {"text": "Moved 3 to the trash", "kind": "ok", "undo": "/url/"}}.
// From a module: import { toast } from "./toast.js". A toast with an undo address offers it for ten seconds.

const ICONS = { ok: "circle-check", bad: "circle-alert", warn: "triangle-alert", info: "info" };
const SECONDS = { undo: 10, plain: 6 };

// What a failed request means to the person in front of it, by status.
const FAILED = {
  403: "You may not do this. Nothing was changed.",
  404: "This is gone, or is not yours to see. Reload the page.",
  409: "This changed in the meantime. Reload the page to see it.",
  413: "This file is larger than the studio takes. Nothing was stored.",
  507: "The studio's disk is full. Nothing of this was stored, sent or charged. Tell whoever runs the studio.",
  429: "Too many requests at once. Wait a moment and try again.",
};
const BROKEN = "The studio made a mistake, and it is in the log. If you were generating, look at the queue before trying again.";
const SILENT = "The studio does not answer. If you were generating, look at the queue before trying again.";

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${document.querySelector("meta[name=icons]").content}#${name}`);
  svg.append(use);
  return svg;
}

function button(className, label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.addEventListener("click", act);
  if (label) made.textContent = label;
  return made;
}

// `undo` is an address to POST to, or a function to call.
export function toast({ text, kind = "info", undo = null, label = "Undo" }) {
  const box = document.createElement("div");
  const words = document.createElement("p");
  words.textContent = text;
  box.className = `toast toast-${kind}`;
  box.append(icon(ICONS[kind] ?? "info"), words);
  if (undo) box.append(undoButton(box, undo, label));
  const close = button("btn btn-icon", "", () => box.remove());
  close.setAttribute("aria-label", "Dismiss");
  close.append(icon("x"));
  box.append(close);
  place().append(box);
  if (kind !== "bad" || undo) expire(box, undo ? SECONDS.undo : SECONDS.plain);
  return box;
}

function undoButton(box, undo, label) {
  const made = button("btn toast-undo", label, () => {
    box.remove();
    if (typeof undo === "function") undo();
    else htmx.ajax("POST", undo, { swap: "none" });
  });
  made.dataset.key = "mod+z";
  made.dataset.keyLabel = "Undo";
  made.dataset.keyGroup = "Everywhere";
  return made;
}

// A modal dialog covers the page, so notices made while it is open are shown inside it.
function place() {
  const region = document.getElementById("toasts");
  const modal = [...document.querySelectorAll("dialog:modal")].at(-1);
  (modal ?? document.body).append(region);
  return region;
}

// The clock stops while the pointer or the focus rests on the notice.
function expire(box, seconds) {
  let left = seconds * 10;
  const tick = setInterval(() => {
    if (box.matches(":hover, :focus-within")) return;
    left -= 1;
    if (left > 0 && box.isConnected) return;
    clearInterval(tick);
    box.remove();
  }, 100);
}

document.addEventListener("toast", (event) => toast(event.detail));
document.addEventListener("htmx:response:error", (event) => {
  const { status } = event.detail.ctx.response;
  if (status !== 422) toast({ text: FAILED[status] ?? BROKEN, kind: "bad" });
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx) toast({ text: SILENT, kind: "bad" });
});
document.addEventListener("close", (event) => {
  if (event.target.contains(document.getElementById("toasts"))) document.body.append(document.getElementById("toasts"));
}, true);
