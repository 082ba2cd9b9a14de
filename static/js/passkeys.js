// A passkey that was refused or cancelled is said in a toast; allauth alone would tell only the console.
import { toast } from "./toast.js";

document.addEventListener("allauth.error", (event) => {
  const cancelled = event.detail.exception?.name === "NotAllowedError";
  const text = cancelled
    ? "No passkey was used. Try again, or sign in another way."
    : "This browser cannot use a passkey at this address. Sign in another way.";
  toast({ text, kind: "bad" });
});
