// The operator's form: suggestions after a pause, never while composing, never over what a person chose.
const PAUSE = 300;
const LONGEST = 1000; // who types without a pause hears of danger all the same
let timer = 0;
let since = 0;
let touched = new Set();

export function desk(htmx) {
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-desk]");
    if (!form) return;
    if (event.isComposing) return clearTimeout(timer);
    if (["text", "address", "phone", "title"].includes(event.target.id)) ask(htmx);
  });
  document.addEventListener("compositionstart", () => clearTimeout(timer));
  document.addEventListener("compositionend", (event) => {
    if (event.target.closest?.("form[data-desk]")) ask(htmx);
  });
  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.fill;
    if (!name) return;
    touch(name, event.target);
    if (name === "area") ask(htmx);
  });
  document.addEventListener("click", (event) => {
    const offer = event.target.closest?.("[data-sets]");
    if (!offer) return;
    choose(offer, true);
    if (offer.dataset.sets === "area") ask(htmx);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "offers") fill(event.target);
  });
}

// What is said of a draft; what was written lies open, beside what the page itself opens.
export function drafted() {
  document.addEventListener("draft", ({ target: form, detail }) => {
    const note = document.getElementById("draft-note");
    if (note && form.matches("[data-desk]")) note.textContent = note.dataset[detail] ?? "";
    if (detail !== "restored") return;
    for (const box of form.querySelectorAll(".field[hidden]"))
      box.hidden = !box.querySelector("textarea, input")?.value;
    for (let box = form.closest("details"); box; box = box.parentElement.closest("details")) {
      box.removeAttribute("name");
      box.open = true;
    }
  });
}

export function fresh(htmx) {
  touched = new Set();
  for (const field of document.querySelectorAll("form[data-desk] [data-fill]"))
    if (field.value) touched.add(field.dataset.fill);
  if (document.querySelector("form[data-desk] #text")?.value.trim()) ask(htmx); // a draft, or a form that came back
}

// F2: the first suggestion of what nobody chose yet, where it is likely enough to be one.
export function adopt() {
  for (const name of ["area", "grid"]) {
    const first = document.querySelector(`#offers [data-sets="${name}"][data-likely]`);
    if (first && !touched.has(name)) choose(first, true);
  }
  const address = document.getElementById("address");
  if (address && !address.value) address.focus();
}

// F4: shows where the answer is written; pressed in it, sends it.
export function answer(event) {
  const field = document.getElementById("answer");
  if (event.target === field && field.value.trim()) return document.getElementById("settle").click();
  document.getElementById("answer-box").hidden = false;
  field.focus();
}

function ask(htmx) {
  clearTimeout(timer);
  since ||= Date.now();
  timer = setTimeout(
    () => {
      since = 0;
      const offers = document.getElementById("offers"); // gone where the matter was registered meanwhile
      if (offers) htmx.trigger(offers, "typed");
    },
    Math.max(0, Math.min(PAUSE, since + LONGEST - Date.now())),
  );
}

function fill(panel) {
  alarm(panel.querySelector("[data-heard]"));
  for (const field of document.querySelectorAll("form[data-desk] [data-fill]")) {
    const name = field.dataset.fill;
    if (touched.has(name)) continue;
    const sure = panel.querySelector(`[data-sets="${name}"][data-sure="yes"]`);
    if (sure) choose(sure, false);
    else if (field.classList.contains("suggested")) set(field, "", false);
  }
  show(panel);
}

function choose(offer, byPerson) {
  const field = document.querySelector(`form[data-desk] [data-fill="${offer.dataset.sets}"]`);
  if (!field || ![...field.options].some((option) => option.value === offer.dataset.value)) return;
  set(field, offer.dataset.value, !byPerson);
  if (byPerson) touched.add(offer.dataset.sets);
  show(document.getElementById("offers"));
}

function set(field, value, unconfirmed) {
  field.value = value;
  field.classList.toggle("suggested", unconfirmed && Boolean(value));
  const mark = document.querySelector(`[data-mark="${field.dataset.fill}"]`);
  if (mark) mark.hidden = !(unconfirmed && value);
}

function touch(name, field) {
  touched.add(name);
  set(field, field.value, false);
  show(document.getElementById("offers"));
}

function show(panel) {
  for (const offer of panel?.querySelectorAll("[data-sets]") ?? []) {
    const field = document.querySelector(`form[data-desk] [data-fill="${offer.dataset.sets}"]`);
    const on = Boolean(field) && field.value === offer.dataset.value;
    offer.classList.toggle("on", on);
    offer.setAttribute("aria-pressed", String(on));
  }
}

function alarm(heard) {
  const box = document.getElementById("danger");
  if (!box || !heard) return;
  box.hidden = heard.dataset.heard !== "critical";
  document.getElementById("danger-why").textContent = heard.textContent;
}

export function unavailable(panel) {
  const body = panel.querySelector(".body");
  if (body) body.textContent = panel.dataset.unavailable;
}
