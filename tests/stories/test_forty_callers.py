"""Forty people call about one matter: each is asked on their own, and one who is not content re-opens hers alone."""

from datetime import timedelta

import pytest

from dispatch.errors import IllegalMove
from hotline.flow import call_back
from hotline.store import cursors, db, lists
from hotline.store.lists import Filters
from hotline.store.tickets import Ticket
from hotline.wire.moves import Asked
from tests.cast import CALLER_BACK, DAY, HEAT, HOUR, MINUTE, NOW, Office, counted, unit

TEXT = "石埠新村12号楼整栋楼的暖气从昨天晚上开始就不热了，老人孩子受不了"
PLACE = "示例区石埠街道石埠新村12号楼"
GLAD = {"reached": True, "contacted": True, "solved": "yes", "satisfaction": 5}
ANGRY = {"reached": True, "contacted": False, "solved": "no", "satisfaction": 1, "cause": "事情没有解决"}
FIRST_CALL = timedelta(days=1)


def merged(office: Office, callers: int) -> tuple[Ticket, list[Ticket]]:
    """Return a matter that was answered, and the tickets that joined it, each with a caller of its own."""
    said = {"text": TEXT, "address": PLACE, "area": HEAT, "source": "12345"}
    first = office.triaged(NOW, phone="13800000000", **said)
    office.put([office.arrival(at=NOW + MINUTE, phone=f"1380000{one:04d}", **said) for one in range(1, callers)])
    assert {one.outcome for one in office.triage(NOW + 2 * MINUTE)} == {"joined"}
    office.do("sign", first, unit("rlgs"), NOW + 5 * MINUTE)
    office.do("answer", first, unit("rlgs"), NOW + HOUR, note="循环泵已更换，供热恢复")
    return office.see(first), joined(office, first)


def joined(office: Office, first: str) -> list[Ticket]:
    """Return the tickets that joined, as they are."""
    return office.rows("ticket", joined_to=office.see(first).id)


def to_call(office: Office) -> set[str]:
    """Return the numbers on the callback desk."""
    with db.reading() as session:
        wanted = Filters(states=frozenset({"answered", "joined"}), callback_before=cursors.FAR)
        page = lists.tickets(session, CALLER_BACK.sight, wanted, now=NOW, size=100, order="callback")
    return {card.number for card in page.items}


def test_forty_callers_one_dissatisfied(office: Office) -> None:
    main, others = merged(office, 40)
    office.plan(main.number)
    assert to_call(office) == {main.number, *(one.number for one in others)}
    assert {one.callback_due_at for one in joined(office, main.number)} == {main.callback_due_at}

    office.do("callback", main.number, CALLER_BACK, NOW + FIRST_CALL, **GLAD)
    missed, angry, *content = others
    for one in content:
        office.do("callback", one.number, CALLER_BACK, NOW + FIRST_CALL, **GLAD)
    done = office.do("callback", missed.number, CALLER_BACK, NOW + FIRST_CALL, reached=False)
    assert (done.state, done.tries) == ("joined", 1)
    hers = office.do("callback", angry.number, CALLER_BACK, NOW + FIRST_CALL, **ANGRY)
    assert (hers.state, hers.redos, hers.unit, hers.area, hers.grid) == ("signed", 1, "rlgs", HEAT, main.grid)
    assert office.clocks(angry.number)["result"].started_at == NOW + FIRST_CALL
    assert hers.due_at == office.clocks(angry.number)["hold"].due_at
    (hand,) = office.rows("assignment", ticket_id=hers.id, role="lead")
    assert (hand.unit, hand.signed_at) == ("rlgs", NOW + FIRST_CALL)
    assert office.see(main.number).state == "closed"
    assert {office.see(one.number).state for one in content} == {"closed"}
    assert {office.see(one.number).satisfaction for one in content} == {5}
    assert to_call(office) == {missed.number}

    office.answer(angry.number, unit("rlgs"), NOW + 2 * DAY, note="已入户排气，室温达标")
    office.plan(angry.number)
    assert to_call(office) == {missed.number, angry.number}
    done = office.do("callback", angry.number, CALLER_BACK, NOW + 3 * DAY, **GLAD)
    assert (done.state, done.satisfaction, done.redos) == ("closed", 5, 1)
    for later in (5 * HOUR, DAY):  # two further half-days
        done = office.do("callback", missed.number, CALLER_BACK, NOW + FIRST_CALL + later, reached=False)
    assert (done.state, done.satisfaction, done.solved, done.unit) == ("closed", None, None, "rlgs")
    assert [row.final for row in office.rows("callback", ticket_id=missed.id)] == [False] * 3
    assert (to_call(office), office.broken_links()) == (set(), [])


