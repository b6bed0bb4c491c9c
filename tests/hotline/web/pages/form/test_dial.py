"""The caller's full number on the pages: for a reason, in place, with a line in the history and nowhere else."""

import re

import pytest
import sqlalchemy as sa

from hotline.store import db
from hotline.store.schema import METADATA
from tests.hotline.web.pages.conftest import Browser
from tests.hotline.web.pages.seen import TICKET, mine, numbers, row

ENTRY = METADATA.tables["entry"]
TEL = re.compile(r'href="tel:(\d{7,})"')
CALLED = TICKET.c.caller_id.is_not(None)


def lines(number: str) -> list[tuple[str, bool]]:
    """Return (note, public) of every look at the number."""
    with db.reading() as session:
        query = sa.select(ENTRY.c.note, ENTRY.c.public).where(
            ENTRY.c.ticket_id == row(number).id, ENTRY.c.move == "reveal"
        )
        return [(one.note, one.public) for one in session.execute(query.order_by(ENTRY.c.seq))]


def change(number: str, **columns: object) -> None:
    with db.transaction() as session:
        session.execute(sa.update(TICKET).where(TICKET.c.number == number).values(**columns))


@pytest.mark.parametrize(
    ("login", "desk", "form", "note"),
    [
        ("hua01", "/tickets", {"reason": "check"}, "核实情况"),
        ("pai01", "/tickets", {"reason": "contact", "words": "问门牌号"}, "联系诉求人：问门牌号"),
        ("hui01", "/callback", {"reason": "callback", "list": "callback"}, "回访"),
        ("du01", "/tickets", {"reason": "other", "words": "核对投诉"}, "其他：核对投诉"),
    ],
)
def test_each_desk_shows_the_number(browser: Browser, login: str, desk: str, form: dict[str, str], note: str) -> None:
    number = numbers(CALLED, TICKET.c.state == "answered")[0]
    me, before = browser(login), lines(number)
    page = f"{desk}?ticket={number}" if desk == "/callback" else f"{desk}/{number}"
    assert not TEL.search(me.get(page).text)
    answer = me.submit(page, f"{desk}/{number}/caller", **form)
    assert answer.status_code == 200
    assert TEL.search(answer.text)
    assert "no-store" in answer.headers["cache-control"]
    assert lines(number) == [*before, (note, False)]
    assert not TEL.search(me.get(page).text)


@pytest.mark.parametrize(("login", "desk"), [("cgj01", "/tickets"), ("ding.dayong", "/m")])
def test_handlers_dial_the_switchboard(browser: Browser, login: str, desk: str) -> None:
    me, number = browser(login), mine(login)
    page, before = f"{desk}/{number}", lines(number)
    assert "经话务转接，不显示来电人号码" in me.get(page).text
    answer = me.submit(page, f"{page}/caller", reason="contact")
    assert answer.status_code == 200
    assert re.search(r'href="tel:02155500100,\d{6}"', answer.text)
    assert not TEL.search(answer.text)
    assert lines(number) == [*before, ("联系诉求人（经话务转接，未显示号码）", False)]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "请选择查看号码的理由"),
        ({"reason": "curious"}, "请选择查看号码的理由"),
        ({"reason": "other", "words": "  "}, "选“其他”时请写明理由"),
    ],
)
def test_a_reason_is_asked_for(browser: Browser, form: dict[str, str], said: str) -> None:
    number = numbers(CALLED, TICKET.c.state == "signed")[0]
    before = lines(number)
    answer = browser("hua01").submit(f"/tickets/{number}", f"/tickets/{number}/caller", **form)
    assert answer.status_code == 422
    assert said in answer.text
    assert not TEL.search(answer.text)
    assert lines(number) == before


@pytest.mark.parametrize(("login", "desk"), [("cgj01", "/tickets"), ("ding.dayong", "/m")])
def test_confidential_callers_are_withheld_from_handlers(browser: Browser, login: str, desk: str) -> None:
    me, number = browser(login), mine(login)
    page, before = f"{desk}/{number}", lines(mine(login))
    change(number, confidential=True)
    shown = me.get(page).text
    assert "请向派单员或督办员提出" in shown
    assert f'action="{page}/caller' not in shown
    answer = me.submit(page, f"{page}/caller", reason="contact")
    assert answer.status_code == 403
    assert not TEL.search(answer.text)
    assert lines(number) == before
    change(number, confidential=False)


def test_what_one_may_not_see_does_not_exist(browser: Browser) -> None:
    number = next(one for one in numbers(TICKET.c.unit.not_in(["cgj", ""])) if "cgj" not in row(one).helpers)
    me, before = browser("cgj01"), lines(number)
    own = mine("cgj01")
    assert me.submit("/unit", f"/tickets/{number}/caller", reason="contact").status_code == 404
    assert me.submit("/unit", f"/tickets/{own}/caller", reason="contact", of=number).status_code == 404
    assert lines(number) == before
    assert browser("admin").get(f"/tickets/{number}").text.count('class="dial"') == 0


def test_who_joined_has_a_number_of_their_own(browser: Browser) -> None:
    me, lead = browser("cgj01"), mine("cgj01")
    other = numbers(CALLED, TICKET.c.unit != "cgj", TICKET.c.state == "routed")[0]
    was = row(other)
    change(other, state="joined", unit="", helpers=[], joined_to=row(lead).id)
    shown = me.get(f"/tickets/{lead}").text
    assert f'id="dial-{other}"' in shown
    assert f'href="/tickets/{other}"' not in shown  # would be a page this unit may not open
    answer = me.submit(f"/tickets/{lead}", f"/tickets/{lead}/caller", reason="contact", of=other)
    assert len(re.findall(r'href="tel:02155500100,\d{6}"', answer.text)) == 1
    assert (len(lines(other)), lines(lead)) == (1, lines(lead))
    assert f'href="/tickets/{other}"' in browser("du01").get(f"/tickets/{lead}").text
    change(other, state=was.state, unit=was.unit, helpers=was.helpers, joined_to=None)
