"""Grid events (网格事件): the ground's day in one list, for whose ground it is; verified by who went and looked."""

import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from hotline.store import db
from hotline.web.pages import events
from tests.hotline.web.pages.conftest import Browser
from tests.hotline.web.pages.seen import TICKET, numbers, row

SPOT = "990101004001001"  # a grid of 望湖街道


@pytest.fixture
def waiting(browser: Browser) -> str:
    """A report put right on the spot that waits to be verified."""
    number = numbers(TICKET.c.state == "closed", TICKET.c.grid.startswith("990101004"))[0]
    values = {"outcome": "unverified", "source": "grid", "grid": SPOT, "street": "990101004", "state": "closed"}
    assert browser("pai01").get("/events").status_code == 200
    with db.transaction() as session:
        session.execute(sa.update(TICKET).where(TICKET.c.number == number).values(values))
    return number


def test_the_day_is_one_list_whose_chips_count_it(browser: Browser, statements: Callable[[], list[str]]) -> None:
    with db.reading() as session:
        newest = session.execute(sa.select(sa.func.max(TICKET.c.received_at))).scalar_one()
    day = newest.astimezone(ZoneInfo("Asia/Shanghai")).date()  # after midnight it was yesterday
    me = browser("pai01")
    me.get("/events")
    statements()
    page = me.get(f"/events?day={day}").text
    assert len(statements()) == 3  # the counts, the list, the reader's notices
    for name in ("all", "grid", "called", "open"):
        shown = me.get(f"/events?list={name}&day={day}").text
        count = re.search(rf"list={name}[^>]*>[^<]*<b>(\d+)</b>", page)
        assert count
        assert shown.count('class="matter"') == min(50, int(count.group(1)))
    held = {name: int(count) for name, count in re.findall(r"list=(\w+)[^>]*>[^<]*<b>(\d+)", page)}
    assert held["grid"] + held["called"] == held["all"] > 0


def test_another_day_and_another_place(browser: Browser) -> None:
    me = browser("du01")
    assert "这一天没有符合条件的事件" in me.get("/events?day=2020-01-01").text
    street = me.get("/events?place=990101004&day=nonsense").text
    assert "望湖街道" in street
    assert "松岭社区" not in street


def test_a_street_sees_its_own_ground_and_no_callers(browser: Browser, waiting: str) -> None:
    me = browser("whjd01")
    page = me.get("/events?list=verify").text
    assert waiting in page
    assert "138****" not in page
    assert 'href="/tickets/' not in page  # whoever acts there: their tickets are theirs
    assert me.get("/events?place=990101001").text.count("松岭") == 0
    assert browser("sljd01").get("/events?list=verify").text.count(waiting) == 0
    assert browser("cgj01").get("/events").status_code == 403
    assert "/events" not in browser("cgj01").get("/unit").text
    assert "/events" in me.get("/unit").text


def test_who_went_and_looked_says_what_was_seen(browser: Browser, waiting: str) -> None:
    me = browser("whjd01")
    empty = me.submit("/events?list=verify", f"/events/{waiting}", move="verify", note="  ")
    assert (empty.status_code, "请写明到场看到的情况" in empty.text) == (422, True)
    foreign = browser("sljd01").submit("/events", f"/events/{waiting}", move="verify", note="看过")
    assert foreign.status_code == 404
    done = me.submit("/events?list=verify", f"/events/{waiting}", move="disprove", note="垃圾还在")
    assert "已退回重新派单" in done.text
    assert (row(waiting).state, row(waiting).outcome) == ("received", "")
    again = me.submit("/events?list=verify", f"/events/{waiting}", move="verify", note="已清理")
    assert again.status_code == 409
    assert "已清理" not in done.text


def test_a_hand_over_sheet_holds_what_is_open_and_who_is_on_duty(browser: Browser) -> None:
    me = browser("whjd01")
    page = me.get(f"/events/handover/{SPOT}").text
    assert "丁大勇" in page
    held = numbers(TICKET.c.grid == SPOT, TICKET.c.state.in_(["routed", "signed"]))
    assert held
    assert all(number in page for number in held)
    assert browser("sljd01").get(f"/events/handover/{SPOT}").status_code == 404
    assert me.get("/events/handover/nowhere").status_code == 404


def test_the_sheet_hands_over_whistles_and_notes(browser: Browser, statements: Callable[[], list[str]]) -> None:
    number = numbers(TICKET.c.grid == SPOT, TICKET.c.state.in_(["routed", "signed"]))[0]
    me, leader, street = browser("du01"), browser("ding.dayong"), browser("whjd01")
    leader.submit(f"/m/{number}/whistle", f"/m/{number}/whistle", reason="money", unit="scj")
    me.submit(f"/tickets/{number}", f"/tickets/{number}/note", note="钥匙在门卫处")
    street.get(f"/events/handover/{SPOT}")
    statements()
    page = street.get(f"/events/handover/{SPOT}").text
    assert len(statements()) == 4  # what is open, whistles, notes, the reader's notices
    assert "钥匙在门卫处" in page
    assert "市场监督" in page[page.index("吹哨未答复") :]


def test_a_confidential_matter_has_no_words_here(browser: Browser) -> None:
    number = numbers(TICKET.c.grid == SPOT, TICKET.c.state == "routed")[0]
    title = str(row(number).title)
    with db.transaction() as session:
        session.execute(sa.update(TICKET).where(TICKET.c.number == number).values(confidential=True))
    page = browser("whjd01").get(f"/events/handover/{SPOT}").text
    with db.transaction() as session:
        session.execute(sa.update(TICKET).where(TICKET.c.number == number).values(confidential=False))
    assert number in page
    assert title not in page


def test_a_sheet_says_where_it_stops(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = busy_grid()
    assert "只列最新的" not in browser("du01").get(f"/events/handover/{grid}").text
    monkeypatch.setattr(events, "SHEET", 1)
    assert "只列最新的 1 件" in browser("du01").get(f"/events/handover/{grid}").text


def busy_grid() -> str:
    """Return a grid with open tickets."""
    with db.reading() as session:
        query = sa.select(TICKET.c.grid).where(TICKET.c.state == "routed", TICKET.c.grid != "").limit(1)
        return str(session.execute(query).scalar_one())
