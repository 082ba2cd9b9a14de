// The one entry: htmx first, then the frame, then the screens. Order is guaranteed by the imports.
import "../vendor/htmx.esm.min.js"; // sets window.htmx
import "./overlays.js";
import "./toast.js";
import "./panels.js";
import "./keys.js";
import "./theme.js";

// Screens: one module each, imported here by whoever owns it.
import "./copy.js";
import "./passkeys.js";
import "./gallery.js";
import "./viewer.js";
import "./compare.js";
import "./reuse.js";
import "./composer.js";
import "./live.js";
import "./photo.js";
import "./elements.js";
