// One line on every page of the phone: no network, what waits, what came back.  A line, never a dialog.
import { listen } from "./send.js";
import { opsOf } from "./store.js";
import { element, me, words } from "./words.js";

export function strip() {
  listen(() => show());
  addEventListener("online", () => show());
  addEventListener("offline", () => show());
}

export async function show() {
  const place = document.getElementById("strip");
  if (!place) return;
  const ops = me() ? await opsOf(me()).catch(() => []) : [];
  const count = (state) => ops.filter((op) => op.state === state).length;
  const lines = [];
  if (!navigator.onLine) lines.push([words("offline")]);
  const here = location.pathname === "/m/waiting";
  if (count("login"))
    lines.push([
      words("login", { n: count("login") }),
      words("tologin"),
      `/login?next=${encodeURIComponent("/m/waiting")}`,
    ]);
  if (count("rejected"))
    lines.push([words("rejected", { n: count("rejected") }), here ? "" : words("look"), "/m/waiting"]);
  const under_way = count("waiting") + count("files");
  if (under_way) lines.push([words("waiting", { n: under_way }), here ? "" : words("look"), "/m/waiting"]);
  place.replaceChildren(...lines.map(line));
  place.hidden = lines.length === 0;
  for (const bubble of document.querySelectorAll("[data-count]")) {
    bubble.textContent = ops.length ? String(ops.length) : "";
    bubble.hidden = ops.length === 0;
  }
}

function line([text, label, address]) {
  const made = element("p", {}, text);
  if (label) made.append(" ", element("a", { href: address }, label));
  return made;
}
