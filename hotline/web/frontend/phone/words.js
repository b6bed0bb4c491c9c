// The page's own words for what scripts say, in the reader's language: data attributes of #strip.
export function words(name, values = {}) {
  const text = document.getElementById("strip")?.dataset[name] ?? "";
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

export function me() {
  return document.body.dataset.me ?? "";
}

// Is this text a page of this site, for who is logged in here?  Others answer on the way too.
export function ours(html) {
  return html.includes(`<body data-me="${me()}"`);
}

export function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

// A new identifier (UUID, version 4); engines of 2020 have the random numbers but not the function.
export function uuid() {
  const digit = (at) => (at ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (at / 4)))).toString(16);
  return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, digit);
}

// One sentence in the strip, until it is shown anew.
export function say(text) {
  const place = document.getElementById("strip");
  if (!place) return;
  place.replaceChildren(element("p", {}, text));
  place.hidden = false;
}
