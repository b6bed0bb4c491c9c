// Photos and notes of a form: kept on this machine, and sent in pieces once the form's words have arrived.
import { ask, ended, FORM_SECONDS, refused, tell, tellOf } from "./send.js";
import { filesOf, open } from "./store.js";

const PIECE_SECONDS = 60;
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

export async function files(op) {
  for (const named of op.files) {
    const held = await file(named.id);
    if (!held || held.refused) continue;
    const answer = await pieces(held);
    if (answer.status === "done") await dropFile(held.id);
    else if (answer.status === "no") await putFile({ ...held, refused: answer.why });
    else return refused(op.id, answer);
    tell({ id: op.id, state: "files" });
  }
  const left = (await filesOf(op.id)).find((one) => one.refused);
  if (left) {
    await tellOf(op.id, { state: "rejected", why: left.refused });
    return "no";
  }
  await ended(op.id, op.number_given);
  return "done";
}

// A file goes on where it stopped: the server says how much it has.
async function pieces({ id, blob, begun }) {
  const address = `/api/v1/files/${id}`;
  let at = 0;
  if (begun) {
    const found = await ask(id, address, {}, FORM_SECONDS);
    if (found.status !== "done" || found.said.done) return found;
    at = found.said?.received ?? 0;
  }
  for (let tries = 0; at < blob.size && tries < 500; tries += 1) {
    const end = Math.min(at + PIECE, blob.size);
    const headers = { "Content-Type": "application/octet-stream", "Content-Range": `bytes ${at}-${end - 1}/${blob.size}` };
    if (!begun) await putFile({ ...(await file(id)), begun: true });
    begun = true;
    const answer = await ask(id, address, { method: "PUT", headers, body: blob.slice(at, end) }, PIECE_SECONDS);
    if (answer.code === "wrong_offset") at = answer.said.received;
    else if (answer.status !== "done") return answer;
    else at = answer.said.received ?? end;
  }
  return { status: at >= blob.size ? "done" : "later" };
}

