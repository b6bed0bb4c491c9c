// Forms of the phone: kept on this machine first, then sent.  What the server refuses at once is said at the form;
// what finds no network waits and goes by itself.  Where this machine keeps nothing, the form is posted as ever.
import { sent } from "../office/drafts.js";
import { later } from "./lazy.js";
import { flush, hurry, listen } from "./send.js";
import * as store from "./store.js";
import { me, say, uuid, words } from "./words.js";

const PATIENCE = 4000; // milliseconds a form waits for the answer before the page goes on
const UNSENT = new Set(["csrf_token", "key", "seen", "again"]);

// pages: {go, arrive}
export function outbox(pages) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || !me() || event.defaultPrevented) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    const work = form.matches("[data-op]") ? submit(form, pages) : posted(form, event.submitter);
    work.finally(() => delete form.dataset.busy);
  });
  addEventListener("online", () => hurry(me()));
  document.addEventListener("visibilitychange", () => document.hidden || !me() || hurry(me()));
  if (me()) flush(me());
}

async function submit(form, pages) {
  let id;
  try {
    const more = await soon();
    if (more && !form.dataset.again && (await more.saidBefore(form, said(form)))) return more.refuse(form, form.dataset.mends, words("twice"), "said_before");
    id = await keep(form);
  } catch {
    return posted(form);
  }
  document.getElementById("refused")?.remove();
  navigator.storage?.persist?.().catch(() => undefined);
  const answer = await outcome(id);
  if (answer?.state === "rejected") return later().then((more) => more.refuse(form, id, answer.why, answer.code));
  const [address, told] = [form.dataset.done.replace("NUMBER", answer?.number) + ending(form), words("sent", { n: answer?.number })];
  empty(form);
  if (!form.isConnected) return; // she went elsewhere meanwhile
  if (answer?.number || answer?.state === "done") await pages.arrive(address, told);
  else pages.go("/m");
}

// This machine keeps nothing, or is full: the form goes as it is, or stays as it is.
export function posted(form, button) {
  return later().then((more) => more.post(form, button), () => say(words("unsent")));
}

// What was taken is gone from the form too, also for whoever comes back to it.
function empty(form) {
  for (const field of form.querySelectorAll("textarea, input:not([type=hidden])")) {
    if (/radio|checkbox/.test(field.type)) field.checked = field.defaultChecked = false;
    else field.value = field.defaultValue = "";
  }
  form.classList.remove("hers");
}

function said(form) {
  return Object.fromEntries([...new FormData(form)].filter(([name, value]) => typeof value === "string" && value && !UNSENT.has(name)));
}

// The other half of the scripts, where it comes in time.
function soon() {
  return Promise.race([later().catch(() => undefined), new Promise((end) => setTimeout(end, PATIENCE))]);
}

// Write the form down, with its files; the draft ends with it.
async function keep(form) {
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
    path: form.dataset.page ?? location.pathname,
    said: said(form),
  };
  const picked = await soon().then((more) => (more ? more.shots(form) : raw(form)));
  made.files = picked.map(({ id, kind, blob }) => ({ id, kind, size: blob.size }));
  const write = () => store.keep(made, picked, replaced);
  await write().catch(() => store.dropPages(() => true).then(write)); // a full machine: pages can be had again, words cannot
  sent(form);
  return made.id;
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

function ending(form) {
  const chosen = new FormData(form).get("end");
  return chosen === "handled" ? "&as=handled" : "";
}
