"""A reply looked at before it goes out: advice that changes nothing, and what was known is kept when it is sent."""

import msgspec
import pytest

from dispatch.contact import ContactRules
from dispatch.lifecycle import State
from hotline.errors import NoSuchTicket
from hotline.flow import precheck
from hotline.flow.acts import reveal
from hotline.people import Me
from hotline.store import db
from hotline.wire.tickets import Looked
from tests.cast import DISPATCHER, HOUR, NOW, STRANGER, Office, unit

PHONE = "13900000000"
EMPTY = "感谢您对我们工作的支持！"
GOOD = "已于11月18日上午电话联系您，垃圾当天清运完毕，今后每天清运一次。"


def codes(office: Office, number: str, reply: str, me: Me | None = None) -> set[str]:
    with db.reading() as session:
        found = precheck.advice(session, office.city, office.seal, number, reply, False, me or unit("hwzx"), NOW)
    return {one.code for one in found}


def test_an_empty_reply_is_told_and_a_good_one_is_not(office: Office) -> None:
    number = office.ticket(State.SIGNED).number
    before = len(office.rows("entry"))
    assert "empty" in codes(office, number, EMPTY)
    assert "empty" not in codes(office, number, GOOD)
    assert len(office.rows("entry")) == before


def test_the_callers_own_number_is_known_without_opening_it(office: Office) -> None:
    number = office.ticket(State.SIGNED, phone=PHONE).number
    assert "citizen_number" in codes(office, number, f"已拨打{PHONE}联系您，垃圾已清运。", DISPATCHER)
    assert "citizen_number" not in codes(office, number, "已拨打13911111111联系您，垃圾已清运。", DISPATCHER)


def test_who_was_not_shown_it_cannot_ask_whose_a_number_is(office: Office) -> None:
    number = office.ticket(State.SIGNED, phone=PHONE, text=f"垃圾没人清运，请打{PHONE}").number
    own, other = (f"已拨打{one}联系您，垃圾已清运。" for one in (PHONE, "13911111111"))
    assert codes(office, number, own) == codes(office, number, other) == {"mobile", "short"}
    shown = msgspec.structs.replace(office.city.rulebook, contact=ContactRules())
    city, said = msgspec.structs.replace(office.city, rulebook=shown), Looked(reason="联系诉求人")
    with db.transaction() as session:
        reveal.reveal(session, city, office.seal, number, said, unit("hwzx"), NOW)
    assert "citizen_number" in codes(office, number, own)


def test_who_may_not_see_the_ticket_learns_nothing(office: Office) -> None:
    number = office.ticket(State.SIGNED).number
    for me in (STRANGER, unit("cgj")):
        with pytest.raises(NoSuchTicket):
            codes(office, number, EMPTY, me)


def test_what_was_known_at_submission_stands_in_the_history(office: Office) -> None:
    number = office.ticket(State.SIGNED).number
    office.do("answer", number, unit("hwzx"), NOW + HOUR, note=EMPTY)
    (line,) = office.rows("entry", move="answer")
    assert "empty" in {one["code"] for one in line.facts["precheck"]}
    assert office.broken_links() == []
