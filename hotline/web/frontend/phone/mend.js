// A form that was sent back, opened again: its words stand in the fields, its files under them, and why it came back.
import * as store from "./store.js";
import { element, me, words } from "./words.js";

const LATELY = 600_000; // milliseconds

document.addEventListener("click", (event) => {
  const form = event.target.closest?.("[data-again]") && document.querySelector("form[data-op]");
  if (!form) return;
  form.dataset.again = "1";
  form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
});

export async function mend() {
  const id = new URLSearchParams(location.search).get("op");
  const form = document.querySelector("form[data-op]");
  if (!id || !form || form.dataset.mends) return;
  const op = await store.op(id).catch(() => undefined);
  if (!op || op.me !== me() || op.kind !== form.dataset.op) return;
  for (const [name, value] of Object.entries(op.said)) {
    if (name === "seq") continue;
    const field = form.elements.namedItem(name);
    if (field instanceof RadioNodeList || field?.type === "radio")
      for (const one of form.querySelectorAll(`[name="${name}"]`)) one.checked = one.value === value;
    else if (field?.type === "checkbox") field.checked = true;
    else if (field) field.value = value;
    field?.closest?.("details")?.setAttribute("open", "");
  }
  refuse(form, id, op.why, op.code);
}

// How a form says why it came back.
export function refuse(form, id, why, code) {
  if (id) form.dataset.mends = id;
  document.getElementById("refused")?.remove();
  const told = element("p", { class: "flash bad", role: "alert", id: "refused", tabindex: "-1" }, why);
  if (code === "said_before")
    told.append(" ", element("button", { type: "button", class: "button plain", "data-again": "" }, words("again")));
  form.closest("main").prepend(told);
  told.focus();
}

// The same words about the same still wait on this phone; what was sent already the server knows.
export async function saidBefore(form, said) {
  const given = worded(said);
  const like = (op) =>
    op.kind === form.dataset.op && op.number === (form.dataset.number ?? "") && worded(op.said) === given;
  const lately = (op) => Date.now() - op.at < LATELY && op.id !== form.dataset.mends;
  return (await store.opsOf(me())).some((op) => lately(op) && like(op));
}

function worded({ seq, lng, lat, ...rest }) {
  return JSON.stringify(Object.entries(rest).sort());
}
