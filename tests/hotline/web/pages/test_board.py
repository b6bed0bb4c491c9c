"""The board: every number opens the list of exactly the tickets it counts; what is small has no value, and is last."""

import html
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from dispatch.kpis import MEASURES
from hotline.store import db
from hotline.store.figures import DIMENSIONS
from hotline.store.schema import METADATA
from tests.hotline.web.pages.conftest import Browser

TICKET, TALLY = METADATA.tables["ticket"], METADATA.tables["tally"]


def links(page: str) -> list[tuple[str, int]]:
    """Return (address, number) of all numbers on a board that open a list; of 3/4 it is the cases."""
    found = re.findall(r'<a[^>]* href="((?:/board)?/tickets\?[^"]+)"[^>]*>(?:\d+/)?(\d+)</a>', page)
    return [(html.unescape(address), int(number)) for address, number in dict(found).items()]


def test_every_number_on_the_board_opens_as_many(browser: Browser) -> None:
    me = browser("du01")
    found = links(me.get("/board?days=90").text)
    assert len(found) > 60
    for address, number in found:
        page = me.get(address)
        assert f"共 {number} 件" in page.text, address
    for by in set(DIMENSIONS) - {"unit"}:
        rows = [one for one in links(me.get(f"/board?days=90&by={by}").text) if "key=" in one[0]]
        assert rows
        for address, number in rows[::9]:
            assert f"共 {number} 件" in me.get(address).text, address


def test_a_list_shows_as_many_rows_as_it_says_page_after_page(browser: Browser) -> None:
    me = browser("du01")
    address, number = next(one for one in links(me.get("/board?days=90").text) if "rate=received" in one[0])
    assert number > 100
    seen: list[str] = []
    while address:
        page = me.get(address).text
        seen += re.findall(r'class="matter" href="/tickets/([^"]+)"', page)
        more = re.search(r'class="button" href="(/board/tickets[^"]+)"', page)
        address = html.unescape(more[1]) if more else ""
    assert len(seen) == len(set(seen)) == number


def test_the_board_says_what_each_rate_means_and_how_fresh_it_is(browser: Browser) -> None:
    page = html.unescape(browser("du01").get("/board").text)
    assert all(one.means in page for one in MEASURES)
    assert "截至" in page
    assert "变动待计入" not in page
    with db.transaction() as session:
        session.execute(sa.update(TICKET).where(TICKET.c.state == "signed").values(counted_seq=-1))
    page = browser("du01").get("/board").text
    assert re.search(r"另有\d+件变动待计入", page)
    with db.transaction() as session:
        session.execute(sa.update(TICKET).values(counted_seq=TICKET.c.seq))


def test_what_is_small_has_no_value(browser: Browser) -> None:
    page = browser("du01").get("/board?days=1").text
    assert "样本少，不计算" in page
    assert "95%区间" in browser("du01").get("/board?days=90").text


@pytest.mark.parametrize(("address", "first"), [
    ("/board?days=90&by=area", "市容环卫"), ("/board?days=90&by=source", "12345"),
    ("/board?days=90&by=area&under=01", "市容环卫/"),
])  # fmt: skip
def test_rows_of_every_dimension(browser: Browser, address: str, first: str) -> None:
    page = browser("du01").get(address).text
    rows = re.findall(r'<th scope="row" lang="zh-CN">(?:<a[^>]*>)?([^<]+)', page)
    assert any(row.startswith(first) for row in rows)


def test_a_street_opens_its_grids(browser: Browser) -> None:
    me = browser("du01")
    below = re.search(r'href="(/board\?[^"]*by=grid&amp;under=[^"#]+)', me.get("/board?days=90&by=street").text)
    assert below
    page = me.get(html.unescape(below[1])).text
    assert re.search(r'by=grid&amp;[^"]*key=', page)
    assert "清除" in page


def test_rows_are_sorted_by_a_rate_with_the_small_ones_last(browser: Browser) -> None:
    page = browser("du01").get("/board?days=90&order=on_time").text
    body = page.partition('id="rows-title"')[2].partition("</table>")[0]
    cells = [re.findall(r'<td class="nowrap">(.*?)</td>', row, re.DOTALL)[3] for row in body.split("<tr>")[2:]]
    kinds = ["不排名" in cell if "mono" in cell and "%" in cell else None for cell in cells]
    assert kinds == sorted(kinds, key=lambda kind: 2 if kind is None else int(kind))
    assert None in kinds
    assert 'aria-sort="descending"' in body


def test_nothing_on_the_board_is_of_a_person(browser: Browser) -> None:
    page = browser("du01").get("/board?days=90").text
    assert not re.search(r"cgj01|陈立|丁大勇|经办人|排行", page)


@pytest.mark.parametrize("address", [
    "/board?by=person&order=charm&under=x&days=999", "/board/tickets?first=x&last=y&after=z&side=q",
    "/board/tickets?rate=solve&by=unit&key=nobody", "/board/tickets?rate=solve&key=a%22b%5B",
])  # fmt: skip
def test_an_address_nobody_knows_shows_what_is_usual(browser: Browser, address: str) -> None:
    assert browser("du01").get(address).status_code == 200


def test_a_rate_nobody_knows_is_refused(browser: Browser) -> None:
    assert browser("du01").get("/board/tickets?rate=charm").status_code == 422


def test_the_list_is_for_who_sees_the_region(browser: Browser) -> None:
    assert browser("cgj01").get("/board/tickets?rate=solve").status_code == 403


def test_statements_do_not_follow_the_history(browser: Browser, statements: Callable[[], list[str]]) -> None:
    me = browser("du01")

    def cost(address: str) -> int:
        statements()
        me.get(address)
        return len([text for text in statements() if re.search(r"FROM (tally|ticket|counted)\b", text)])

    boards = ("/board?days=1", "/board?days=90", "/board?days=90&by=grid", "/board?by=area&order=solve")
    assert [cost(address) for address in boards] == [13] * 4
    lists = ("/board/tickets?rate=received&first=2020-01-01&last=2020-02-01", "/board/tickets?rate=received")
    assert [cost(address) for address in lists] == [1, 2]
