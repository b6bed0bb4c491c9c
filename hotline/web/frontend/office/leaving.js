// Leaving (退出): nothing is wiped before the server has said that the session is over.
import { forget } from "./drafts.js";

// wipe(): what else of this person is on the machine;  say(): that nobody was logged out, and everything is as it was.
export function leaving(wipe, say) {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches('[action="/logout"]') || event.defaultPrevented) return;
    event.preventDefault();
    leave(event.target, wipe, say);
  });
}

export async function leave(form, wipe, say) {
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: "POST", body }).catch(() => undefined);
  const ours =
    answer?.ok && new URL(answer.url).pathname === "/login" && (await answer.text()).includes('action="/login"');
  if (!ours) return say(!answer);
  forget(() => true);
  await wipe().catch(() => undefined);
  location.assign("/login");
}
