// What the phone keeps on this machine: forms waiting to be sent, their files, and the last pages.  One database.
import { openDB } from "idb";

const NAME = "hotline-phone";
const HOUR = 3_600_000;
export const PAGE_HOURS = 72;

let opened;

export function open() {
  opened ??= openDB(NAME, 1, {
    upgrade(db) {
      db.createObjectStore("ops", { keyPath: "id" });
      db.createObjectStore("files", { keyPath: "id" }).createIndex("of", "of");
      db.createObjectStore("pages", { keyPath: "url" });
      db.createObjectStore("leases", { keyPath: "name" });
    },
    blocking: () => forgetConnection(),
    terminated: () => forgetConnection(),
  });
  return opened;
}

function forgetConnection() {
  opened?.then((db) => db.close()).catch(() => undefined);
  opened = undefined;
}

// Forms of one person, the oldest first: another login on this phone neither sees nor sends them.
export async function opsOf(me) {
  const all = await (await open()).getAll("ops");
  return all.filter((one) => one.me === me).sort((a, b) => a.at - b.at);
}

export async function op(id) {
  return (await open()).get("ops", id);
}

export async function change(id, values) {
  const tx = (await open()).transaction("ops", "readwrite");
  const held = await tx.store.get(id);
  if (held) await tx.store.put({ ...held, ...values });
  await tx.done;
  return held && { ...held, ...values };
}

// The form, its files and the end of the form it mends: all or nothing.
export async function keep(made, files, replaced) {
  const tx = (await open()).transaction(["ops", "files"], "readwrite");
  const held = tx.objectStore("files");
  if (replaced) await tx.objectStore("ops").delete(replaced);
  for (const file of files) await held.put({ ...file, of: made.id });
  await tx.objectStore("ops").put(made);
  await tx.done;
}

export async function drop(id) {
  const tx = (await open()).transaction(["ops", "files"], "readwrite");
  await tx.objectStore("ops").delete(id);
  const files = tx.objectStore("files");
  for (const key of await files.index("of").getAllKeys(id)) await files.delete(key);
  await tx.done;
}

export async function filesOf(owner) {
  return (await open()).getAllFromIndex("files", "of", owner);
}

export async function page(url, me) {
  const held = await (await open()).get("pages", url);
  return held && (!me || held.me === me) && Date.now() - held.at < PAGE_HOURS * HOUR ? held : undefined;
}

export async function keepPage(url, me, html) {
  await (await open()).put("pages", { url, me, html, at: Date.now() });
}

// Pages that are too old, of somebody else, or no longer wanted.
export async function dropPages(unwanted) {
  const tx = (await open()).transaction("pages", "readwrite");
  for (let cursor = await tx.store.openCursor(); cursor; cursor = await cursor.continue()) {
    if (unwanted(cursor.value)) await cursor.delete();
  }
  await tx.done;
}
