// References that the studio fetches from an address: their places ask until each is there, or why it is not.
import { refused, settle, told } from "./references.js";

const EVERY = 1000;
const places = () => document.querySelectorAll("#composer [data-wanted]");

async function ask(place) {
  const answer = await fetch(place.dataset.wanted, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer || answer.status === 204 || answer.status >= 500 || answer.redirected || !place.isConnected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const chip = page.querySelector("[data-chips] > *");
  if (chip) settle(document.adoptNode(chip), place);
  const sentence = page.querySelector("[data-refused] > li")?.textContent.trim();
  place.remove();
  if (!chip) refused(null, [sentence ?? "This picture is not waited for any more. Add it again."]);
  told();
}

async function round() {
  if (!document.hidden) await Promise.all([...places()].map(ask));
  setTimeout(round, EVERY);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("#composer [data-wanted-remove]");
  if (!button) return;
  button.closest("[data-wanted]").remove();
  document.querySelector("#composer-drop input").focus();
  told();
});
round();
