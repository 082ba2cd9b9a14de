// A request of a provider, pasted into the prompt or the dialog: shown first, then taken over, and taken back.
import { fieldsOf, redraw, save } from "./composer-draft.js";
import { composer, insert, prompt } from "./composer-words.js";
import { toast } from "./toast.js";

const REQUEST = /^\s*(?:\{\s*"|\[\s*\{|curl\s)/;

const dialog = () => document.getElementById("pasted-dialog");
let words = ""; // what was pasted into the prompt, for whoever meant it as words

function show(text) {
  words = text;
  dialog().querySelector("textarea").value = text;
  dialog().showModal();
  dialog().querySelector("form").requestSubmit();
}

async function fill() {
  const before = fieldsOf(composer());
  const fields = new URLSearchParams(new FormData(dialog().querySelector("[data-fill-fields]")));
  dialog().close();
  if (await put(fields)) toast({ text: "The composer was filled.", kind: "ok", undo: () => put(before) });
}

async function put(fields) {
  const drawn = await redraw(composer(), fields);
  if (!drawn) toast({ text: "The composer changed meanwhile, or the studio did not answer. Nothing was filled in.", kind: "bad" });
  else {
    save(composer());
    document.dispatchEvent(new CustomEvent("htmx:after:swap"));
  }
  return drawn;
}

document.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!event.target.closest?.("#composer [data-mentions]") || !dialog() || !REQUEST.test(text)) return;
  event.preventDefault();
  show(text);
}, true);
document.addEventListener("click", (event) => {
  if (event.target.closest("#pasted-dialog [data-fill]")) fill();
  if (event.target.closest("#pasted-dialog [data-as-words]")) {
    dialog().close();
    insert(prompt(), words);
  }
});
document.addEventListener("close", (event) => {
  if (event.target !== dialog()) return;
  dialog().querySelector("textarea").value = "";
  document.getElementById("pasted-answer").replaceChildren();
}, true);
document.addEventListener("htmx:after:swap", () => {
  const asWords = dialog()?.querySelector("[data-as-words]");
  if (asWords) asWords.hidden = !words || words !== dialog().querySelector("textarea").value;
});
