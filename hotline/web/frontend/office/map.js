// Own polygons on Leaflet, no tiles: nothing leaves the origin.
export async function maps(root) {
  const boxes = [...root.querySelectorAll("[data-map]")].filter((box) => !box.dataset.drawn);
  if (!boxes.length) return;
  const leaflet = await import("leaflet");
  const L = leaflet.default ?? leaflet;
  for (const box of boxes) {
    box.dataset.drawn = "1";
    draw(L, box).catch((trouble) => {
      console.error("map", trouble);
      (box.parentElement ?? box).hidden = true;
    });
  }
}

async function draw(L, box) {
  const answer = await fetch(box.dataset.map, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  const shapes = await answer.json();
  const map = L.map(box, {
    preferCanvas: true,
    attributionControl: false,
    zoomControl: false,
    keyboard: false,
    scrollWheelZoom: false,
    dragging: false,
    doubleClickZoom: false,
    touchZoom: false,
    boxZoom: false,
    zoomSnap: 0.1,
  });
  const layer = L.geoJSON(shapes, {
    style: (one) => ({
      color: one.properties.here ? "#1456b8" : "#8a95a5",
      weight: one.properties.here ? 3 : 1,
      fillColor: one.properties.here ? "#1456b8" : "#dfe5ee",
      fillOpacity: one.properties.here ? 0.22 : 0.5,
    }),
  }).addTo(map);
  map.fitBounds(layer.getBounds(), { padding: [10, 10] });
  for (const one of layer.getLayers()) {
    one.bindTooltip(one.feature.properties.name, { permanent: true, direction: "center", className: "grid-name" });
  }
  if (box.dataset.lng) {
    const spot = [Number(box.dataset.lat), Number(box.dataset.lng)];
    L.circleMarker(spot, { radius: 7, color: "#fff", weight: 2, fillColor: "#b3261e", fillOpacity: 1 }).addTo(map);
  }
}
