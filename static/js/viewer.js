// The viewer: a dialog over the gallery, or a page of its own behind a link; the same markup in both.
import { curate } from "./curate.js";
import { openDialog } from "./overlays.js";
import { grid } from "./tiles.js";
import { toast } from "./toast.js";
import { actualScale, sharpen, zoomable } from "./zoom.js";

const viewer = () => document.getElementById("viewer");
const isDialog = () => viewer()?.matches("dialog");
const isShown = () => Boolean(viewer()?.querySelector(".viewer-top")) && (!isDialog() || viewer().open);
const head = () => document.getElementById("viewer-top");
const frame = () => viewer()?.querySelector(".stage-frame");
const picture = () => frame()?.querySelector("img");
const kept = { tab: "details", thirds: false, inspector: true };
let asked = 0; // the newest load wins
// The address says whether a still is open over the gallery; the state does not, since htmx writes its own over it.
const home = location.pathname;
const away = () => location.pathname !== home;

const view = zoomable({
  surfaces: () => (isShown() ? [viewer().querySelector(".stage")] : []),
  inner: () => frame(),
  changed: (scale) => {
    const label = viewer()?.querySelector("[data-zoom-label]");
    if (label) label.textContent = scale === 1 ? "Fit" : `${Math.round((100 * scale) / actual())} %`;
    if (scale > 1 && picture()) sharpen(picture());
  },
});

function actual() {
  return actualScale(frame(), Number(frame().dataset.width), Number(frame().dataset.height));
}

async function fetchInside(href) {
  const answer = await fetch(href, { headers: { "HX-Request": "true", "HX-Request-Type": "partial" } }).catch(() => null);
  if (answer?.ok) return answer.text();
  toast({ text: "This still cannot be shown: it is gone, or the studio does not answer.", kind: "bad" });
  return null;
}

/** Show the still behind `href`. `how` is "push" from the grid, "replace" from still to still, "" when going through history. */
async function show(href, how) {
  const mine = ++asked;
  const html = await fetchInside(href);
  if (html === null || mine !== asked) return;
  const notices = viewer().querySelector("#toasts"); // they lie in the dialog while it is open, and stay
  viewer().innerHTML = html;
  if (notices) viewer().append(notices);
  htmx.process(viewer());
  if (how === "push") history.pushState(null, "", href);
  if (how === "replace") history.replaceState(history.state, "", href);
  if (isDialog()) openDialog(viewer());
  arrived();
}

function arrived() {
  view.reset();
  const title = viewer().querySelector(".viewer-title b").textContent;
  viewer().setAttribute("aria-label", title);
  viewer().querySelector('.filmstrip [aria-current="true"]')?.scrollIntoView({ block: "nearest", inline: "center" });
  for (const step of viewer().querySelectorAll("[data-large]")) new Image().src = step.dataset.large;
  pickTab(kept.tab);
  showThirds();
  viewer().classList.toggle("without-inspector", !kept.inspector);
  if (isDialog() && !viewer().contains(document.activeElement)) viewer().querySelector("[data-close-viewer]").focus();
}

function close() {
  if (!isDialog()) return location.assign(head().dataset.close);
  if (away()) history.back();
  else shut();
}

// Focus goes back to the tile of the still that was seen last.
function shut() {
  const id = head()?.dataset.output;
  viewer().close();
  const link = document.getElementById(`link-${id}`);
  link?.focus({ preventScroll: true });
  link?.scrollIntoView({ block: "nearest" });
}

function travelled() {
  if (!isDialog()) return location.reload();
  if (away()) show(location.href, "");
  else if (viewer().open) shut();
}

function pickTab(name) {
  kept.tab = name;
  for (const tab of viewer().querySelectorAll("[role=tab]")) {
    const on = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !on;
  }
}

// Thirds lie on the picture, not on the stage around it.
function showThirds() {
  const lines = viewer()?.querySelector(".thirds");
  if (!lines) return;
  lines.hidden = !kept.thirds;
  viewer().querySelector("[data-thirds]").setAttribute("aria-pressed", String(kept.thirds));
  const { clientWidth: width, clientHeight: height } = frame();
  const scale = Math.min(width / frame().dataset.width, height / frame().dataset.height);
  const [across, down] = [frame().dataset.width * scale, frame().dataset.height * scale];
  Object.assign(lines.style, { left: `${(width - across) / 2}px`, top: `${(height - down) / 2}px`, width: `${across}px`, height: `${down}px` });
}

