"""Notices on the pages: a badge in every header, a list that links to the tickets, read by being opened."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline import clock
from hotline.store import db
from hotline.store.ids import new_id
from hotline.store.schema import METADATA
from tests.hotline.web.pages.conftest import Browser
from tests.hotline.web.pages.seen import mine

NOTICE = METADATA.tables["notice"]
BADGE = re.compile(r'class="count">([^<]+)<')


@pytest.fixture(autouse=True)
def nothing_waits(browser: Browser) -> None:
    assert browser
    with db.transaction() as session:
        session.execute(NOTICE.delete())


def tell(*to: tuple[str, str], number: str = "SL1") -> None:
    """Write a notice to each (unit, login), a second apart."""
    with db.transaction() as session:
        for place, (unit, login) in enumerate(to):
            at = clock.now() - timedelta(minutes=5) + timedelta(seconds=place)
            row = {"id": new_id(at), "region": "sample", "unit": unit, "login": login, "number": number, "at": at}
            session.execute(NOTICE.insert(), row | {"kind": "route", "text": f"派单：{number} 第{place}条"})


def badge(page: str) -> str:
    found = BADGE.search(page)
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("login", "to", "pages"),
    [
        ("pai01", ("", "@dispatcher"), ("/dispatch", "/tickets", "/board")),
        ("du01", ("", "@supervisor"), ("/board",)),
        ("cgj01", ("cgj", ""), ("/unit",)),
        ("hua01", ("", "hua01"), ("/desk",)),
        ("hui01", ("", "hui01"), ("/callback",)),
        ("ding.dayong", ("", "ding.dayong"), ("/m",)),
    ],
)
def test_every_header_counts_and_opening_reads(
    browser: Browser, login: str, to: tuple[str, str], pages: tuple[str, ...]
) -> None:
    me, number = browser(login), mine(login)
    assert [badge(me.get(one).text) for one in pages] == [""] * len(pages)
    tell(to, to, ("rlgs", ""), ("", "@admin"), number=number)
    assert [badge(me.get(one).text) for one in pages] == ["2"] * len(pages)
    opened = me.get("/notices").text
    assert opened.index(f"{number} 第1条") < opened.index(f"{number} 第0条")
    assert opened.count('class="fresh"') == 2
    assert f'href="{"/m" if login == "ding.dayong" else "/tickets"}/{number}"' in opened
    assert "rlgs" not in opened
    assert me.get("/notices").text.count('class="fresh"') == 0
    assert badge(me.get(pages[0]).text) == ""


def test_what_is_told_to_a_unit_or_role_is_told_to_nobody_else(browser: Browser) -> None:
    tell(("cgj", ""), ("", "@dispatcher"), ("", "hua01"))
    assert [badge(browser(one).get(home).text) for one, home in (("cgj01", "/unit"), ("du01", "/board"))] == ["1", ""]
    assert "第2条" not in browser("pai01").get("/notices").text


def test_older_ones_are_a_page_further_and_many_are_not_counted_out(browser: Browser) -> None:
    me = browser("cgj01")
    tell(*[("cgj", "")] * 101)
    assert badge(me.get("/unit").text) == "99+"
    first = me.get("/notices").text
    more = re.search(r'href="(/notices\?before=[^"]+)"', first)
    assert more
    assert (first.count("<li><a href="), me.get(more[1]).text.count("<li><a href=")) == (50, 50)
    assert me.get("/notices?before=x").status_code == 200


def test_a_part_of_a_page_does_not_count(browser: Browser, statements: Callable[[], list[str]]) -> None:
    me, number = browser("cgj01"), mine("cgj01")
    me.get(f"/tickets/{number}")
    statements()
    me.get(f"/tickets/{number}", hx_request="true")
    assert [text for text in statements() if "notice" in text] == []
    assert sa.inspect(db.engine()).has_table("notice")
