// Every key of every desk, in one table: what is pressed, where it counts, what it does.
//   needs    the key means something only where this is on the page
//   writing  it counts also while somebody writes in a field;  asking: also under this open question
//   acts     it may send a form or lead away: dead while one is under way and until the next ticket was seen
import { answering, away, digit, letter, send, take, walk } from "./acts.js";
import { adopt, answer } from "./desk.js";
import { choose, question } from "./join.js";

const LETTERS = [..."ABCDEFGHILMNOPQRSTUVWXYZ"]; // J and K walk lists
const DIGITS = [..."0123456789"];

export const TABLE = [
  { keys: ["Ctrl+Enter"], writing: true, acts: true, does: send },
  { keys: ["F2"], needs: "form[data-desk]", writing: true, does: adopt },
  { keys: ["F4"], needs: "#answer-box", writing: true, acts: true, does: answer },
  { keys: ["F9"], needs: "#offers [data-join]", writing: true, does: question },
  { keys: DIGITS, needs: "#join[open]", asking: "#join", does: choose },
  { keys: ["?"], does: () => document.getElementById("keys")?.showModal() },
  { keys: ["/"], needs: "[data-search] input[type=search]", single: true, does: search },
  { keys: ["J"], needs: "[data-walk]", single: true, acts: true, does: () => walk(1) },
  { keys: ["K"], needs: "[data-walk]", single: true, acts: true, does: () => walk(-1) },
  { keys: ["Enter"], needs: "#next", single: true, does: away },
  { keys: ["Enter"], needs: "form[data-dispatch]", single: true, acts: true, does: take },
  { keys: DIGITS, needs: "form[data-dispatch] [data-pick]", single: true, does: digit },
  { keys: DIGITS, needs: "form[data-callback]", single: true, does: answering },
  { keys: LETTERS, needs: "#main [data-key]", single: true, acts: true, does: letter },
];

function search() {
  const field = document.querySelector("[data-search] input[type=search]");
  field.focus();
  field.select();
}
