// The words of the composer: the prompt and the panels, changed by modules as a hand would change them.

export const composer = () => document.getElementById("composer");
export const prompt = () => document.getElementById("composer-prompt");
export const areas = () => [...document.querySelectorAll("#composer [data-mentions]")];

/** Put words in a text area; what listens to typing hears of it. */
export function write(area, words) {
  if (area.value === words) return;
  area.value = words;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Words at the end of the prompt, as a sentence of their own. */
export function append(words) {
  write(prompt(), `${prompt().value.trimEnd()} ${words}`.trim());
}

/** Words where the caret is, or was. */
export function insert(area, words) {
  const before = area.value.slice(0, area.selectionStart);
  area.setRangeText(/\s$|^$/.test(before) ? words : ` ${words}`, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

/** Change every text area; `changed` gets the words and answers the new ones. */
export function rewrite(changed) {
  for (const area of areas()) write(area, changed(area.value));
}

/** Every mention of a name, in upper or lower case; "@mara" is not in "@mara-2" nor in "x@mara". */
export const mentionsOf = (name) => new RegExp(`(?<![\\p{L}\\p{N}_@])@${name}(?![a-z0-9_@]|-[a-z0-9])`, "giu");
