// Digits and Enter at the dispatcher's and the callback desk.
export function digit(number, event) {
  const pick = document.querySelector(`form[data-dispatch] [data-pick="${number}"]`);
  if (pick) {
    event.preventDefault();
    pick.click();
    pick.focus();
    return;
  }
  const form = document.querySelector("form[data-callback]");
  if (!form) return;
  event.preventDefault();
  if (number === "0") return check(form.querySelector("#missed"));
  const question = current(form);
  check(question?.querySelector(`[data-digit="${number}"]`));
  mark(form);
}

export function enter(event) {
  const next = document.getElementById("next");
  if (next && !event.target.closest?.("a, button")) {
    event.preventDefault();
    return next.click();
  }
  const form = document.querySelector("form[data-dispatch]");
  if (!form || event.target.closest?.("a, button, summary")) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("button.primary"));
}

export function choices() {
  document.addEventListener("change", (event) => {
    const group = event.target.closest?.(".offers[role=radiogroup], .choices");
    if (group) paint(group);
    if (event.target.id === "other") {
      for (const radio of document.querySelectorAll("form[data-dispatch] [data-pick]")) radio.checked = !event.target.value && radio.dataset.pick === "1";
      document.querySelectorAll(".offers[role=radiogroup]").forEach(paint);
    }
    const form = event.target.closest?.("form[data-callback]");
    if (form) mark(form);
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

function current(form) {
  const asked = [...form.querySelectorAll("[data-question]")].filter((one) => !("unhappy" in one.dataset) || unhappy(form));
  return asked.find((one) => !one.querySelector(":checked"));
}

// Why somebody is not content is asked of those who are not.
function unhappy(form) {
  return form.elements.solved.value === "no" || Number(form.elements.satisfaction.value || 5) <= 2;
}

function mark(form) {
  const now = current(form);
  for (const one of form.querySelectorAll("[data-question]")) one.classList.toggle("now", one === now);
}

function check(radio) {
  if (!radio) return;
  radio.checked = true;
  radio.focus();
  radio.dispatchEvent(new Event("change", { bubbles: true }));
}

function paint(group) {
  for (const label of group.querySelectorAll("label")) label.classList.toggle("on", Boolean(label.querySelector("input:checked")));
}
