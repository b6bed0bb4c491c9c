// How far it is from where she stands: asked only when she taps, told to nobody, kept nowhere.
const METRES = 111_320; // of a degree of latitude

export function near() {
  const button = document.getElementById("near");
  if (!button || !navigator.geolocation) return;
  button.hidden = false;
  button.onclick = () => {
    say(button.dataset.asking);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => sort(button, coords.longitude, coords.latitude),
      () => say(button.dataset.denied),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
    );
  };
}

function sort(button, lng, lat) {
  const list = document.getElementById("spots");
  const rows = [...list.children].map((row) => ({ row, metres: distance(row.dataset, lng, lat) }));
  rows.sort((a, b) => a.metres - b.metres);
  for (const { row, metres } of rows) {
    if (Number.isFinite(metres)) row.querySelector(".metres").textContent = button.dataset.metres.replace("{n}", Math.round(metres));
    list.append(row);
  }
  say("");
  mark(lng, lat);
}

function distance({ lng, lat }, mine, north) {
  if (!lng) return Infinity;
  const east = (Number(lng) - mine) * Math.cos((north * Math.PI) / 180);
  return Math.hypot(east, Number(lat) - north) * METRES;
}

function mark(lng, lat) {
  const map = document.getElementById("sketch");
  if (!map) return;
  map.querySelector(".me")?.remove();
  const { west, north, scale, narrow, edge } = Object.fromEntries(Object.entries(map.dataset).map(([name, value]) => [name, Number(value)]));
  const spot = document.createElementNS(map.namespaceURI, "circle");
  const place = { class: "me", r: 7, cx: edge + (lng - west) * scale * narrow, cy: edge + (north - lat) * scale };
  for (const [name, value] of Object.entries(place)) spot.setAttribute(name, value);
  map.append(spot);
}

function say(text) {
  document.getElementById("near-told").textContent = text;
}
