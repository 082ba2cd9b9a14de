// Acts on stills and their undo: one POST, fresh tiles swapped in place, one notice that can take it back.
import { replaceTiles } from "./tiles.js";
import { toast } from "./toast.js";

const FAILED = "This did not work, and nothing was changed. Reload the page and try again.";
const SILENT = "The studio does not answer. Nothing was changed as far as this page knows.";
let notice = null;

/** POST pairs as a form; the answer's JSON, or null after a notice that says what failed. */
export async function post(url, pairs) {
  const headers = { ...JSON.parse(document.body.getAttribute("hx-headers:inherited")), Accept: "application/json" };
  try {
    const answer = await fetch(url, { method: "POST", body: new URLSearchParams(pairs), headers });
    if (answer.ok) return await answer.json();
    toast({ text: answer.status === 422 ? (await answer.json()).text : FAILED, kind: "bad" });
  } catch {
    toast({ text: SILENT, kind: "bad" });
  }
  return null;
}

/** Do `act` with `value` to `ids`, or with `query` to all that the filter matches. `root` names the addresses. */
export async function curate(root, act, value, ids, query = null) {
  const which = query === null ? ids.map((id) => ["id", id]) : [["all", "1"], ...new URLSearchParams(query)];
  const url = root.dataset.curateUrl.replace(/ACT$/, act);
  const told = await post(url, [["value", value], ...which]);
  if (!told) return false;
  replaceTiles(told.tiles);
  hide(act, ids);
  say(root, told, ids, act);
  document.dispatchEvent(new CustomEvent("framehouse:curated", { detail: { act, value, ids, all: query !== null } }));
  return true;
}

// Tiles that went to the trash keep their place in the page, so that undo finds them.
function hide(act, ids, hidden = true) {
  if (act !== "discard" && act !== "restore") return;
  for (const id of ids) {
    const tile = document.getElementById(`tile-${id}`);
    if (!tile) continue;
    tile.hidden = hidden;
    tile.querySelector(".tile-check").checked = false;
  }
}

function say(root, told, ids, act) {
  notice?.remove();
  const undo = told.undo ? () => takeBack(root, told.undo, ids, act) : null;
  notice = toast({ text: told.text, kind: "ok", undo });
}

async function takeBack(root, token, ids, act) {
  const told = await post(root.dataset.undoUrl, [["token", token], ...ids.map((id) => ["id", id])]);
  if (!told) return;
  hide(act, ids, false);
  replaceTiles(told.tiles);
  notice = toast({ text: told.text, kind: "ok" });
  document.dispatchEvent(new CustomEvent("framehouse:curated", { detail: { act: "undo", ids, all: ids.length === 0 } }));
}
