// What a form posts is the button it was sent with.  htmx takes the one that was last clicked or focused, which is
// none, or another, where a script sends the form: the event itself knows.
export function pressed() {
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    const { type, target: form, submitter } = detail.triggeringEvent ?? {};
    if (type !== "submit") return;
    for (const one of form.elements) if (one.type === "submit" && one.name) delete detail.parameters[one.name];
    if (submitter?.name) detail.parameters[submitter.name] = submitter.value;
  });
}
