// The reply pre-check beside the box: after a pause, never while composing; it writes beside the text and never into it.
const PAUSE = 800;
let timer = 0;

export function advice(htmx) {
  document.addEventListener("input", (event) => {
    const panel = panelOf(event.target);
    if (!panel) return;
    if (event.isComposing) clearTimeout(timer);
    else ask(htmx, panel);
  });
  document.addEventListener("compositionstart", (event) => {
    if (panelOf(event.target)) clearTimeout(timer);
  });
  document.addEventListener("compositionend", (event) => {
    const panel = panelOf(event.target);
    if (panel) ask(htmx, panel);
  });
}

function panelOf(field) {
  return field.form?.querySelector("[data-advice]");
}

function ask(htmx, panel) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (panel.isConnected) htmx.trigger(panel, "typed");
  }, PAUSE);
}
