// What forms and the list of what waits need: loaded with the first of them, and ahead of it while there is a network.
import { report } from "../office/report.js";
import "./fresh.js";
import { mend, refuse, saidBefore } from "./mend.js";
import { near } from "./near.js";
import { post } from "./post.js";
import { picking, restore, shots } from "./shots.js";
import { list } from "./waiting.js";

picking();

// A page has come that may hold a form or the list.
export async function ready() {
  report();
  near();
  await Promise.all([list(), mend()]);
  restore(document);
}

export { post, refuse, saidBefore, shots };
