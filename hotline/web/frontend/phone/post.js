// A form that does not wait in the outbox, or cannot: sent from within the page, so that a dead road leaves the page
// and its words as they are.  Only a page of ours is an answer.
import { sent } from "../office/drafts.js";
import { leave } from "./leave.js";
import { refuse } from "./mend.js";
import { ours, words } from "./words.js";

export async function post(form, show, button) {
  if (form.matches('[action="/logout"]')) return leave(form);
  const data = new FormData(form);
  if (button?.name) data.append(button.name, button.value);
  const body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
    const [html, at] = [await answer.text(), new URL(answer.url)];
    const door = at.pathname === "/login" && html.includes('action="/login"');
    if (door || (ours(html) && /[?&]fresh=/.test(at.search))) return location.assign(answer.url);
    if (!ours(html)) return refuse(form, "", words("unsent"));
    if (answer.redirected) sent(form);
    const { hash } = new URL(form.action);
    show(html, answer.redirected ? at.pathname + at.search : location.pathname + location.search, answer.redirected);
    const part = document.getElementById((hash || at.hash).slice(1));
    if (part) part.scrollIntoView();
    else scrollTo(0, 0); // what is said stands on top
  } catch {
    refuse(form, "", words("unsent"));
  }
}
