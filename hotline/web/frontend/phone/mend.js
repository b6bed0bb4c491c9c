// A form that was sent back, opened again: its words stand in the fields, its files under them, and why it came back.
import * as store from "./store.js";
import { me } from "./words.js";

export async function mend(refuse) {
  const id = new URLSearchParams(location.search).get("op");
  const form = document.querySelector("form[data-op]");
  if (!id || !form || form.dataset.mends) return;
  const op = await store.op(id).catch(() => undefined);
  if (!op || op.me !== me() || op.kind !== form.dataset.op) return;
  for (const [name, value] of Object.entries(op.said)) {
    if (name === "seq") continue;
    const field = form.elements.namedItem(name);
    if (field instanceof RadioNodeList || field?.type === "radio") for (const one of form.querySelectorAll(`[name="${name}"]`)) one.checked = one.value === value;
    else if (field?.type === "checkbox") field.checked = true;
    else if (field) field.value = value;
    field?.closest?.("details")?.setAttribute("open", "");
  }
  refuse(form, id, op.why);
}
