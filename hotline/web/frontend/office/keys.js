// One key, one meaning: no key acts while it is held, while somebody composes, under a dialog, while a form is under
// way, or a second time on a ticket that has only just come.  A person may switch single keys off.
import { TABLE } from "./table.js";

const OFF = "keys-off";
const LOOK = 1000; // milliseconds: the key that sent one ticket acts on the next one once it can have been seen
const PATIENCE = 25_000; // a form of the page itself that leads nowhere (a sheet to save)
const held = new Set(); // keys that are down
let stuck = new Set(); // keys that were down when the next ticket came
let under_way = false;
let pressed = ""; // what was pressed last, "" after a pointer
let acted = ""; // what sent the form that brought what is shown
let since = 0;

export function keys() {
  document.addEventListener("keydown", press);
  document.addEventListener("keyup", (event) => {
    for (const set of [held, stuck]) {
      if (event.code.startsWith("Meta"))
        set.clear(); // under ⌘ no other key says that it is up
      else set.delete(event.code);
    }
  });
  document.addEventListener("click", once, true);
  document.addEventListener("pointerdown", () => ([pressed, acted] = ["", ""]), true);
  addEventListener("blur", () => {
    for (const set of [held, stuck]) set.clear();
  });
  watch();
  dialogs();
}

function press(event) {
  const again = event.repeat || held.has(event.code);
  held.add(event.code);
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented || event.altKey) return;
  const name = named(event);
  if (/^(Control|Shift|Meta)/.test(event.code)) return;
  if (bare(name) !== bare(acted)) acted = "";
  const native = /^(Enter| )$/.test(event.key) && event.target.closest("a, button, summary");
  if (again) return native || sends(event.target, name) ? event.preventDefault() : undefined;
  pressed = name;
  if (name === "Escape") return isField(event.target) ? leave(event) : undefined;
  const row = found(event, name);
  if (native && !name.startsWith("Ctrl+")) return dead(name) ? stop(event) : undefined;
  if (row) {
    event.preventDefault();
    return row.acts && dead(name) ? stop(event) : row.does(event, bare(name));
  }
  if (sends(event.target, name)) event.preventDefault();
}

function found(event, name) {
  const open = document.querySelector("dialog[open]");
  const writing = isField(event.target);
  const off = localStorage.getItem(OFF);
  return TABLE.find((row) => {
    if (!row.keys.includes(name) || (row.needs && !document.querySelector(row.needs))) return false;
    if (open) return Boolean(row.asking && open.matches(row.asking));
    return !row.asking && (row.writing || !writing) && !(row.single && off);
  });
}

// "Ctrl+Enter", "F4", "N", "1", "?": by where the key lies, whatever the layout; a letter with Shift is none of ours.
function named(event) {
  const ctrl = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  if (!ctrl && (event.key === "?" || event.key === "？" || (event.code === "Slash" && event.shiftKey))) return "?";
  const code = event.code.replace(/^(Key|Digit|Numpad)(?=.)/, "").replace("Slash", "/");
  return ctrl + (event.shiftKey && !/^F\d/.test(code) ? "Shift+" : "") + code;
}

// The key alone: a second Ctrl+Enter with Ctrl let go too early is still the second one.
function bare(name) {
  return name.replace(/^.*\+/, "");
}

// Would the browser itself send a form here?  Only its button and Ctrl+Enter do.
function sends(target, name) {
  const form = target.form;
  return (
    name === "Enter" && target.matches("input, select") && form?.method === "post" && Boolean(form.closest("#main"))
  );
}

function dead(name) {
  return under_way || stuck.size > 0 || (acted && bare(name) === bare(acted) && performance.now() - since < LOOK);
}

function stop(event) {
  event.preventDefault();
  const live = document.getElementById("live");
  if (live) live.textContent = live.dataset.wait;
}

function leave(event) {
  if (event.target.type === "search") event.preventDefault(); // it would be emptied
  event.target.blur();
}

export function isField(element) {
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  return element.matches("input") && !["checkbox", "radio", "button", "submit"].includes(element.type);
}

// A form is under way from its start until what it brought is shown.
function watch() {
  const form = (event) => event.detail.requestConfig?.elt.matches("form"); // it may be gone by the end of its request
  document.addEventListener("htmx:beforeRequest", (event) => form(event) && begin());
  document.addEventListener("htmx:afterRequest", (event) => form(event) && end());
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post" || event.target.hasAttribute("hx-post")) return;
    begin();
    setTimeout(end, PATIENCE);
  });
  addEventListener("pageshow", () => (under_way = false));
}

// The second click of a double click is for the ticket of the first: never for the one that came in between.
function once(event) {
  const late = event.detail > 1 && performance.now() - since < LOOK;
  if (late && event.target.closest("#main form[method=post] button")) stop(event);
}

function begin() {
  [under_way, acted] = [true, pressed];
}

function end() {
  [under_way, since, stuck] = [false, performance.now(), new Set(held)];
}

function dialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    if (event.target.closest?.("[data-closes]")) event.target.closest("dialog").close();
  });
  const off = document.getElementById(OFF);
  if (!off) return;
  off.checked = Boolean(localStorage.getItem(OFF));
  off.addEventListener("change", () => (off.checked ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF)));
}
