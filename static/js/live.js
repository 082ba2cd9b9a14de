// Live pages: one stream of ids from the server. Other modules hear `framehouse:live` ({outputs, generations})
// and, on every (re)connect, `framehouse:reconnected`. Where the server has no place left, the page polls.

const POLL_EVERY = 3000;
const TRY_AGAIN = 60000;
const REST_AFTER = 20000;
const REFRESH = { "#strip": 300, "#queue": 800, "#generation": 300, "#series": 300 };
const UNFINISHED = ".tile-wait, #strip .spin, #strip .dot-wait, #queue .spin, #queue .dot-wait, #generation .spin, #series .spin";

const url = () => document.querySelector("#live[data-live-url]")?.dataset.liveUrl;
const waiting = new Map();
let source = null;
let last = "";
let poll = 0;
let rest = 0;

function open() {
  if (!url() || source || document.hidden) return;
  const address = new URL(url(), location.href);
  if (last) address.searchParams.set("after", last);
  source = new EventSource(address);
  source.addEventListener("open", reconnected);
  source.addEventListener("message", heard);
  source.addEventListener("error", () => source?.readyState === EventSource.CLOSED && refused());
}

function close() {
  source?.close();
  source = null;
}

function heard(event) {
  last = event.lastEventId;
  tell("framehouse:live", JSON.parse(event.data));
  refresh();
}

function reconnected() {
  stopPolling();
  tell("framehouse:reconnected");
  refresh();
}

function refused() {
  close();
  stopPolling();
  poll = setInterval(() => {
    if (document.hidden || !document.querySelector(UNFINISHED)) return;
    tell("framehouse:reconnected");
    refresh();
  }, POLL_EVERY);
  setTimeout(open, TRY_AGAIN);
}

function stopPolling() {
  clearInterval(poll);
  poll = 0;
}

function tell(name, detail = {}) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

// Many events in a row cost one request: the first waits a moment, the others ride along.
function refresh() {
  for (const [selector, delay] of Object.entries(REFRESH)) {
    if (document.querySelector(selector)) soon(selector, delay, () => htmx.trigger(selector, "framehouse:refresh"));
  }
  soon("rail", 1000, countRunning);
}

function soon(name, delay, act) {
  if (waiting.has(name)) return;
  waiting.set(name, setTimeout(() => {
    waiting.delete(name);
    act();
  }, delay));
}

async function countRunning() {
  const place = document.getElementById("rail-queue");
  if (!place) return;
  const answer = await fetch(new URL("running", place.closest("a").href), { redirect: "manual" }).catch(() => null);
  if (answer?.ok) place.textContent = await answer.text();
}

function visibility() {
  clearTimeout(rest);
  if (document.hidden) rest = setTimeout(close, REST_AFTER);
  else if (url()) {
    open();
    tell("framehouse:reconnected");
    refresh();
  }
}

document.addEventListener("visibilitychange", visibility);
for (const name of ["framehouse:started", "framehouse:changed"]) document.addEventListener(name, refresh);
addEventListener("pagehide", close);
addEventListener("pageshow", (event) => event.persisted && open());
open();
countRunning();
