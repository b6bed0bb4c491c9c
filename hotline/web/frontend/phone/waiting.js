// 待传: every form that waits, its state and why; try again, mend, or throw away (asked once).
import { hurry, listen } from "./send.js";
import * as store from "./store.js";
import { me } from "./words.js";

listen(() => list());
document.addEventListener("click", async (event) => {
  if (event.target.closest?.("#retry")) hurry(me());
  const button = event.target.closest?.("[data-drop]");
  if (!button) return;
  if (!button.dataset.sure) {
    button.dataset.sure = "1";
    button.textContent = button.dataset.again;
    return;
  }
  await store.drop(button.dataset.drop);
  list();
  hurry(me());
});

export async function list() {
  const place = document.getElementById("waiting");
  if (!place) return;
  const ops = await store.opsOf(me()).catch(() => []);
  const rows = [];
  for (const op of ops) rows.push(row(op, await store.filesOf(op.id), place.dataset));
  place.replaceChildren(...rows);
  document.getElementById("none").hidden = ops.length > 0;
  document.getElementById("retry").hidden = ops.length === 0;
}

function row(op, files, said) {
  const made = document.getElementById("one").content.cloneNode(true);
  const put = (name, text) => (made.querySelector(`.${name}`).textContent = text);
  const left = files.filter((one) => !one.refused).length;
  put("title", op.title || said[op.kind] || "");
  put(
    "state",
    op.state === "files" ? said.files.replace("{n}", left).replace("{all}", op.files.length) : said[op.state],
  );
  put(
    "when",
    new Date(op.at).toLocaleString(document.documentElement.lang, {
      month: "numeric",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
    }),
  );
  put("words", op.said.text || op.said.note || "");
  put("arrived", op.number_given ? said.arrived.replace("{number}", op.number_given) : "");
  const why = op.state === "waiting" ? "" : op.why;
  put("why", op.why === "foreign" ? said.foreign : why);
  const mend = made.querySelector(".mend");
  mend.hidden = op.state !== "rejected" || Boolean(op.number_given);
  mend.href = `${op.path}?op=${op.id}`;
  made.querySelector("[data-drop]").dataset.drop = op.id;
  return made;
}
