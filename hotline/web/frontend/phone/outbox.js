// Forms of the phone: kept on this machine first, then sent.  What the server refuses at once is said at the form;
// what finds no network waits and goes by itself.  Where this machine keeps nothing, the form is posted as ever.
import { sent } from "../office/drafts.js";
import { later } from "./lazy.js";
import { flush, hurry, listen } from "./send.js";
import * as store from "./store.js";
import { me, say, uuid, words } from "./words.js";

const PATIENCE = 4000; // milliseconds a form waits for the answer before the page goes on
const UNSENT = new Set(["csrf_token", "key", "seen", "again"]);

// pages: {go, arrive, show}
export function outbox(pages) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || !me() || event.defaultPrevented) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    const work = form.matches("[data-op]") ? submit(form, pages) : posted(form, pages, event.submitter);
    work.finally(() => delete form.dataset.busy);
  });
  addEventListener("online", () => hurry(me()));
  document.addEventListener("visibilitychange", () => document.hidden || !me() || hurry(me()));
  if (me()) flush(me());
}

async function submit(form, pages) {
  let op;
  try {
    const more = await soon();
    if (more && !form.dataset.again && (await more.saidBefore(form, said(form))))
      return more.refuse(form, form.dataset.mends, words("twice"), "said_before");
    op = await keep(form, more);
  } catch {
    return posted(form, pages);
  }
  sent(form);
  document.getElementById("refused")?.remove();
  navigator.storage?.persist?.().catch(() => undefined);
  const answer = await outcome(op.id);
  if (answer?.state === "rejected") return later().then((more) => more.refuse(form, op.id, answer.why, answer.code));
  form.reset(); // what was taken is gone from it, also for whoever comes back
  form.classList.remove("hers");
  if (!form.isConnected) return; // she went elsewhere meanwhile
  if (!answer?.number && answer?.state !== "done") return pages.go("/m");
  const address = form.dataset.done.replace("NUMBER", answer.number) + (op.said.end === "handled" ? "&as=handled" : "");
  return pages.arrive(address, words("sent", { n: answer.number }));
}

// This machine keeps nothing, or is full: the form goes as it is, or stays as it is.
function posted(form, pages, button) {
  return later().then(
    (more) => more.post(form, pages.show, button),
    () => say(words("unsent")),
  );
}

function said(form) {
  return Object.fromEntries(
    [...new FormData(form)].filter(([name, value]) => typeof value === "string" && value && !UNSENT.has(name)),
  );
}

// The other half of the scripts, where it comes in time.
function soon() {
  return Promise.race([later().catch(() => undefined), new Promise((end) => setTimeout(end, PATIENCE))]);
}

// Write the form down, with its files; the draft ends with it.
async function keep(form, more) {
  const replaced = form.dataset.mends;
  const made = {
    id: uuid(), // not the page's own key: a stored page is filled in more than once
    me: me(),
    at: Date.now(),
    state: "waiting",
    why: "",
    again: Boolean(form.dataset.again),
    kind: form.dataset.op,
    number: form.dataset.number ?? "",
    title: form.dataset.title ?? "",
    path: location.pathname,
    said: said(form),
  };
  const picked = more ? await more.shots(form) : raw(form);
  made.files = picked.map(({ id, kind, blob }) => ({ id, kind, size: blob.size }));
  const write = () => store.keep(made, picked, replaced);
  await write().catch(() => store.dropPages(() => true).then(write)); // a full machine: pages can be had again, words cannot
  return made;
}

// Photos as they are, where the scripts that make them small have not come: the server makes them small.
function raw(form) {
  const field = form.querySelector("input[type=file]");
  return [...(field?.files ?? [])].map((blob) => ({ id: uuid(), kind: "photo", blob }));
}

// What became of a form within the time somebody waits: {state, number, why}, or nothing.
function outcome(id) {
  return new Promise((tell) => {
    const end = (news) => {
      stop();
      clearTimeout(limit);
      tell(news);
    };
    const stop = listen((news) => {
      if (news.id === id && (news.number || ["done", "rejected", "login"].includes(news.state))) end(news);
    });
    const limit = setTimeout(end, PATIENCE);
    hurry(me()).then(async () => (await store.op(id))?.state === "waiting" && !navigator.onLine && end());
  });
}
