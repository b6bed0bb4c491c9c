"""What the browser tests share: looking into the database, and axe-core's word on a page."""

from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Page

from hotline.store import db
from hotline.store.schema import METADATA

AXE = Path(__file__).parents[4] / "hotline" / "web" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = [(1440, 900), (390, 844)]
TICKET, ENTRY = METADATA.tables["ticket"], METADATA.tables["entry"]


def numbers(*where: sa.ColumnElement[bool]) -> list[str]:
    """Return the numbers of tickets, the newest first."""
    with db.reading() as session:
        return list(session.execute(sa.select(TICKET.c.number).where(*where).order_by(TICKET.c.id.desc())).scalars())


def row(number: str) -> sa.Row[tuple[object, ...]]:
    """Return a ticket as it is stored."""
    with db.reading() as session:
        return session.execute(sa.select(TICKET).where(TICKET.c.number == number)).one()


def mine(login: str) -> str:
    """Return a ticket at work that this person may see."""
    at_work = TICKET.c.state.in_(["routed", "signed"])
    own = TICKET.c.unit == "cgj" if login == "cgj01" else TICKET.c.grid.startswith("990101004001")
    return numbers(at_work, own)[0]


def axe(page: Page) -> list[tuple[str, str]]:
    """Return what axe-core has against the page.

    The phone's submit button and tabs stick to the edge: what they half cover at one scroll position is no smaller.
    """
    page.evaluate(
        "document.querySelectorAll('.submit, .tabs').forEach((one) => one.style.setProperty('position', 'static'))"
    )
    page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", RULES)
    return [(one["id"], one["nodes"][0]["html"][:160]) for one in found["violations"]]
