// Preferences that show before they are saved, and the backdrop button of the viewer.
//   radio inputs named theme or backdrop      change the page at once
//   <button data-cycle-backdrop>              steps through the backdrops for this tab

const root = document.documentElement;
const BACKDROPS = ["black", "grey", "white", "checker"];

document.addEventListener("change", (event) => {
  if (event.target.matches("input[type=radio]:is([name=theme], [name=backdrop])")) root.dataset[event.target.name] = event.target.value;
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-cycle-backdrop]")) return;
  root.dataset.backdrop = BACKDROPS[(BACKDROPS.indexOf(root.dataset.backdrop) + 1) % BACKDROPS.length];
});
