// The other half of the scripts.  Without a network, and not loaded before, there are no photos and no list to show.
export function later() {
  return import("./later.js");
}
