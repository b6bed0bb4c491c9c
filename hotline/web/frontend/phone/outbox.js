// Forms of the phone: kept on this machine first, then sent.  What the server refuses at once is said at the form;
// what finds no network waits and goes by itself.  Where this machine keeps nothing, the form is posted as ever.
import { later } from "./lazy.js";
import { flush, hurry, listen } from "./send.js";
import * as store from "./store.js";
import { element, me, uuid } from "./words.js";

const PATIENCE = 4000; // milliseconds a form waits for the answer before the page goes on
const UNSENT = new Set(["csrf_token", "key", "seen"]);

export function outbox(go) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-op]") || !me()) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    submit(form, go).finally(() => delete form.dataset.busy);
  });
  addEventListener("online", () => hurry(me()));
  document.addEventListener("visibilitychange", () => document.hidden || !me() || hurry(me()));
  if (me()) flush(me());
}

async function submit(form, go) {
  const told = document.getElementById("refused");
  let id;
  try {
    id = await keep(form);
  } catch {
    form.submit();
    return;
  }
  told?.remove();
  navigator.storage?.persist?.().catch(() => undefined);
  const answer = await outcome(id);
  if (answer?.state === "rejected") return refuse(form, id, answer.why);
  for (const field of form.elements) if (field.type !== "hidden") field.defaultValue = field.value; // nothing to lose here
  if (answer?.number || answer?.state === "done") location.assign(form.dataset.done.replace("NUMBER", answer.number) + ending(form));
  else go("/m");
}

// Write the form down, with its files; the draft ends with it.
async function keep(form) {
  const given = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && value && !UNSENT.has(name));
  const replaced = form.dataset.mends;
  const made = {
    id: uuid(), // not the page's own key: a stored page is filled in more than once
    me: me(),
    at: Date.now(),
    state: "waiting",
    why: "",
    kind: form.dataset.op,
    number: form.dataset.number ?? "",
    title: form.dataset.title ?? "",
    path: form.dataset.page ?? location.pathname,
    said: Object.fromEntries(given),
  };
  const soon = Promise.race([later(), new Promise((_, no) => setTimeout(no, PATIENCE))]);
  const picked = await soon.then((more) => more.shots(form), () => raw(form));
  made.files = picked.map(({ id, kind, blob }) => ({ id, kind, size: blob.size }));
  await store.keep(made, picked, replaced);
  localStorage.removeItem(`draft:${form.dataset.draft}`);
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

export function refuse(form, id, why) {
  form.dataset.mends = id;
  const said = element("p", { class: "flash bad", role: "alert", id: "refused", tabindex: "-1" }, why);
  form.closest("main").prepend(said);
  said.focus();
}

function ending(form) {
  const chosen = new FormData(form).get("end");
  return chosen === "handled" ? "&as=handled" : "";
}
