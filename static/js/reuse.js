// Reusing a still: its prompt, or the still itself as a reference, goes into the composer; what was there can be put back.
import { setOpen } from "./panels.js";
import { toast } from "./toast.js";

const WAITING = "framehouse.reuse"; // what a page without a composer leaves for the one with it

const composer = () => document.getElementById("composer");

function usePrompt(text) {
  const field = composer().elements.prompt;
  const before = field.value;
  if (before !== text) fill(text);
  setOpen("composer", true);
  field.focus();
  if (before.trim() && before !== text) toast({ text: `The prompt was replaced. Before: “${excerpt(before)}”`, kind: "ok", undo: () => fill(before) });
}

// The form may have been drawn anew since, so it is looked up each time.
function fill(text) {
  const field = composer().elements.prompt;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function excerpt(text) {
  return text.length > 90 ? `${text.slice(0, 90)}…` : text;
}

// The composer picks stills by buttons that carry data-pick; this presses one that nobody sees.
function useReference(uuid) {
  const button = document.createElement("button");
  Object.assign(button.dataset, { pick: "output", uuid });
  const holder = document.createElement("dialog");
  holder.append(button);
  document.body.append(holder);
  button.click();
  holder.remove();
  setOpen("composer", true);
  toast({ text: "Added as a reference. Its role can be chosen in the composer.", kind: "ok" });
}

function apply({ prompt, reference }) {
  if (prompt !== undefined) usePrompt(prompt);
  if (reference !== undefined) useReference(reference);
}

function leave(wanted, stills) {
  try {
    sessionStorage.setItem(WAITING, JSON.stringify(wanted));
  } catch {
    return toast({ text: "This browser keeps nothing for the next page. Copy the prompt instead.", kind: "bad" });
  }
  location.assign(stills);
}

function collect() {
  const wanted = sessionStorage.getItem(WAITING);
  sessionStorage.removeItem(WAITING);
  if (wanted) apply(JSON.parse(wanted));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reuse]");
  if (!button) return;
  const wanted = { [button.dataset.reuse]: button.dataset.what };
  if (!composer()) return leave(wanted, button.dataset.stills);
  button.closest("dialog")?.close();
  apply(wanted);
});
if (composer()) {
  try {
    collect();
  } catch {
    // storage is blocked: nothing can wait here
  }
}
