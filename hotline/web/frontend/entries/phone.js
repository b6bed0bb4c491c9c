import { drafts, restore as restoreDrafts } from "../office/drafts.js";
import { once } from "../office/once.js";
import { report } from "../office/report.js";
import { mend } from "../phone/mend.js";
import { outbox, refuse } from "../phone/outbox.js";
import { forget, go, pages } from "../phone/pages.js";
import { listen } from "../phone/send.js";
import { picking, restore as restoreShots } from "../phone/shots.js";
import { show, strip } from "../phone/strip.js";
import { list, waiting } from "../phone/waiting.js";

pages(); // first: it keeps the page as the server sent it
drafts();
outbox(go);
once();
picking();
strip();
waiting();
listen((news) => news.number && forget(news.number));
ready();
document.addEventListener("page", () => {
  restoreDrafts(document);
  ready();
});
if (document.body.dataset.me) navigator.serviceWorker?.register("/sw.js").catch(() => undefined);

async function ready() {
  report();
  show();
  list();
  await mend(refuse);
  restoreShots(document);
}
