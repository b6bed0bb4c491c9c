// Sends what waits: one form after the other, the text first, then each file in pieces.  One sender among tabs.
import * as store from "./store.js";

const FORM_SECONDS = 15;
const LONGEST_WAIT = 300_000;
const LOCK = "hotline-outbox";
const FOREIGN = "foreign"; // why: somebody else answered
const DOORS = { 401: ["not_logged_in"], 403: ["not_allowed", "forged_request"] }; // it is who sends, not what is sent

const channel = self.BroadcastChannel && new BroadcastChannel(LOCK);
const told = new Set();
let pause = 0;
let timer = 0;
let again = false;
let running = null;

channel?.addEventListener("message", (event) => tell(event.data, false));

// listener(news): {id, state, number, why}, of this tab or another.
export function listen(listener) {
  told.add(listener);
  return () => told.delete(listener);
}

export function tell(news, abroad = true) {
  for (const listener of told) listener(news);
  if (abroad) channel?.postMessage(news);
}

// Try now; what cannot go now is tried again later, for ever.
export function flush(me) {
  clearTimeout(timer);
  again = Boolean(running);
  running ??= alone(() => drain(me))
    .catch(() => false)
    .then((clear) => {
      running = null;
      if (again) return flush(me);
      if (clear) pause = 0;
      else again_later(me);
      return clear;
    });
  return running;
}

export function hurry(me) {
  pause = 0;
  return flush(me);
}

function again_later(me) {
  pause = Math.min(LONGEST_WAIT, pause ? pause * 2 : 2000);
  timer = setTimeout(() => flush(me), pause * (0.75 + Math.random() / 2));
}

async function alone(work) {
  if (navigator.locks) return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? work() : false));
  const { lease, release } = await import("./files.js"); // an engine of 2020
  if (!(await lease(LOCK, 75_000))) return false;
  try {
    return await work();
  } finally {
    await release(LOCK);
  }
}

// Every form gets its turn, the oldest first, but after those that were refused less often while others were answered:
// one that sticks holds none back.  Where nobody answers at all, none of them is to blame.
// Returns false where something is left that time may mend.
async function drain(me) {
  const seen = new Set();
  let [clear, dead, heard] = [true, 0, false];
  while (true) {
    const left = (await store.opsOf(me)).filter((op) => !seen.has(op.id) && op.state !== "rejected");
    const next = left.sort((a, b) => (a.tries ?? 0) - (b.tries ?? 0))[0];
    if (!next) return clear;
    seen.add(next.id);
    const status = await turn(next);
    if (status === "login") return false;
    const road = status === "road";
    heard ||= !road;
    dead = road ? dead + 1 : 0;
    if (!road && status !== "later") continue;
    clear = false;
    if (heard) await store.change(next.id, { tries: (next.tries ?? 0) + 1 });
    if (dead > 2) return false;
  }
}

// One form, as far as it goes now: done, no, login, later, or "road" where nobody answered.
async function turn(next) {
  if (next.number_given) return files(next);
  const status = await form(next);
  const op = status === "done" && (await store.op(next.id));
  return op ? files(op) : status;
}

// Its photos and notes, by scripts that are had where there is a network.
function files(op) {
  return import("./files.js").then(
    (more) => more.files(op, { ask, ended, refused, tell, tellOf }),
    () => "road",
  );
}

async function form(op) {
  const { id, kind, number, said, files: named, at } = op;
  const body = { kind, number, said, files: named, occurred_at: moment(at), sent_at: moment(Date.now()) };
  const headers = { "Content-Type": "application/json" };
  const address = `/api/v1/submissions/${id}${op.again ? "?again=true" : ""}`;
  const answer = await ask(id, address, { method: "PUT", headers, body: JSON.stringify(body) }, FORM_SECONDS);
  if (answer.status === "done" && !receipt(op, answer.said)) [answer.status, answer.why] = ["later", FOREIGN];
  if (answer.status !== "done") return refused(id, answer);
  if (named.length) await tellOf(id, { state: "files", number_given: answer.said.number, why: "" });
  else await ended(id, answer.said.number);
  return "done";
}

// A receipt carries the identifier that was sent (`ask` looks), and the number: the ticket's own, a new one, none of a visit.
function receipt({ kind, number }, said) {
  if (typeof said.number !== "string") return false;
  return number ? said.number === number : Boolean(said.number) === (kind !== "visit");
}

async function ended(id, number) {
  await store.drop(id);
  tell({ id, state: "done", number });
}

// {status: done | login | no | later | road, said, code, why}.  Only what carries the identifier we sent is an answer:
// whatever else speaks on the way (a portal, a proxy, another service) said nothing about this form.
async function ask(id, address, request, seconds) {
  const stop = new AbortController();
  const limit = setTimeout(() => stop.abort(), seconds * 1000);
  try {
    const headers = { Accept: "application/json", ...request.headers };
    const answer = await fetch(address, { ...request, redirect: "manual", signal: stop.signal, headers });
    const json = (answer.headers.get("Content-Type") ?? "").includes("json");
    const said = (json && (await answer.json().catch(() => null))) || {};
    const [field] = Array.isArray(said.fields) ? said.fields : [];
    const [code, why] = [said.code, field?.message || said.message || ""];
    if (DOORS[answer.status]?.includes(code)) return { status: "login", why };
    const known = answer.ok ? said.id === id : (await import("./files.js")).refusal(id, answer.status, said);
    if (!known) return { status: "later", why: FOREIGN };
    if (answer.ok) return { status: "done", said };
    const final = answer.status < 500 && ![408, 425, 429].includes(answer.status);
    return { status: final ? "no" : "later", said, code, why };
  } catch {
    return { status: "road", why: "" };
  } finally {
    clearTimeout(limit);
  }
}

async function refused(id, { status, why, code }) {
  const state = { no: "rejected", login: "login" }[status] ?? "waiting";
  await tellOf(id, { state, why, code });
  return status;
}

async function tellOf(id, values) {
  const op = await store.change(id, values);
  if (op) tell({ id, state: op.state, number: op.number_given, why: op.why, code: op.code });
  return op;
}

function moment(milliseconds) {
  return new Date(milliseconds).toISOString();
}
