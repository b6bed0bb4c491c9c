// Photos and voice notes of a form: made small when they are chosen, kept at once, shown, taken away again.
import { dropFile, putFile } from "./files.js";
import { shrink } from "./photos.js";
import * as store from "./store.js";
import { begin, can, end, running } from "./voice.js";
import { element, uuid, words } from "./words.js";

const small = new WeakMap(); // form -> promise of the last file made small
let able = true; // this machine keeps files; where it does not, the form carries them as they are

export function picking() {
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!field.matches?.("form[data-op] input[type=file]")) return;
    absorb(field);
  });
  document.addEventListener("click", async (event) => {
    const recording = event.target.closest?.("[data-record]");
    if (recording) return record(recording);
    const button = event.target.closest?.("[data-unpick]");
    if (!button) return;
    await dropFile(button.dataset.unpick);
    button.closest("li").remove();
  });
}

// What was chosen, also before this script was there to see it.
function absorb(field) {
  if (!able) return;
  const chosen = [...field.files];
  field.value = "";
  for (const one of chosen) add(field.form, "photo", () => shrink(one), "unreadable");
}

async function record(button) {
  if (running()) return end();
  const { form } = button;
  const one = { id: uuid(), of: owner(form), kind: "voice" };
  try {
    if ((await store.filesOf(one.of)).length >= most(form)) return say(form, words("most", { n: most(form) }));
    await begin(
      (blob) => putFile({ ...one, blob }),
      (blob) => recorded(button, { ...one, blob }),
    );
    button.textContent = button.dataset.stop;
  } catch {
    say(form, words("deaf"));
  }
}

// A note has ended, by whatever: it belongs to its form, also where the form is no longer in sight.
async function recorded(button, one) {
  button.textContent = button.dataset.record;
  if (!one.blob.size) return;
  try {
    await putFile(one);
    if (button.isConnected) shown(button.form, one);
  } catch {
    say(button.form, words("full"));
  }
}

// Keep one more file of the form; made() resolves to {blob}, or throws: then `wrong` names what is said.
function add(form, kind, made, wrong) {
  const before = small.get(form) ?? Promise.resolve();
  const work = before.then(async () => {
    const held = await store.filesOf(owner(form));
    if (held.length >= most(form)) return say(form, words("most", { n: most(form) }));
    try {
      const { blob } = await made();
      const one = { id: uuid(), of: owner(form), kind, blob };
      await putFile(one);
      shown(form, one);
      say(form, "");
    } catch (trouble) {
      say(form, words(trouble?.name === "QuotaExceededError" ? "full" : wrong));
    }
  });
  small.set(form, work);
}

// The files of a form, once the last of them is small.
export async function shots(form) {
  form.querySelectorAll("input[type=file]").forEach(absorb);
  await end();
  await small.get(form);
  return store.filesOf(owner(form));
}

export async function restore(root) {
  able = await store.filesOf("").then(
    () => true,
    () => false,
  );
  if (!able) return;
  for (const button of root.querySelectorAll("[data-record]")) [button.hidden, button.disabled] = [!can(), false];
  for (const form of root.querySelectorAll("form[data-op]")) {
    form.querySelectorAll("input[type=file]").forEach(absorb);
    if (form.querySelector(".thumbs li")) continue;
    for (const one of await store.filesOf(owner(form)).catch(() => [])) shown(form, one);
  }
}

// How many photos and notes a form may bring: the city's number, as its page says it.
function most(form) {
  return Number(form.querySelector("[data-shots]").dataset.shots);
}

function owner(form) {
  return form.dataset.mends || `draft:${form.dataset.draft}`;
}

function shown(form, { id, kind, blob }) {
  const list = part(form, "ul", "thumbs");
  const address = URL.createObjectURL(blob);
  const made = element("li");
  const picture =
    kind === "photo"
      ? element("img", { alt: words("photo") })
      : element("audio", { controls: "", "aria-label": words("voice") });
  if (kind === "photo") picture.addEventListener("load", () => URL.revokeObjectURL(address));
  picture.src = address;
  made.append(picture, element("button", { type: "button", class: "plain", "data-unpick": id }, words("unpick")));
  list.append(made);
}

function say(form, text) {
  part(form, "p", "shots-told").textContent = text;
}

function part(form, tag, name) {
  const place = form.querySelector("[data-shots]") ?? form;
  let found = place.querySelector(`.${name}`);
  if (!found) {
    found = element(tag, tag === "p" ? { class: name, role: "alert" } : { class: name });
    place.append(found);
  }
  return found;
}
