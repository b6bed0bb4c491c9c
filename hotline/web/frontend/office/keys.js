// Shortcuts.  Never during IME composition; single keys never inside fields; a person may switch them off.
const OFF = "keys-off";

export function keys(handlers) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    if (event.code === "Enter" && (event.ctrlKey || event.metaKey)) return send(event);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^F\d+$/.test(event.code)) return handlers[event.code]?.(event);
    if (event.code === "Escape" && isField(event.target)) return event.target.blur();
    if (isField(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?" || event.key === "？" || (event.code === "Slash" && event.shiftKey)) return open(event);
    if (event.shiftKey || localStorage.getItem(OFF)) return;
    single(event, handlers);
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    if (event.target.closest?.("[data-closes]")) event.target.closest("dialog").close();
  });
  const off = document.getElementById(OFF);
  if (off) {
    off.checked = Boolean(localStorage.getItem(OFF));
    off.addEventListener("change", () => (off.checked ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF)));
  }
}

export function isField(element) {
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  return element.matches("input") && !["checkbox", "radio", "button", "submit"].includes(element.type);
}

function send(event) {
  const form = event.target.closest?.("form") ?? document.querySelector("form[data-desk], form[data-callback], form[data-dispatch]");
  const main = form?.closest("#main") ? form : document.querySelector("form[data-desk], form[data-callback], form[data-dispatch]");
  if (!main) return;
  event.preventDefault();
  const button = main.querySelector("button.primary") ?? main.querySelector("button");
  main.requestSubmit(button);
}

function open(event) {
  event.preventDefault();
  document.getElementById("keys")?.showModal();
}

function single(event, handlers) {
  if (event.code === "Slash") {
    const search = document.querySelector("[data-search] input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
    return;
  }
  if (event.code === "KeyJ" || event.code === "KeyK") return walk(event, event.code === "KeyJ" ? 1 : -1);
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  const target = letter && document.querySelector(`#main [data-key="${letter}"]`);
  if (target) {
    event.preventDefault();
    const folded = target.closest("details.group");
    if (folded) folded.open = true;
    target.click();
    const box = target.closest("details");
    if (box?.open) box.querySelector("textarea, select, input:not([type=hidden])")?.focus();
    return;
  }
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1];
  if (digit !== undefined) return handlers.digit?.(digit, event);
  if (event.code === "Enter" || event.code === "NumpadEnter") handlers.enter?.(event);
}

function walk(event, step) {
  const rows = [...document.querySelectorAll("[data-walk] [data-row]")];
  if (!rows.length) return;
  event.preventDefault();
  const here = rows.indexOf(document.activeElement);
  const current = here >= 0 ? here : rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const next = Math.min(rows.length - 1, Math.max(0, current + step));
  rows[next].focus();
  if (rows[next].closest(".queue")) rows[next].click();
}