@pytest.mark.parametrize("callers", [3, 40])
def test_planning_costs_three_statements_however_many_joined(office: Office, callers: int) -> None:
    main, others = merged(office, callers)
    with counted(office.engine) as sent:
        office.plan(main.number)
    assert len(sent) == 3, sent
    with counted(office.engine) as sent:
        office.plan(main.number)
    assert len(sent) == 2, "nothing is planned twice"
    assert len(to_call(office)) == len(others) + 1


def test_the_same_caller_is_called_once(office: Office) -> None:
    said = {"text": TEXT, "address": PLACE, "area": HEAT, "source": "12345"}
    first = office.triaged(NOW, phone="13800000000", **said)
    for minute, phone in ((1, "13800000000"), (2, "13800000001"), (3, "13800000001"), (4, "")):
        office.received(NOW + minute * MINUTE, phone=phone, **said)
        office.triage(NOW + minute * MINUTE)
    assert office.see(first).joiners == 4
    office.do("sign", first, unit("rlgs"), NOW + 5 * MINUTE)
    office.do("answer", first, unit("rlgs"), NOW + HOUR, note="已恢复")
    office.plan(first)
    assert len(to_call(office)) == 2


def test_while_the_matter_is_redone_nobody_is_asked_about_the_old_answer(office: Office) -> None:
    main, (heard, tried, *_) = merged(office, 5)
    office.plan(main.number)
    office.do("callback", heard.number, CALLER_BACK, NOW + FIRST_CALL, **GLAD)
    office.do("callback", tried.number, CALLER_BACK, NOW + FIRST_CALL, reached=False)
    office.do("callback", main.number, CALLER_BACK, NOW + FIRST_CALL, **ANGRY)
    assert to_call(office) == set()
    with pytest.raises(IllegalMove):
        office.do("callback", tried.number, CALLER_BACK, NOW + FIRST_CALL, **GLAD)
    office.answer(main.number, unit("rlgs"), NOW + 2 * DAY, note="整栋排气完毕")
    office.plan(main.number)
    assert len(to_call(office)) == 4
    assert heard.number not in to_call(office)
    done = office.do("callback", tried.number, CALLER_BACK, NOW + 3 * DAY, **GLAD)
    assert (done.state, done.reply, done.tries) == ("closed", "整栋排气完毕", 1)


def test_a_joined_caller_rates_by_link_and_may_change_it(office: Office) -> None:
    main, (one, *_) = merged(office, 3)
    with db.transaction() as session:
        said = Asked(reached=True, solved="yes", satisfaction=4, channel="web")
        call_back.citizen_rating(session, office.city, one.number, said, NOW + 2 * HOUR)
    office.plan(main.number)
    assert (office.see(one.number).state, office.see(one.number).satisfaction) == ("joined", 4)
    assert one.number in to_call(office)  # the call is made all the same
    with db.transaction() as session:
        said = Asked(reached=True, solved="no", satisfaction=1, channel="web")
        done = call_back.citizen_rating(session, office.city, one.number, said, NOW + DAY)
    assert (done.state, done.unit) == ("signed", "rlgs")
    assert [row.unit for row in office.rows("assignment", ticket_id=one.id, role="lead")] == ["rlgs"]
    assert office.see(main.number).state == "answered"


def test_what_a_joined_caller_said_of_the_contact_stands_over_the_matters(office: Office) -> None:
    main, (one, *_) = merged(office, 3)
    office.plan(main.number)
    assert office.see(main.number).contacted is True
    with db.transaction() as session:
        said = Asked(reached=True, contacted=False, solved="yes", satisfaction=4, channel="web")
        call_back.citizen_rating(session, office.city, one.number, said, NOW + 2 * HOUR)
    done = office.do("callback", one.number, CALLER_BACK, NOW + DAY, reached=True, declined=True)
    assert (done.state, done.contacted, done.satisfaction) == ("closed", False, 4)


def test_a_second_unhappy_answer_supervises_her_ticket_alone(office: Office) -> None:
    main, (one, *_) = merged(office, 3)
    office.plan(main.number)
    office.do("callback", one.number, CALLER_BACK, NOW + DAY, **ANGRY)
    office.answer(one.number, unit("rlgs"), NOW + 2 * DAY, note="再次排气")
    done = office.do("callback", one.number, CALLER_BACK, NOW + 3 * DAY, **ANGRY)
    assert (done.state, done.level) == ("signed", "supervise")
    assert office.see(main.number).level == ""
