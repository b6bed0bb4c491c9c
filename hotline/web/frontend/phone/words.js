// The page's own words for what scripts say, in the reader's language: data attributes of #strip.
export function words(name, values = {}) {
  const text = document.getElementById("strip")?.dataset[name] ?? "";
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

export function me() {
  return document.body.dataset.me ?? "";
}

export function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}
