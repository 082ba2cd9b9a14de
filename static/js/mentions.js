// Mentions in the prompt and in panels: a list to choose from after an @, chips drawn behind the words, and the
// marks of providers (@Image1, <<<element_1>>>) turned into the names of what is attached.
import { areas, composer, write } from "./composer-words.js";

const TOKEN = /(?<![\p{L}\p{N}_@])@([a-z0-9-]*)$/iu;
const NAMED = /(?<![\p{L}\p{N}_@])@[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9_@])|<{2,3}\s*(?:image|element|object)_\d{1,3}\s*>{2,3}/giu;
const MARK = /(?<![\p{L}\p{N}_@])@(image|element)(\d{0,3})(?![\p{L}\p{N}_-])|<{2,3}\s*(image|element|object)_(\d{1,3})\s*>{2,3}/giu;
const AFTER = 120;

let field = null; // the text area whose list is open
let awaited = null; // the one whose list is being asked for
let list = null;
let timer = 0;
let asked = 0;

const options = () => [...(list?.querySelectorAll("[role=option]") ?? [])];
const chosen = () => options().find((option) => option.getAttribute("aria-selected") === "true");

/** Whether somebody is choosing a name, and what is typed so far is none yet. */
export const isChoosing = () => Boolean(awaited) || Boolean(list) && !options().some((option) => option.dataset.name === token(field)?.toLowerCase());

function token(area) {
  return TOKEN.exec(area.value.slice(0, area.selectionStart))?.[1] ?? null;
}

function typed(area) {
  clearTimeout(timer);
  const start = token(area);
  if (start === null) return close();
  awaited = area;
  timer = setTimeout(() => offer(area, start), AFTER);
}

async function offer(area, start) {
  const number = ++asked;
  const address = `${composer().dataset.mentionsUrl}?q=${encodeURIComponent(start.toLowerCase())}`;
  const answer = await fetch(address, { redirect: "manual" }).catch(() => null);
  const html = answer?.ok ? await answer.text() : "";
  if (number !== asked) return;
  if (document.activeElement !== area || token(area) === null) return close();
  open(area, attached(start.toLowerCase()), html);
}

// References are in the form already; their chips say what prompts call them.
function attached(start) {
  return [...document.querySelectorAll("#composer-chips [data-called]")].filter(({ dataset }) => dataset.called.startsWith(start) || dataset.called.slice(4).startsWith(start));
}

function open(area, references, html) {
  put();
  field = area;
  list = document.createElement("ul");
  list.id = "mention-list";
  list.className = "mention-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Elements and references");
  for (const chip of references) list.append(reference(chip));
  const holder = document.createElement("template");
  holder.innerHTML = html;
  list.append(holder.content);
  if (!options().length) return close();
  area.closest(".layer").append(list);
  area.setAttribute("aria-controls", list.id);
  area.setAttribute("aria-autocomplete", "list");
  say(`${options().length === 1 ? "1 name" : `${options().length} names`}. Arrows choose, Enter takes one, Escape closes.`);
  select(options()[0]);
  if (!isChoosing()) changed(area);
}

function reference(chip) {
  const item = document.createElement("li");
  item.setAttribute("role", "option");
  item.id = `mention-${chip.dataset.reference}`;
  item.dataset.name = chip.dataset.called;
  const picture = chip.querySelector("img").cloneNode();
  picture.width = picture.height = 28;
  picture.alt = "";
  const name = document.createElement("b");
  name.textContent = `@${chip.dataset.called}`;
  const kind = document.createElement("small");
  kind.textContent = "reference";
  item.append(picture, name, kind);
  return item;
}

function say(words) {
  const status = document.getElementById("mention-status");
  if (status) status.textContent = words;
}

// Put the list away.
function put() {
  clearTimeout(timer);
  asked += 1;
  field?.removeAttribute("aria-activedescendant");
  field?.removeAttribute("aria-controls");
  list?.remove();
  field = awaited = list = null;
}

function close() {
  const was = field ?? awaited;
  put();
  say("");
  if (was?.isConnected) changed(was);
}

