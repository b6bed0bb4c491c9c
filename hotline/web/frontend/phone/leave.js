import * as store from "./store.js";
import { me, say, words } from "./words.js";

document.addEventListener("submit", (event) => {
  if (event.target.matches('[action="/logout"]')) leave(event);
});

// Whoever logs out takes the pages along; what waits to be sent stays, and is said before.
async function leave(event) {
  const form = event.target;
  if (form.dataset.sure) return;
  event.preventDefault();
  const waiting = (await store.opsOf(me()).catch(() => [])).length;
  form.dataset.sure = "1";
  if (waiting) return say(words("leaving", { n: waiting }));
  await store.dropPages(() => true).catch(() => undefined);
  form.submit();
}
