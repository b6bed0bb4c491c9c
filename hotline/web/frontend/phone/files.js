// Photos and notes of a form: kept on this machine, and sent in pieces once the form's words have arrived.
import { filesOf, open } from "./store.js";

const [STANDS_SECONDS, PIECE_SECONDS] = [15, 60];
const PIECE = 128 * 1024;

export async function file(id) {
  return (await open()).get("files", id);
}

export async function putFile(one) {
  await (await open()).put("files", one);
}

export async function dropFile(id) {
  await (await open()).delete("files", id);
}

// road: what `send.js` sends and tells with; the two halves of the scripts share no more than the store.
export async function files(op, road) {
  for (const named of op.files) {
    const held = await file(named.id);
    if (!held || held.refused) continue;
    const answer = await pieces(held, road.ask);
    if (answer.status === "done") await dropFile(held.id);
    else if (answer.status === "no") await putFile({ ...held, refused: answer.why });
    else return road.refused(op.id, answer);
    road.tell({ id: op.id, state: "files" });
  }
  const left = (await filesOf(op.id)).find((one) => one.refused);
  if (left) {
    await road.tellOf(op.id, { state: "rejected", why: left.refused });
    return "no";
  }
  await road.ended(op.id, op.number_given);
  return "done";
}

// A file goes on where it stopped: the server says how much it has.
async function pieces({ id, blob, begun }, ask) {
  const address = `/api/v1/files/${id}`;
  let at = 0;
  if (begun) {
    const found = await ask(id, address, {}, STANDS_SECONDS);
    if (found.status !== "done" || found.said.done) return found;
    at = found.said?.received ?? 0;
  }
  for (let tries = 0; at < blob.size && tries < 500; tries += 1) {
    const end = Math.min(at + PIECE, blob.size);
    const headers = {
      "Content-Type": "application/octet-stream",
      "Content-Range": `bytes ${at}-${end - 1}/${blob.size}`,
    };
    if (!begun) await putFile({ ...(await file(id)), begun: true });
    begun = true;
    const answer = await ask(id, address, { method: "PUT", headers, body: blob.slice(at, end) }, PIECE_SECONDS);
    if (answer.code === "wrong_offset") at = answer.said.received;
    else if (answer.status === "done") at = answer.said.received ?? end;
    else return answer;
  }
  return { status: at >= blob.size ? "done" : "later" };
}

// One sender among tabs where the browser has no locks: who holds the lease, until when.
export async function lease(name, milliseconds) {
  const tx = (await open()).transaction("leases", "readwrite");
  const held = await tx.store.get(name);
  const free = !held || held.until < Date.now();
  if (free) await tx.store.put({ name, until: Date.now() + milliseconds });
  await tx.done;
  return free;
}

export async function release(name) {
  await (await open()).delete("leases", name);
}

// A refusal has our shape: a code and words, of which fields if of some.  Without the identifier only what is said of
// the content counts; it loses nothing: the form stays, with what was said of it.
export function refusal(id, status, said) {
  if (![said.code, said.message].every((one) => one?.trim?.()) || !(said.fields ?? []).map) return false;
  return /^[a-z_]+$/.test(said.code) && (said.id ? said.id === id : [400, 409, 413, 415, 422].includes(status));
}
