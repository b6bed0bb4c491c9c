// All office pages: keys, drafts, forms, map.
import htmx from "htmx.org";
import { advice } from "../office/advice.js";
import { choices, refresh } from "../office/choices.js";
import { desk, drafted, fresh, unavailable } from "../office/desk.js";
import { drafts, flush, restore } from "../office/drafts.js";
import { joining } from "../office/join.js";
import { keys } from "../office/keys.js";
import { leaving } from "../office/leaving.js";
import { maps } from "../office/map.js";
import { once } from "../office/once.js";
import { pressed } from "../office/pressed.js";
import { trouble, troubled } from "../office/trouble.js";

window.htmxReady = Boolean(htmx);
drafted();
drafts();
once();
keys();
joining();
pressed();
leaving(
  async () => undefined,
  (offline) => troubled(offline ? "logout" : "words"),
);
desk(htmx);
advice(htmx);
trouble(unavailable);
choices();
fresh(htmx);
maps(document);
focusNews(document);

document.addEventListener("htmx:beforeSwap", (event) => event.detail.target?.id === "main" && flush());
document.addEventListener("htmx:afterSettle", (event) => {
  const root = document.getElementById("main"); // the new one: the event may come from what was swapped out
  if (event.detail.elt?.id === "offers" || event.target.id === "offers") return;
  if (event.target.closest?.("[data-advice]")) return; // beside the reply: nothing of the page has changed
  restore(root);
  fresh(htmx);
  refresh();
  maps(root);
  focusNews(event.target.closest?.("form.dial") ?? root);
});

function focusNews(root) {
  const news = root.querySelector("[data-focus]");
  if (news) news.focus({ preventScroll: false });
  else if (root.id === "main") root.querySelector("[autofocus]")?.focus();
}
