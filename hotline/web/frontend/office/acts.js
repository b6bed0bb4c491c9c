// What keys do to forms and lists: never to a form beside the one somebody wrote in, never closing one.
import { flush, kept } from "./drafts.js";

const MAIN = "form[data-desk], form[data-callback], form[data-dispatch]";

// Ctrl+Enter: the form the cursor is in; else the one the page is for.
export function send(event) {
  const inside = event.target.closest("form");
  if (inside && !inside.closest("#main")) return;
  const form = inside ?? document.querySelector(MAIN);
  if (!form || (!inside && written(form))) return;
  form.requestSubmit(form.querySelector("button.primary") ?? form.querySelector("button"));
}

// Enter at the dispatcher's desk.
export function take() {
  const form = document.querySelector("form[data-dispatch]");
  if (!written(form)) form.requestSubmit(form.querySelector("button.primary"));
}

// Enter where a number was read out: the next call.
export function away() {
  document.getElementById("next").click();
}

export function digit(_event, number) {
  const pick = document.querySelector(`form[data-dispatch] [data-pick="${number}"]`);
  pick?.click();
  pick?.focus();
}

export function answering(_event, number) {
  const form = document.querySelector("form[data-callback]");
  if (number === "0") return check(form.querySelector("#missed"));
  if (number === "9") return check(form.querySelector("#declined"));
  check(current(form)?.querySelector(`[data-digit="${number}"]`));
}

// The question that waits for its answer.
export function current(form) {
  const asked = [...form.querySelectorAll("[data-question]")].filter(
    (one) => !("unhappy" in one.dataset) || unhappy(form),
  );
  return asked.find((one) => !one.querySelector(":checked"));
}

// Why somebody is not content is asked of those who are not.
function unhappy(form) {
  return form.elements.solved.value === "no" || Number(form.elements.satisfaction.value || 5) <= 2;
}

function check(radio) {
  if (!radio) return;
  radio.checked = true;
  radio.focus();
  radio.dispatchEvent(new Event("change", { bubbles: true }));
}

// A letter opens its form and never closes one: what somebody wrote in another stays in sight.
export function letter(_event, name) {
  const target = document.querySelector(`#main [data-key="${name}"]`);
  if (!target) return;
  const folded = target.closest("details.group");
  if (folded) folded.open = true;
  if (!target.matches("summary")) return leaves() && target.click();
  for (const open of document.querySelectorAll("#main details[name][open]"))
    if (changed(open)) open.removeAttribute("name");
  const box = target.parentElement;
  box.open = true;
  box.querySelector("textarea, select, input:not([type=hidden])")?.focus();
}

export function walk(step) {
  const rows = [...document.querySelectorAll("[data-walk] [data-row]")];
  const here = rows.indexOf(document.activeElement);
  const from = here >= 0 ? here : rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const next = rows[Math.min(rows.length - 1, Math.max(0, from + step))];
  if (!next || (next.closest(".queue") && !leaves())) return;
  next.focus();
  if (next.closest(".queue")) next.click();
}

// What is written is kept as a draft, and the key may go on; what no draft can keep holds it back.
function leaves() {
  flush();
  return !told([...document.querySelectorAll("#main form[method=post]")].find((form) => changed(form, true)));
}

// A form beside this one that somebody wrote in: said, and nothing is sent.
function written(form) {
  return told([...document.querySelectorAll("#main form[method=post]")].find((one) => one !== form && changed(one)));
}

function told(form) {
  const box = document.getElementById("trouble");
  if (!form || !box) return false;
  box.textContent = box.dataset.beside;
  box.hidden = false;
  return true;
}

// Words or files that are not as the page came.  lost: only what no draft keeps.
function changed(box, lost = false) {
  const fields = [...box.querySelectorAll("textarea, input:not([type=hidden])")].filter(
    (one) => !/radio|checkbox|date/.test(one.type),
  );
  return fields.some((one) =>
    one.type === "file" ? one.files.length > 0 : one.value !== one.defaultValue && !(lost && kept(one)),
  );
}
