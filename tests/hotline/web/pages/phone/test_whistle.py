"""The grid leader whistles (吹哨) from a ticket's page and says whether the unit helped."""

import re

import sqlalchemy as sa

from hotline.flow import doors
from hotline.store import db
from hotline.store.schema import METADATA
from hotline.wire.moves import Worded
from tests.hotline.web.pages.conftest import Browser, Visitor
from tests.hotline.web.pages.seen import TICKET, numbers, row

ASSIGNMENT = METADATA.tables["assignment"]


def fit(me: Visitor, reason: str = "enforce") -> str:
    """Return a ticket of the leader's that the reason calls somebody to."""
    for number in numbers(TICKET.c.grid.startswith("990101004001"), TICKET.c.state.in_(["routed", "signed"])):
        page = me.get(f"/m/{number}/whistle").text
        busy = (row(number).unit, *row(number).helpers)
        if re.search(rf'value="{reason}" required>.*?</label>', page) and "cgj" not in busy:
            return number
    raise AssertionError("no ticket to whistle for")


def test_a_reason_calls_the_units_of_its_rule(browser: Browser) -> None:
    me = browser("ding.dayong")
    number = fit(me)
    assert f'href="/m/{number}/whistle"' in me.get(f"/m/{number}").text
    page = me.get(f"/m/{number}/whistle").text
    assert "对方答复时限：" in page
    done = me.submit(f"/m/{number}/whistle", f"/m/{number}/whistle", seq=str(row(number).seq), reason="enforce")
    assert "已吹哨，对方已收到通知" in done.text
    assert "还没有答复" in done.text
    assert row(number).helpers[-1] in ("cgj", "gaj", "jtj")


def test_who_is_wrong_is_told_and_nothing_is_lost(browser: Browser) -> None:
    me = browser("ding.dayong")
    number = fit(me, "money")
    seq = row(number).seq
    said = me.submit(f"/m/{number}/whistle", f"/m/{number}/whistle", seq=str(seq), note="占道严重")
    assert "请选一个吹哨理由" in said.text
    assert "占道严重</textarea>" in said.text
    said = me.submit(
        f"/m/{number}/whistle", f"/m/{number}/whistle", seq=str(seq), reason="money", unit=str(row(number).unit)
    )
    assert "尚未参与本工单的单位" in said.text
    assert row(number).seq == seq
    assert browser("cgj01").get(f"/m/{number}/whistle").status_code == 403
    assert me.get("/m/SL20260101000000/whistle").status_code == 404


def test_the_unit_answers_from_its_list_and_the_grid_rates_it_with_one_tap(browser: Browser) -> None:
    me, unit = browser("ding.dayong"), browser("cgj01")
    number = fit(me)
    me.submit(f"/m/{number}/whistle", f"/m/{number}/whistle", reason="crew", unit="cgj", seq=str(row(number).seq))
    assert number in unit.get("/unit?list=helping").text
    body, step = doors.MOVES_BY_NAME["help_answer"]
    assert body is Worded
    assert step
    unit.submit(f"/tickets/{number}", f"/tickets/{number}/help_answer", seq=str(row(number).seq), note="已派人到场")
    page = me.get(f"/m/{number}").text
    assert "按时答复" in page
    assert "已派人到场" in page
    rated = me.submit(f"/m/{number}", f"/m/{number}/grade", unit="cgj", helped="true")
    assert "您的评价：" in rated.text
    with db.reading() as session:
        query = sa.select(ASSIGNMENT.c.helped).where(ASSIGNMENT.c.unit == "cgj", ASSIGNMENT.c.whistle != "")
        assert True in session.execute(query).scalars().all()


def test_what_nobody_answered_yet_cannot_be_rated(browser: Browser) -> None:
    me = browser("ding.dayong")
    number = fit(me)
    me.submit(f"/m/{number}/whistle", f"/m/{number}/whistle", reason="crew", unit="cgj", seq=str(row(number).seq))
    assert "帮上了" not in me.get(f"/m/{number}").text
    assert me.submit(f"/m/{number}", f"/m/{number}/grade", unit="cgj", helped="true").status_code == 409
