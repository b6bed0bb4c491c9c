"""What the tests of the phone without a network share: what the phone holds, what the histories say."""

import re
from collections.abc import Callable

import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page

from hotline.store import db
from tests.hotline.web.conftest import PASSWORD
from tests.hotline.web.pages.seen import ENTRY

Carry = Callable[..., BrowserContext]
KEYS = """async (name) => {
  const ready = (asked) => new Promise((good) => { asked.onsuccess = () => good(asked.result); });
  const db = await ready(indexedDB.open("hotline-phone"));
  const keys = await ready(db.transaction(name).objectStore(name).getAllKeys());
  db.close();
  return keys;
}"""


def enter(page: Page, login: str) -> Page:
    """Log in, and wait until the list and what belongs to it is on the phone."""
    page.goto("/login")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/m")
    wait_for_pages(page)
    return page


def wait_for_pages(page: Page) -> None:
    """Wait until the tickets that the list shows are on the phone."""
    page.wait_for_load_state()
    cards = page.locator("[data-ahead] a").count()
    until(page, lambda: sum(bool(re.search(r"/SL\d+$", key)) for key in page.evaluate(KEYS, "pages")) >= cards)


def until(page: Page, true: Callable[[], bool]) -> None:
    """Wait until something is true, thirty seconds at most."""
    for _ in range(300):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not become true")


def stored(page: Page, name: str) -> int:
    """Return how many of `name` (ops, files, pages) the phone holds."""
    return len(page.evaluate(KEYS, name))


def lines(words: str) -> int:
    """Return how many lines of histories hold these words."""
    with db.reading() as session:
        query = sa.select(sa.func.count()).select_from(ENTRY).where(ENTRY.c.note.contains(words))
        return int(session.execute(query).scalar_one())


def say(page: Page, words: str, answer: str = "正在处理") -> None:
    """Open the second ticket of the list, fill in, submit."""
    page.click(".cards a >> nth=1")
    page.wait_for_url("**/m/SL*")
    page.click(f"label.pick:has-text('{answer}')")
    page.fill("textarea[name=note]", words)
    page.click(".submit button")
