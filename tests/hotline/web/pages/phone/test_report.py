"""The grid leader reports (上报): words or a category, put right on the spot or dispatched, once for one form."""

import re

import sqlalchemy as sa

from hotline.store import db
from tests.hotline.web.pages.conftest import Browser, Visitor, hidden
from tests.hotline.web.pages.seen import ENTRY, TICKET, numbers, row

RUBBISH = "010101"
SENTENCE = "垃圾站旁边的绿篱被车压倒了一截"


def filled(me: Visitor, **form: str) -> dict[str, str]:
    """Return a form as the page gives it, filled in."""
    page = me.get("/m/report").text
    return {"csrf_token": hidden(page, "csrf_token"), "key": hidden(page, "key")} | form


def count() -> int:
    """Return how many tickets there are."""
    with db.reading() as session:
        return session.execute(sa.select(sa.func.count()).select_from(TICKET)).scalar_one()


def test_what_was_put_right_on_the_spot_is_closed_at_once(browser: Browser) -> None:
    me = browser("ding.dayong")
    done = me.post("/m/report", filled(me, text=SENTENCE, area=RUBBISH, end="handled"))
    number = re.search(r"(SL\d+) 已当场办结，记为未诉先办", done.text)
    assert number, done.text
    held = row(number.group(1))
    assert (held.state, held.source, held.area) == ("closed", "grid", RUBBISH)
    assert held.outcome in ("forestalled", "unverified")
    assert held.grid in ("990101004001001", "990101004001002")
    assert (held.street, held.leader, held.unit) == ("990101004", "ding.dayong", "")
    assert SENTENCE in held.reply
    with db.reading() as session:
        lines = session.execute(sa.select(ENTRY.c.move).where(ENTRY.c.ticket_id == held.id).order_by(ENTRY.c.seq))
        assert list(lines.scalars()) == ["receive", "forestall"]


def test_a_category_alone_is_enough(browser: Browser) -> None:
    me = browser("ding.dayong")
    me.post("/m/report", filled(me, area="0201", end="handled", seen=" ".join(numbers())))
    held = row(numbers()[0])
    assert held.state == "closed"
    assert held.text.startswith("巡查发现：")


def test_what_needs_a_unit_is_dispatched(browser: Browser) -> None:
    me = browser("ding.dayong")
    text = "健身广场北侧的长椅断了两根木条，扎手"
    me.post("/m/report", filled(me, text=text, area=RUBBISH, end="dispatch", seen=" ".join(numbers())))
    held = row(numbers(TICKET.c.text == text)[0])
    assert (held.state, held.source) == ("routed", "grid")
    assert held.unit


def test_a_form_that_comes_twice_makes_one_ticket(browser: Browser) -> None:
    me = browser("ding.dayong")
    form = filled(me, text="三号楼前的井盖边缘翘起", area=RUBBISH, end="dispatch", seen=" ".join(numbers()))
    before = count()
    first, again = me.post("/m/report", form), me.post("/m/report", form)
    assert count() == before + 1
    assert "已提交" in first.text
    assert "已提交" in again.text


def test_what_is_open_nearby_is_shown_before_it_is_taken(browser: Browser) -> None:
    me = browser("ding.dayong")
    near = row(numbers(TICKET.c.grid == "990101004001001", TICKET.c.state == "routed")[0])
    form = filled(me, area=near.area, grid=near.grid, end="dispatch")
    before = count()
    shown = me.post("/m/report", form)
    assert count() == before
    assert "附近有相似的在办事项；不是同一件的，请再点提交" in shown.text
    seen = hidden(shown.text, "seen")
    assert seen.split()
    assert f'href="/m/{seen.split()[0]}"' in shown.text
    assert hidden(shown.text, "key") == form["key"]
    assert "已提交" in me.post("/m/report", form | {"seen": seen}).text
    assert count() == before + 1


def test_what_is_missing_is_named_and_nothing_is_lost(browser: Browser) -> None:
    me = browser("ding.dayong")
    assert "请说一句，或者选一个类别" in me.post("/m/report", filled(me, end="handled")).text
    said = me.post("/m/report", filled(me, text="这里有点不对劲", area=RUBBISH)).text
    assert "请选“我已当场处理”或“需要派单”" in said
    assert "这里有点不对劲</textarea>" in said
    said = me.post("/m/report", filled(me, text="已扶起", area=RUBBISH, grid="-", end="handled")).text
    assert "请选择您的网格" in said


def test_only_a_leader_reports_here(browser: Browser) -> None:
    assert browser("cgj01").get("/m/report").status_code == 403


def test_the_early_share_stands_on_the_board(browser: Browser) -> None:
    page = browser("du01").get("/board?days=90&by=street").text
    assert "未诉先办率" in page
    found = browser("du01").get("/board/tickets?rate=early&side=hits&by=street").text
    assert "未诉先办" in found
