// What somebody is writing survives a reload and a killed tab: kept on this machine, a day at most, never phone or name.
const DAY = 86_400_000;
const PREFIX = "draft:";
const PRIVATE = new Set(["phone", "name", "csrf_token", "seq", "key", "act"]);
let timer = 0;

export function drafts() {
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form) return;
    clearTimeout(timer);
    timer = setTimeout(() => keep(form), 700);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches('[action="/logout"]')) forget(() => true);
  });
  forget((draft) => Date.now() - draft.at > DAY);
  restore(document);
}

export function restore(root) {
  clearTimeout(timer);
  for (const mark of root.querySelectorAll("[data-clears]")) localStorage.removeItem(PREFIX + mark.dataset.clears);
  for (const form of root.querySelectorAll("form[data-draft]")) {
    const draft = read(PREFIX + form.dataset.draft);
    if (!draft) continue;
    let restored = false;
    for (const [name, value] of Object.entries(draft.values)) {
      const field = form.elements.namedItem(name);
      if (!(field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) continue;
      if (field.value || /checkbox|radio/.test(field.type)) continue;
      field.value = value;
      restored = true;
    }
    if (restored) tell(form, "restored");
  }
}

function keep(form) {
  const values = {};
  for (const field of form.elements) {
    if (!field.name || PRIVATE.has(field.name) || !("value" in field) || /hidden|checkbox|radio|file/.test(field.type)) continue;
    if (field.classList.contains("suggested")) continue; // nobody's choice yet
    if (field.value) values[field.name] = field.value;
  }
  const key = PREFIX + form.dataset.draft;
  try {
    if (Object.keys(values).length) localStorage.setItem(key, JSON.stringify({ at: Date.now(), values }));
    else localStorage.removeItem(key);
    tell(form, "kept");
  } catch {
    // a full or forbidden storage: the form still works
  }
}

function tell(form, what) {
  const note = document.getElementById("draft-note");
  if (note && form.matches("[data-desk]")) note.textContent = note.dataset[what] ?? "";
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function forget(which) {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(PREFIX)) continue;
    const draft = read(key);
    if (!draft || which(draft)) localStorage.removeItem(key);
  }
}
