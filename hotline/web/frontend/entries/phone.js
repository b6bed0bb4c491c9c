// The grid leader's phone: what is needed at once; the rest comes later.
import { drafts, restore } from "../office/drafts.js";
import { later } from "../phone/lazy.js";
import { outbox } from "../phone/outbox.js";
import { arrive, forget, go, pages, show as turn } from "../phone/pages.js";
import { listen } from "../phone/send.js";
import { show, strip } from "../phone/strip.js";

pages(); // first: it keeps the page as the server sent it
drafts();
outbox({ go, arrive, show: turn });
strip();
listen((news) => news.number && forget(news.number));
ready();
document.addEventListener("page", () => {
  restore(document);
  ready();
});
if (document.body.dataset.me) navigator.serviceWorker?.register("/sw.js").catch(() => undefined);

function ready() {
  show();
  if (document.querySelector("#waiting, #near, form[data-op], [action='/logout']"))
    later().then(
      (more) => more.ready(),
      () => undefined,
    );
}