async function act(button) {
  const id = head().dataset.output;
  const { act: name, value = "" } = button.dataset;
  if (!(await curate(head(), name, value, [id]))) return;
  if (name === "discard") leave();
}

// After the trash the next still is shown, or the one before, or the gallery.
function leave() {
  const step = viewer().querySelector(".stage-next") ?? viewer().querySelector(".stage-prev");
  if (step) show(step.href, "replace");
  else close();
}

// Only what curation changes is drawn anew; the picture, its zoom and the scroll stay.
async function refreshActs() {
  const id = head()?.dataset.output;
  if (!isShown()) return;
  const html = await fetchInside(location.href);
  if (html === null || head()?.dataset.output !== id) return;
  const holder = document.createElement("template");
  holder.innerHTML = html;
  // A veil that came or went changes the stage and what may be done with the still.
  if (!holder.content.querySelector("#stage-veil") !== !viewer().querySelector("#stage-veil")) return show(location.href, "");
  const focused = document.activeElement?.closest("#viewer-acts") ? document.activeElement.dataset : null;
  document.getElementById("viewer-acts").replaceWith(holder.content.getElementById("viewer-acts"));
  document.getElementById("filmstrip").replaceWith(holder.content.getElementById("filmstrip"));
  if (focused) viewer().querySelector(`#viewer-acts [data-act="${focused.act}"]`)?.focus();
  viewer().querySelector('.filmstrip [aria-current="true"]')?.scrollIntoView({ block: "nearest", inline: "center" });
}

function fromGrid(event) {
  const link = event.target.closest("#tiles .tile-link");
  if (!link || !isDialog() || event.defaultPrevented || event.shiftKey || event.ctrlKey || event.metaKey || event.button) return;
  event.preventDefault();
  const query = grid().dataset.query;
  show(link.getAttribute("href") + (query ? `?${query}` : ""), "push");
}

function inViewer(event) {
  const at = (selector) => event.target.closest(selector);
  const step = at("[data-step]");
  if (step && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    show(step.href, "replace");
  }
  if (at("[data-close-viewer]") && isDialog()) {
    event.preventDefault();
    close();
  }
  if (at("[data-act]")) act(at("[data-act]"));
  if (at("[role=tab]")) pickTab(at("[role=tab]").id.replace("tab-", ""));
  if (at("[data-zoom-step]")) view.step(Number(at("[data-zoom-step]").dataset.zoomStep));
  if (at("[data-zoom-fit]")) view.toggle(actual());
  if (at("[data-thirds]")) kept.thirds = !kept.thirds;
  if (at("[data-toggle-inspector]")) kept.inspector = viewer().classList.toggle("without-inspector") === false;
  at("[data-toggle-inspector]")?.setAttribute("aria-expanded", String(kept.inspector));
  showThirds();
}

// Arrows move between tabs, as people who use them expect.
function walkTabs(event) {
  const tab = event.target.closest?.(".viewer [role=tab]");
  if (!tab || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  event.preventDefault();
  const other = [...viewer().querySelectorAll("[role=tab]")].find((one) => one !== tab);
  pickTab(other.id.replace("tab-", ""));
  other.focus();
}

document.addEventListener("click", (event) => {
  fromGrid(event);
  if (isShown() && viewer().contains(event.target)) inViewer(event);
});
document.addEventListener("dblclick", (event) => {
  if (isShown() && event.target.closest(".stage") && !event.target.closest("a, button")) view.toggle(actual(), event);
});
document.addEventListener("keydown", walkTabs, true);
document.addEventListener("cancel", (event) => {
  if (event.target !== viewer()) return;
  event.preventDefault();
  close();
}, true);
// However the dialog was closed, the address follows and nothing of the still stays behind.
document.addEventListener("close", (event) => {
  if (event.target !== viewer()) return;
  viewer().replaceChildren();
  if (away()) history.back();
}, true);
document.addEventListener("framehouse:curated", (event) => {
  if (isShown() && event.detail.act !== "discard") refreshActs();
});
// Going back only closes the dialog: without this htmx would load the whole gallery anew and lose its place.
document.addEventListener("htmx:before:history:restore", (event) => viewer() && event.preventDefault());
addEventListener("popstate", () => viewer() && travelled());
addEventListener("resize", () => isShown() && showThirds());
if (isShown()) arrived();
