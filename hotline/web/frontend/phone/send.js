// Sends what waits: one form after the other, the text first, then each file in pieces.  One sender among tabs.
import * as store from "./store.js";

const FORM_SECONDS = 15;
const PIECE_SECONDS = 60;
const PIECE = 128 * 1024;
const LONGEST_WAIT = 300_000;
const LOCK = "hotline-outbox";

const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(LOCK) : null;
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
      else later(me);
      return clear;
    });
  return running;
}

export function hurry(me) {
  pause = 0;
  return flush(me);
}

function later(me) {
  pause = Math.min(LONGEST_WAIT, pause ? pause * 2 : 2000);
  timer = setTimeout(() => flush(me), pause * (0.75 + Math.random() / 2));
}

async function alone(work) {
  if (navigator.locks) return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? work() : false));
  if (!(await store.lease(LOCK, (FORM_SECONDS + PIECE_SECONDS) * 1000))) return false;
  try {
    return await work();
  } finally {
    await store.release(LOCK);
  }
}

// Returns false where something is left that time may mend.
async function drain(me) {
  const seen = new Set();
  for (;;) {
    const next = (await store.opsOf(me)).find((op) => !seen.has(op.id) && op.state !== "rejected");
    if (!next) return true;
    seen.add(next.id);
    const op = next.number_given ? { ...next, state: "files" } : await form(next);
    if (!op) return false;
    if (op.state === "files" && !(await files(op))) return false;
  }
}

async function form(op) {
  const { id, kind, number, said, files: named, at } = op;
  const body = { kind, number, said, files: named, occurred_at: moment(at), sent_at: moment(Date.now()) };
  const headers = { "Content-Type": "application/json" };
  const answer = await ask(`/api/v1/submissions/${id}`, { method: "PUT", headers, body: JSON.stringify(body) }, FORM_SECONDS);
  if (answer.status !== "done") return refused(id, answer);
  if (named.length) return tellOf(id, { state: "files", number_given: answer.said.number, why: "" });
  return ended(id, answer.said.number);
}

async function files(op) {
  for (const named of op.files) {
    const held = await store.file(named.id);
    if (!held || held.refused) continue;
    const answer = await pieces(held);
    if (answer.status === "done") await store.dropFile(held.id);
    else if (answer.status === "no") await store.putFile({ ...held, refused: answer.why });
    else return Boolean(await refused(op.id, answer));
    tell({ id: op.id, state: "files" });
  }
  const left = (await store.filesOf(op.id)).find((one) => one.refused);
  if (left) {
    await tellOf(op.id, { state: "rejected", why: left.refused });
    return true;
  }
  await ended(op.id, op.number_given);
  return true;
}

async function ended(id, number) {
  await store.drop(id);
  tell({ id, state: "done", number });
  return { id, state: "done" };
}

// A file goes on where it stopped: the server says how much it has.
async function pieces({ id, blob, begun }) {
  const address = `/api/v1/files/${id}`;
  let at = 0;
  if (begun) {
    const found = await ask(address, {}, FORM_SECONDS);
    if (found.status === "later" || found.status === "login") return found;
    if (found.status === "no" || found.said?.done) return found;
    at = found.said?.received ?? 0;
  }
  for (let tries = 0; at < blob.size && tries < 500; tries += 1) {
    const end = Math.min(at + PIECE, blob.size);
    const headers = { "Content-Type": "application/octet-stream", "Content-Range": `bytes ${at}-${end - 1}/${blob.size}` };
    if (!begun) await store.putFile({ ...(await store.file(id)), begun: true });
    begun = true;
    const answer = await ask(address, { method: "PUT", headers, body: blob.slice(at, end) }, PIECE_SECONDS);
    if (answer.code === "wrong_offset") at = answer.said.received;
    else if (answer.status !== "done") return answer;
    else at = answer.said.received ?? end;
  }
  return { status: at >= blob.size ? "done" : "later" };
}

// {status: done | login | no | later, said, code, why}
async function ask(address, request, seconds) {
  const stop = new AbortController();
  const limit = setTimeout(() => stop.abort(), seconds * 1000);
  try {
    const answer = await fetch(address, { ...request, signal: stop.signal, headers: { Accept: "application/json", ...request.headers } });
    const said = await answer.json().catch(() => ({}));
    const [field] = said.fields ?? [];
    const why = field?.message || said.message || "";
    if (answer.ok) return { status: "done", said };
    if (answer.status === 401 || answer.status === 403) return { status: "login", why };
    const final = answer.status >= 400 && answer.status < 500 && ![408, 425, 429].includes(answer.status);
    return { status: final ? "no" : "later", said, code: said.code ?? "", why };
  } catch {
    return { status: "later", why: "" };
  } finally {
    clearTimeout(limit);
  }
}

// Returns the form as it stands now where the next one may go; nothing where all must wait.
async function refused(id, answer) {
  if (answer.status === "no") return tellOf(id, { state: "rejected", why: answer.why });
  await tellOf(id, { state: answer.status === "login" ? "login" : "waiting", why: answer.why });
  return undefined;
}

async function tellOf(id, values) {
  const op = await store.change(id, values);
  if (op) tell({ id, state: op.state, number: op.number_given, why: op.why });
  return op;
}

function moment(milliseconds) {
  return new Date(milliseconds).toISOString();
}
