// What forms and the list of what waits need: loaded with the first of them, and ahead of it while there is a network.
import { report } from "../office/report.js";
import "./fresh.js";
import "./leave.js";
import { mend } from "./mend.js";
import { near } from "./near.js";
import { picking, restore, shots } from "./shots.js";
import { list } from "./waiting.js";

picking();

// A page has come that may hold a form or the list.  refuse(form, id, why): how a form says why it came back.
export async function ready(refuse) {
  report();
  near();
  await Promise.all([list(), mend(refuse)]);
  restore(document);
}

export { shots };
