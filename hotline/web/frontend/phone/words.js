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

// A new identifier; engines of 2020 have the random numbers but not the function.
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// One sentence in the strip, until it is shown anew.
export function say(text) {
  const place = document.getElementById("strip");
  if (!place) return;
  const line = document.createElement("p");
  line.textContent = text;
  place.replaceChildren(line);
  place.hidden = false;
}
