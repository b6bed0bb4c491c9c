// Logging out on the phone: stored pages go, what waits to be sent stays.

import { leave as ended } from "../office/leaving.js";
import * as store from "./store.js";
import { me, say, words } from "./words.js";

// Whoever logs out takes the pages along; what waits to be sent stays, and is said before.  Only said, nothing is gone.
export async function leave(form) {
  const waiting = (await store.opsOf(me()).catch(() => [])).length;
  if (waiting && !form.dataset.sure) {
    form.dataset.sure = "1";
    return say(words("leaving", { n: waiting }));
  }
  return ended(form, wipe, () => say(words("stay")));
}

// What this person has read and not yet sent off: pages, and files of forms still being filled in.  What waits stays.
async function wipe() {
  await store.dropPages(() => true);
  const tx = (await store.open()).transaction("files", "readwrite");
  for (let cursor = await tx.store.openCursor(); cursor; cursor = await cursor.continue()) {
    if (cursor.value.of.startsWith("draft:")) await cursor.delete();
  }
  await tx.done;
}
