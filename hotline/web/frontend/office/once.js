// A double click posts once: a form that is on its way does not start again.  The server's own keys stand behind this.
export function once() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("[data-once]") || (form.hasAttribute("hx-post") && window.htmxReady))
      return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    setTimeout(() => setButtons(form, true), 0); // after the browser has read which button was pressed
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      setButtons(form, false);
    }
  });
}

function setButtons(form, off) {
  for (const button of form.elements) if (button.tagName === "BUTTON") button.disabled = off;
}
