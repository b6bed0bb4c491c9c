// Pages of the phone are kept on this machine: shown at once, with a network or without, and made new behind.
import { later } from "./lazy.js";
import * as store from "./store.js";
import { element, ours as isOurs, me, say, words } from "./words.js";

const MOST = 30;
const KEPT = new Set(["/m", "/m/report", "/m/waiting", "/m/me", "/m/map", "/m/visits"]);
const AGED = 600_000; // milliseconds; fetched anew ahead of need
const TICKET = /^\/m\/[A-Z]{2}\d/;
// What may be kept; never an answer to a form: one of them may show a caller's number.
const KEEPS = /^\/m(\/(report|waiting|me|map|visits|[A-Z]{2}\d+(\/(whistle|grid))?))?$/;
let turn = 0;

export function pages() {
  document.addEventListener("click", (event) => {
    event.target.closest?.("form[data-op]")?.classList.add("hers"); // also while she chooses a photo
    const link = event.target.closest?.("a[href]");
    if (
      !link ||
      event.defaultPrevented ||
      event.button ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      link.target
    )
      return;
    if (link.origin !== location.origin || !ours(link.pathname) || link.hash) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
  addEventListener("popstate", () => go(location.pathname + location.search, false));
  history.scrollRestoration = "manual";
  settle();
}

// Show a page: the stored one first; without one and without a network, say so and stay.
export async function go(address, push = true) {
  const mine = ++turn;
  const stored = await store.page(key(address), me()).catch(() => undefined);
  if (mine !== turn) return;
  if (stored) show(stored.html, address, push);
  else if (!navigator.onLine) return say(words("missing"));
  const html = await fetched(address);
  if (mine !== turn || html === "") return;
  if (html === undefined) {
    if (!stored) say(words("missing"));
  } else if (!stored || !busy()) show(html, address, push && !stored);
  ahead();
}

// What was sent has a receipt: show where it leads; on a dead road the list as it is kept, or this page, and say so.
export async function arrive(address, told) {
  const mine = ++turn;
  const html = await fetched(address);
  if (mine !== turn || html === "") return;
  const kept = html ? undefined : await store.page("/m", me()).catch(() => undefined);
  if (html || kept) show(html || kept.html, html ? address : "/m", true);
  if (!html) document.querySelector("main").prepend(element("p", { class: "flash", role: "status" }, told));
  ahead();
}

// A page that has just come: keep it; one out of the store: make it new; then fetch what may be opened without a network.
async function settle() {
  if (!me()) return;
  const anew = /[?&](lang|fresh)=/.test(location.search); // language or print changed: stored pages look as before
  await store
    .dropPages((held) => anew || held.me !== me() || Date.now() - held.at > store.PAGE_HOURS * 3_600_000)
    .catch(() => undefined);
  const address = location.pathname + location.search;
  if (document.lastChild?.data === "stored")
    await renew(address); // the worker's mark
  else await keep(address, document.documentElement.outerHTML, me());
  ahead();
}

async function renew(address) {
  const mine = ++turn;
  const html = await fetched(address);
  if (html && mine === turn && !busy()) show(html, address, false);
}

// What may be opened without a network, one after the other: the tickets of the list, the forms of a ticket.
async function ahead() {
  const mine = turn;
  const cards = [...document.querySelectorAll("[data-ahead] a[href^='/m/']")].map((one) => one.getAttribute("href"));
  const list = location.pathname === "/m";
  if (list && !location.search.includes("list=")) {
    const gone = (held) => TICKET.test(held.url) && !cards.some((one) => held.url.startsWith(one));
    if (!document.querySelector("[data-more]")) await store.dropPages(gone).catch(() => undefined);
  }
  for (const address of [...(list ? KEPT : []), ...cards.slice(0, MOST)]) {
    if (mine !== turn || !navigator.onLine || document.hidden) return;
    const held = await store.page(address, me()).catch(() => undefined);
    if (!held || Date.now() - held.at > AGED) await fetched(address);
  }
  await later().catch(() => undefined);
}

// What was sent changed the ticket: its stored pages tell the old story.
export async function forget(number) {
  await store.dropPages((held) => held.url.startsWith(`/m/${number}`)).catch(() => undefined);
}

// The page's text, kept; "" where the browser went elsewhere (the login); undefined without a network.
async function fetched(address) {
  const who = me();
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const html = await answer.text();
    if (new URL(answer.url).pathname === "/login" && html.includes('action="/login"')) {
      if (!document.hidden && location.pathname === key(address)) location.assign(answer.url);
      return "";
    }
    if (!isOurs(html)) return answer.status === 404 && answer.headers.get("Content-Language") ? html : undefined;
    if (answer.status === 404) await store.dropPages((held) => held.url === key(address));
    if (!answer.ok) return answer.status < 500 ? html : undefined;
    await keep(address, html, who);
    return html;
  } catch {
    return undefined;
  }
}

async function keep(address, html, who) {
  if (KEEPS.test(key(address))) await store.keepPage(key(address), who, html).catch(() => undefined);
}

export function show(html, address, push) {
  document.dispatchEvent(new CustomEvent("leave"));
  const fresh = new DOMParser().parseFromString(html, "text/html");
  document.title = fresh.title;
  document.documentElement.className = fresh.documentElement.className;
  document.body.replaceWith(document.adoptNode(fresh.body));
  if (push) {
    history.pushState({}, "", address);
    scrollTo(0, 0);
  }
  document.dispatchEvent(new CustomEvent("page"));
}

function busy() {
  const held = document.activeElement;
  if (held && held !== document.body && held.matches("input, textarea, select")) return true;
  return [...document.querySelectorAll("form[data-op]")].some(
    (form) => form.classList.contains("hers") || touched(form),
  );
}

function touched(form) {
  if (form.querySelector(".thumbs li")) return true;
  return [...form.elements].some((field) =>
    field.type === "radio"
      ? field.checked !== field.defaultChecked
      : field.matches("textarea, input:not([type=hidden])") && field.value !== field.defaultValue,
  );
}

function ours(path) {
  return path === "/m" || path.startsWith("/m/");
}

function key(address) {
  return address.replace(/#.*|\?op=.*/, "").replace(/\/$/, "");
}
