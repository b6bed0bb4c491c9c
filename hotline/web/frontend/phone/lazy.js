// Loads the other half of the scripts, `later`.  Without a network, and not loaded before, there are no photos and no list.
export function later() {
  return import("./later.js");
}