// The preview waited for the name.
function changed(area) {
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function select(option) {
  for (const other of options()) other.setAttribute("aria-selected", other === option);
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = options();
  select(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
}

function take(option) {
  const area = field;
  const end = area.selectionStart;
  const start = end - token(area).length;
  if (option.dataset.uuid) attach(option.dataset.uuid);
  list.remove();
  area.setRangeText(`${option.dataset.name} `, start, end, "end");
  close();
  area.focus();
}

// The element is in the form from now on; the preview draws its chip.
function attach(uuid) {
  const place = document.getElementById("composer-elements");
  if (place.querySelector(`input[value="${uuid}"]`)) return;
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name: "element", value: uuid });
  const item = document.getElementById(`element-${uuid}`) ?? place.appendChild(document.createElement("li"));
  item.append(input);
}

function pressed(event) {
  if (!list || event.target !== field) return;
  const act = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: () => take(chosen()), Tab: () => take(chosen()), Escape: dismiss }[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.isComposing) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  act();
}

// Closed by hand: the same word does not open it again.
let dismissed = null;
function dismiss() {
  dismissed = token(field);
  close();
}

/** Draw the chips of a text area: the same words behind it, of which only the mentions show. */
export function mirror(area) {
  let behind = area.previousElementSibling;
  if (!behind?.matches(".mirror")) {
    behind = document.createElement("div");
    behind.className = "mirror";
    behind.setAttribute("aria-hidden", "true");
    area.before(behind);
    area.addEventListener("scroll", () => { behind.scrollTop = area.scrollTop; });
  }
  const style = getComputedStyle(area);
  for (const name of ["font", "letterSpacing", "lineHeight", "padding"]) behind.style[name] = style[name];
  behind.style.top = `${area.offsetTop}px`;
  behind.style.left = `${area.offsetLeft}px`;
  behind.style.width = `${area.clientWidth}px`;
  behind.style.height = `${area.clientHeight}px`;
  behind.replaceChildren(...chipped(area.value));
  behind.scrollTop = area.scrollTop;
}

function chipped(words) {
  const wrong = new Set((document.getElementById("composer-elements")?.dataset.wrong ?? "").toLowerCase().split("\n"));
  const parts = [];
  let end = 0;
  for (const match of words.matchAll(NAMED)) {
    const mark = document.createElement("mark");
    mark.textContent = match[0];
    mark.classList.toggle("wrong", wrong.has(match[0].toLowerCase()));
    parts.push(words.slice(end, match.index), mark);
    end = match.index + match[0].length;
  }
  return [...parts, `${words.slice(end)}\n`];
}

export function mirrorAll() {
  for (const area of areas()) mirror(area);
}

// A mark by position is a name from now on, so that order no longer decides what it means. The server does the
// same with what is sent; this only lets it be seen.
function nameMarks(area) {
  const names = {
    image: [...document.querySelectorAll("#composer-chips [data-called]")].map((chip) => chip.dataset.called),
    element: [...document.querySelectorAll("#composer-elements li:has(input[name=element])")].map((chip) => chip.dataset.name),
  };
  write(area, area.value.replace(MARK, (mark, at, number, angled, place) => {
    const kind = (at ?? angled).toLowerCase() === "image" ? "image" : "element";
    const name = names[kind][Number(number || place || 1) - 1];
    return name ? `@${name}` : mark;
  }));
}

const isWords = (target) => target.matches?.("#composer [data-mentions]");

document.addEventListener("input", (event) => {
  if (!isWords(event.target)) return;
  mirror(event.target);
  const start = token(event.target);
  if (start === dismissed && start !== null) return;
  dismissed = null;
  if (event.isTrusted) typed(event.target);
});
document.addEventListener("keydown", pressed, true);
document.addEventListener("focusout", (event) => {
  if (!isWords(event.target)) return;
  nameMarks(event.target);
  if (event.target === field) setTimeout(() => field && document.activeElement !== field && close(), 150);
});
document.addEventListener("paste", (event) => isWords(event.target) && setTimeout(() => nameMarks(event.target)));
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.("#mention-list [role=option]");
  if (!option) return;
  event.preventDefault();
  take(option);
});
document.addEventListener("htmx:after:swap", () => composer() && mirrorAll());
addEventListener("resize", () => composer() && mirrorAll());
if (composer()) mirrorAll();
