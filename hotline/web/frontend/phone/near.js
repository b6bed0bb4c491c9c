// How far it is from where she stands: asked only when she taps, told to nobody, kept nowhere.
const METRES = 111_320; // of a degree of latitude

export function near() {
  asks("near", (button, coords) => sort(button, coords.longitude, coords.latitude));
  asks("here", (button, coords) => {
    const { form } = button;
    form.elements.namedItem("lng").value = coords.longitude.toFixed(6);
    form.elements.namedItem("lat").value = coords.latitude.toFixed(6);
    form.dispatchEvent(new Event("input", { bubbles: true })); // the place is proposed anew
    return button.dataset.done.replace("{n}", Math.round(coords.accuracy));
  });
}

// A button that asks where she stands: use(button, coords) returns what is then said.
function asks(id, use) {
  const button = document.getElementById(id);
  if (!button) return;
  const say = (text) => (document.getElementById(`${id}-told`).textContent = text);
  button.hidden = !navigator.geolocation;
  button.onclick = () => {
    say(button.dataset.asking);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => say(use(button, coords) ?? ""),
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
    if (Number.isFinite(metres))
      row.querySelector(".metres").textContent = button.dataset.metres.replace("{n}", Math.round(metres));
    list.append(row);
  }
  mark(lng, lat);
}

function distance({ lng, lat }, mine, north) {
  if (!lng) return Number.POSITIVE_INFINITY;
  const east = (Number(lng) - mine) * Math.cos((north * Math.PI) / 180);
  return Math.hypot(east, Number(lat) - north) * METRES;
}

function mark(lng, lat) {
  const map = document.getElementById("sketch");
  if (!map) return;
  map.querySelector(".me")?.remove();
  const { west, north, scale, narrow, edge } = Object.fromEntries(
    Object.entries(map.dataset).map(([name, value]) => [name, Number(value)]),
  );
  const spot = document.createElementNS(map.namespaceURI, "circle");
  const place = { class: "me", r: 7, cx: edge + (lng - west) * scale * narrow, cy: edge + (north - lat) * scale };
  for (const [name, value] of Object.entries(place)) spot.setAttribute(name, value);
  map.append(spot);
}
