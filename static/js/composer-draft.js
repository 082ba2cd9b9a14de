// What was typed survives a reload: the fields are kept in this browser, per person and project.

const NOT_KEPT = ["csrfmiddlewaretoken", "form_key"];

const place = (form) => `framehouse.composer:${form.dataset.draft}`;

export function save(form) {
  const fields = fieldsOf(form);
  for (const name of NOT_KEPT) fields.delete(name);
  try {
    localStorage.setItem(place(form), fields.toString());
  } catch {
    // Storage is full or forbidden: the form works without it.
  }
}

/** Every field of the form as it stands. */
export const fieldsOf = (form) => new URLSearchParams(new FormData(form));

/** Ask the server to draw the form as it was left; whoever types meanwhile wins. */
export async function restore(form) {
  const kept = stored(form);
  if (!kept || "prefilled" in form.dataset || form.querySelector(".field-error")) return;
  const fields = new URLSearchParams(kept);
  form.elements.prompt.value = fields.get("prompt") ?? "";
  await redraw(form, fields);
}

/** Draw the form anew with these fields, unless somebody types meanwhile; tells whether it was drawn. */
export async function redraw(form, fields) {
  const before = fieldsOf(form).toString();
  const answer = await fetch(form.dataset.restore, {
    method: "POST",
    body: fields,
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, "HX-Request": "true" },
  }).catch(() => null);
  if (!answer?.ok || !form.isConnected || before !== fieldsOf(form).toString()) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("composer") && document.adoptNode(page.getElementById("composer"));
  if (!fresh || before !== fieldsOf(form).toString()) return false;
  const held = form.contains(document.activeElement) ? document.activeElement : null;
  const caret = [held?.selectionStart ?? null, held?.selectionEnd ?? null];
  form.replaceWith(fresh);
  htmx.process(fresh);
  const again = held?.id ? document.getElementById(held.id) : null;
  again?.focus();
  if (caret[0] !== null) again?.setSelectionRange?.(...caret);
  return true;
}

/** A form that came filled from an earlier generation is a draft like any other: a reload keeps what is changed. */
export function adopt(form) {
  save(form);
  forgetAddress("from");
}

/** The fields that a link asks for, none where it asks for nothing. */
export function asked() {
  const fields = new URLSearchParams(location.search);
  return fields.has("mode") ? fields : null;
}

/** Words of a link join what was typed. A whole form of a link takes its place: the answer puts that back. */
export async function follow(form, fields, join) {
  const kept = new URLSearchParams(stored(form) ?? "");
  const names = [...fields.keys()];
  const typed = (kept.get("prompt") ?? "").trim();
  if (typed && names.every((name) => name === "mode" || name === "prompt")) {
    await restore(form);
    join(fields.get("prompt").trim());
    forgetAddress(...names);
    return null;
  }
  save(form);
  forgetAddress(...names);
  return typed ? () => putBack(form, kept) : null;
}

function putBack(form, kept) {
  localStorage.setItem(place(form), kept.toString());
  location.reload();
}

function forgetAddress(...names) {
  const address = new URL(location.href);
  for (const name of names) address.searchParams.delete(name);
  history.replaceState(history.state, "", address);
}

function stored(form) {
  try {
    return localStorage.getItem(place(form));
  } catch {
    return null;
  }
}
