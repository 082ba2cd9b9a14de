// A button with data-copy="id" copies that element's text and says so; without a clipboard it selects the text.
import { toast } from "./toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    toast({ text: "Copied.", kind: "ok" });
  } catch {
    getSelection().selectAllChildren(source);
    toast({ text: "The text is selected. Copy it with Ctrl+C or ⌘C." });
  }
});
