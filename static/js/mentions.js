// Mentions in the prompt and in panels: a list to choose from after an @, and chips drawn behind the words.

const TOKEN = /(^|[^\w@])@([a-z0-9-]*)$/i;
const NAMED = /(^|[^\w@])@([a-z0-9]+(?:-[a-z0-9]+)*)/gi;
const AFTER = 120;

let field = null; // the text area whose list is open
let list = null;
let timer = 0;
let asked = 0;

const composer = () => document.getElementById("composer");
const options = () => [...(list?.querySelectorAll("[role=option]") ?? [])];
const chosen = () => options().find((option) => option.getAttribute("aria-selected") === "true");

function token(area) {
  return TOKEN.exec(area.value.slice(0, area.selectionStart))?.[2] ?? null;
}

function typed(area) {
  clearTimeout(timer);
  const start = token(area);
  if (start === null) return close();
  timer = setTimeout(() => offer(area, start), AFTER);
}

async function offer(area, start) {
  const number = ++asked;
  const address = `${composer().dataset.mentionsUrl}?q=${encodeURIComponent(start.toLowerCase())}`;
  const answer = await fetch(address, { redirect: "manual" }).catch(() => null);
  if (number !== asked || document.activeElement !== area || token(area) === null) return;
  open(area, attached(start), answer?.ok ? await answer.text() : "");
}

// References are in the form already; their chips say what prompts call them.
function attached(start) {
  return [...document.querySelectorAll("#composer-chips [data-called]")].filter((chip) => chip.dataset.called.replace("ref-", "").startsWith(start) || chip.dataset.called.startsWith(start));
}

function open(area, references, html) {
  close();
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
  select(options()[0]);
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
  item.append(picture, name);
  return item;
}

function close() {
  clearTimeout(timer);
  asked += 1;
  field?.removeAttribute("aria-activedescendant");
  field?.removeAttribute("aria-controls");
  list?.remove();
  field = list = null;
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
  close();
  area.setRangeText(`${option.dataset.name} `, start, end, "end");
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function pressed(event) {
  if (!list || event.target !== field) return;
  const act = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: () => take(chosen()), Tab: () => take(chosen()), Escape: close }[event.key];
  if (!act || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  act();
}

/** Draw the chips of a text area: the same words behind it, of which only the mentions show. */
export function mirror(area) {
  let behind = area.previousElementSibling;
  if (!behind?.matches(".mirror")) {
    behind = document.createElement("div");
    behind.className = "mirror";
    behind.setAttribute("aria-hidden", "true");
    area.before(behind);
  }
  const style = getComputedStyle(area);
  for (const name of ["font", "letterSpacing", "lineHeight", "padding"]) behind.style[name] = style[name];
  behind.style.top = `${area.offsetTop}px`;
  behind.style.left = `${area.offsetLeft}px`;
  behind.style.width = `${area.clientWidth}px`;
  behind.replaceChildren();
  let end = 0;
  for (const match of area.value.matchAll(NAMED)) {
    const start = match.index + match[1].length;
    const mark = document.createElement("mark");
    mark.textContent = area.value.slice(start, start + match[2].length + 1);
    behind.append(area.value.slice(end, start), mark);
    end = start + match[2].length + 1;
  }
  behind.append(`${area.value.slice(end)}\n`);
}

export function mirrorAll() {
  for (const area of document.querySelectorAll("#composer [data-mentions]")) mirror(area);
}

document.addEventListener("input", (event) => {
  if (!event.target.matches?.("#composer [data-mentions]")) return;
  mirror(event.target);
  typed(event.target);
});
document.addEventListener("keydown", pressed, true);
document.addEventListener("focusout", (event) => event.target === field && setTimeout(() => document.activeElement !== field && close(), 150));
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.("#mention-list [role=option]");
  if (!option) return;
  event.preventDefault();
  take(option);
});
document.addEventListener("htmx:after:swap", () => composer() && mirrorAll());
addEventListener("resize", () => composer() && mirrorAll());
if (composer()) mirrorAll();
