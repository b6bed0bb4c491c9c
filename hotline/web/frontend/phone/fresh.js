// What came since her first look is marked on the list until it is opened.  Known to this phone alone.
import { element, me, words } from "./words.js";

const MOST = 500;
const NUMBER = /^\/m\/([A-Z]{2}\d+)/;

export function fresh() {
  const name = `known:${me()}`;
  const stored = localStorage.getItem(name);
  const { since, opened } = JSON.parse(stored ?? '{"since":"","opened":[]}');
  const cards = [...document.querySelectorAll("[data-fresh] a")].map((card) => [
    NUMBER.exec(card.pathname)?.[1] ?? "",
    card,
  ]);
  const here = NUMBER.exec(location.pathname)?.[1];
  if (here && !opened.includes(here)) opened.push(here);
  if (!stored && !cards.length) return;
  for (const [number, card] of stored ? cards : []) {
    if (number <= since || opened.includes(number) || card.querySelector(".fresh")) continue;
    card.querySelector(".top").append(element("span", { class: "tag fresh" }, words("fresh")));
  }
  const newest = stored
    ? since
    : cards
        .map(([number]) => number)
        .sort()
        .pop(); // numbers grow with time
  try {
    localStorage.setItem(name, JSON.stringify({ since: newest, opened: opened.slice(-MOST) }));
  } catch {
    // a full machine: marked again next time
  }
}

fresh();
document.addEventListener("page", fresh);
