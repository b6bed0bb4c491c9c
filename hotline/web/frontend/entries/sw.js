// The service worker: a cold start without a network, from stored pages and built files.  An extra, never a condition:
// GET only, no form ever passes through here, and where no worker may run the pages keep themselves.
import { dropPages, page } from "../phone/store.js";

const BUILT = "hotline-built";
const MOST = 40;
const PAGES = /^\/(m(\/.*)?|login|logout|notices)?$/;
const NOTHING = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>没有网络 No network</title><body style="font: 17px/1.6 sans-serif; margin: 24px; color: #1c2430"><h1 style="font-size: 1.3em">没有网络</h1>
<p>没有提交，也没有丢失：写的内容还在这部手机上。请按返回键回到刚才的页面，有信号后再试。</p>
<p lang="en">No network. Nothing was sent and nothing is lost: what you wrote is still on this phone. Go back, and try again when there is a signal.</p>
<p><a href="/m">今日待办 Today</a></p></body></html>`;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  const ours = request.mode === "navigate" && PAGES.test(url.pathname);
  if (request.method === "POST" && ours && !navigator.onLine) event.respondWith(nothing()); // its body goes nowhere: untouched
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/static/")) event.respondWith(built(request));
  else if (ours && url.pathname === "/login") event.respondWith(door(request).catch(nothing));
  else if (ours && /^\/m(\/|$)/.test(url.pathname)) event.respondWith(stored(request, url).catch(nothing));
  else if (ours) event.respondWith(fetch(request).catch(nothing));
});

async function built(request) {
  const cache = await caches.open(BUILT);
  const held = await cache.match(request);
  if (held) return held;
  const answer = await fetch(request);
  if (answer.ok) {
    await cache.put(request, answer.clone()).catch(() => undefined); // a full machine has the file all the same
    for (const old of (await cache.keys()).slice(0, -MOST)) await cache.delete(old);
  }
  return answer;
}

// Whoever sees the door is nobody yet: what the last one read is not shown to the next.
async function door(request) {
  const answer = await fetch(request);
  const ours = answer.ok && (await answer.clone().text()).includes('action="/login"'); // others answer on the way too
  if (ours) await dropPages(() => true).catch(() => undefined);
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

// Where neither network nor store has a page: still one of ours, never the browser's own.
function nothing() {
  return new Response(NOTHING, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
}

function shown({ html }) {
  return new Response(`${html}<!--stored-->`, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}
