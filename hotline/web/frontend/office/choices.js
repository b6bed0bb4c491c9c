// Choices as they stand: what is picked, what is asked next, what an answer takes back.
import { current } from "./acts.js";

export function choices() {
  document.addEventListener("change", (event) => {
    const group = event.target.closest?.(".offers[role=radiogroup], .choices");
    if (group) paint(group);
    if (event.target.id === "other") {
      for (const radio of document.querySelectorAll("form[data-dispatch] [data-pick]"))
        radio.checked = !event.target.value && radio.defaultChecked;
      document.querySelectorAll(".offers[role=radiogroup]").forEach(paint);
    }
    if (event.target.dataset?.pick) document.getElementById("other").value = ""; // one choice stands
    const form = event.target.closest?.("form[data-callback]");
    if (form) answered(form, event.target);
    const dial = event.target.closest?.("form.dial");
    if (dial) other(dial)?.focus();
  });
  refresh();
}

export function refresh() {
  document.querySelectorAll(".offers[role=radiogroup], .choices").forEach(paint);
  const form = document.querySelector("form[data-callback]");
  if (form) mark(form);
  document.querySelectorAll("form.dial").forEach(other);
}

// The words of "other" are asked for where that is the reason, and only there.
function other(form) {
  const box = form.querySelector("[data-other]");
  if (!box) return null;
  box.hidden = form.elements.reason.value !== "other";
  const words = box.querySelector("input");
  words.required = !box.hidden;
  return box.hidden ? null : words;
}

// Who was not reached said nothing, and who said something was reached: what is shown is what is sent.
function answered(form, chosen) {
  const reached = form.elements.reached;
  const rated = chosen.closest("[data-question]");
  if (rated && reached.value !== "true" && !(reached.value === "declined" && chosen.name === "contacted"))
    reached.value = "true";
  if (chosen.name === "reached" && chosen.value !== "true") {
    const keep = chosen.value === "declined" ? "contacted" : "";
    for (const one of form.querySelectorAll("[data-question] input:checked"))
      if (one.name !== keep) one.checked = false;
  }
  form.querySelectorAll(".choices").forEach(paint);
  mark(form);
}

function mark(form) {
  const now = current(form);
  for (const one of form.querySelectorAll("[data-question]")) one.classList.toggle("now", one === now);
}

function paint(group) {
  for (const label of group.querySelectorAll("label"))
    label.classList.toggle("on", Boolean(label.querySelector("input:checked")));
}
