// A cold start without a network: stored pages and the built files.  An extra, never a condition: GET only, no form
// ever passes through here, and where no worker may run the pages keep themselves.
import { dropPages, page } from "../phone/store.js";

const BUILT = "hotline-built";
const MOST = 40;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(built(request));
  else if (request.mode === "navigate" && url.pathname === "/login") event.respondWith(door(request));
  else if (request.mode === "navigate" && /^\/m(\/|$)/.test(url.pathname)) event.respondWith(stored(request, url));
});

async function built(request) {
  const cache = await caches.open(BUILT);
  const held = await cache.match(request);
  if (held) return held;
  const answer = await fetch(request);
  if (answer.ok) {
    await cache.put(request, answer.clone());
    for (const old of (await cache.keys()).slice(0, -MOST)) await cache.delete(old);
  }
  return answer;
}

// Whoever sees the door is nobody yet: what the last one read is not shown to the next.
async function door(request) {
  const answer = await fetch(request);
  if (answer.ok) await dropPages(() => true).catch(() => undefined);
  return answer;
}

async function stored(request, url) {
  if (/[?&](lang|fresh)=/.test(url.search)) await dropPages(() => true).catch(() => undefined); // pages look otherwise now
  const key = url.pathname.replace(/\/$/, "");
  const mends = url.search.startsWith("?op=");
  const held = url.search && !mends ? undefined : await page(key).catch(() => undefined);
  if (held) return shown(held);
  try {
    return await fetch(request);
  } catch (error) {
    const list = await page("/m").catch(() => undefined);
    if (list) return shown(list);
    throw error;
  }
}

function shown({ html }) {
  return new Response(`${html}<!--stored-->`, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}
