// What somebody is writing survives a reload and a killed tab: kept on this machine, a day at most, never phone or name.
const DAY = 86_400_000;
const PREFIX = "draft:";
const PRIVATE = new Set(["phone", "name", "csrf_token", "seq", "key", "act"]);
const waiting = new Set(); // forms written in since they were kept
let timer = 0;

export function drafts() {
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form) return;
    waiting.add(form);
    clearTimeout(timer);
    timer = setTimeout(flush, 700);
  });
  addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => document.hidden && flush());
  forget((draft) => Date.now() - draft.at > DAY);
  restore(document);
}

// Keep what was written at once: somebody leads away from it.
export function flush() {
  clearTimeout(timer);
  for (const form of waiting) if (form.isConnected) keep(form);
  waiting.clear();
}

// What was sent is no draft any more, however late a keeping would come.
export function sent(form) {
  waiting.delete(form);
  drop(form.dataset.draft);
}

// Does a draft keep what is in this field?
export function kept(field) {
  return Boolean(field.form?.dataset.draft && field.name && !PRIVATE.has(field.name));
}

export function restore(root) {
  clearTimeout(timer);
  for (const form of waiting) if (!form.isConnected) waiting.delete(form);
  for (const mark of root.querySelectorAll("[data-clears]")) drop(mark.dataset.clears);
  for (const form of root.querySelectorAll("form[data-draft]")) {
    const draft = read(PREFIX + form.dataset.draft);
    if (!draft) continue;
    let restored = false;
    for (const [name, value] of Object.entries(draft.values)) {
      const field = form.elements.namedItem(name);
      if (
        !(
          field instanceof HTMLTextAreaElement ||
          field instanceof HTMLInputElement ||
          field instanceof HTMLSelectElement
        )
      )
        continue;
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
    if (!kept(field) || !("value" in field) || /hidden|checkbox|radio|file/.test(field.type)) continue;
    if (field.classList.contains("suggested")) continue; // nobody's choice yet
    if (field.value) values[field.name] = field.value;
  }
  const key = PREFIX + form.dataset.draft;
  try {
    if (Object.keys(values).length) localStorage.setItem(key, JSON.stringify({ at: Date.now(), values }));
    else localStorage.removeItem(key);
    tell(form, "kept");
  } catch {
    tell(form, "full"); // a full or forbidden storage: the form still works
  }
}

// "restored", "kept" or "full": for pages that say so.
function tell(form, detail) {
  form.dispatchEvent(new CustomEvent("draft", { bubbles: true, detail }));
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function drop(name) {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // nothing was kept
  }
}

// Throw away the drafts that are `which`: what they hold is gone.
export function forget(which) {
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(PREFIX)) continue;
      const draft = read(key);
      if (!draft || which(draft)) localStorage.removeItem(key);
    }
  } catch {
    // a forbidden storage holds none
  }
}
