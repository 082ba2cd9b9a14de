// Runs before the first paint, so that folded panels never flash open. Classic script, no imports.
(() => {
  const root = document.documentElement;
  if (/^(Mac|iP)/.test(navigator.platform)) root.dataset.mac = "";
  for (const name of ["composer", "inspector"]) {
    try {
      const state = localStorage.getItem(`framehouse.panel.${name}`);
      if (state === "folded") root.dataset[name] = state;
    } catch {
      return; // storage is blocked: panels simply start open
    }
  }
  try {
    const row = Number(localStorage.getItem("framehouse.tile-row"));
    if (row >= 60 && row <= 600) root.style.setProperty("--tile-row", `${row}px`);
  } catch {
    return;
  }
})();
