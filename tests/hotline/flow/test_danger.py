"""Danger in the words, at every door: how urgent, with why; alone, told at once; raised and lowered later."""

from datetime import timedelta
from typing import Any

import pytest

from dispatch.errors import IllegalMove, NotYours
from dispatch.lifecycle import Move, State
from hotline.errors import BadValue
from hotline.flow import receive, tell, triage
from hotline.flow.oversight import retell
from hotline.jobs import work
from hotline.jobs.journey import NEXT
from hotline.store import db
from hotline.store.outbox import OutboxRow
from tests.cast import AGENT, DISPATCHER, HOUR, MINUTE, NOW, RUBBISH, SUPERVISOR, Office, counted, unit

LEAK = "我家楼道里煤气漏气了，味道很大，人都头晕"
HEARD = "特急：燃气泄漏：听到“煤气漏气”"
GREY = "小区东门的垃圾桶已经很多天没有人来清运了，味道很大"


@pytest.mark.parametrize(
    ("new", "chosen", "urgency", "why"),
    [
        ({"text": GREY}, False, "normal", ""),
        ({"text": LEAK}, False, "critical", HEARD),
        ({"text": LEAK, "urgency": "normal"}, False, "critical", HEARD),  # an export says 一般 of all
        ({"text": LEAK, "urgency": "critical"}, False, "critical", HEARD),
        ({"text": GREY, "urgency": "urgent"}, False, "urgent", "来件定为紧急"),
        ({"text": LEAK}, True, "critical", HEARD),
        ({"text": LEAK, "urgency": "normal"}, True, "normal", "登记人员定为一般（燃气泄漏：听到“煤气漏气”）"),
        ({"text": GREY, "urgency": "critical"}, True, "critical", "登记人员定为特急"),
        ({"text": GREY, "urgency": "normal"}, True, "normal", ""),
    ],
)  # fmt: skip
def test_how_urgent_by_the_words_and_by_whom(
    office: Office, new: dict[str, Any], chosen: bool, urgency: str, why: str
) -> None:
    arrival = receive.arrive(office.city, office.seal, made_new(new), AGENT.actor, NOW, "X1", chosen=chosen)
    assert (arrival.ticket["urgency"], arrival.ticket["why"].get("urgency", "")) == (urgency, why)


def made_new(new: dict[str, Any]) -> receive.NewTicket:
    return receive.NewTicket(**new)


def test_history_is_not_heard(office: Office) -> None:
    arrival = receive.arrive(office.city, office.seal, made_new({"text": LEAK}), AGENT.actor, NOW, "X1", quiet=True)
    assert (arrival.ticket["urgency"], arrival.ticket["why"]) == ("normal", {})


def test_a_key_that_comes_back_is_the_same_with_the_urgency_left_out() -> None:
    bodies = [made_new({"text": LEAK}), made_new({"text": LEAK, "urgency": "normal"})]
    assert len({receive.fingerprint(one) for one in bodies}) == 1


def test_a_critical_matter_has_its_own_clocks_from_its_receipt(office: Office) -> None:
    number = office.triaged(text=LEAK, area="")
    waits = office.clocks(number)["dispatch"]
    assert waits.due_at - waits.started_at <= HOUR
    number = office.triaged(text=f"{LEAK}，快来", area=RUBBISH)
    ticket, held = office.see(number), office.clocks(number)
    assert ticket.state == State.ROUTED
    assert held["contact"].due_at - held["contact"].started_at <= HOUR
    assert ticket.due_at is not None
    assert ticket.due_at - NOW <= timedelta(hours=24)


def test_a_critical_matter_is_never_joined_by_machine_and_its_likely_partner_is_named(office: Office) -> None:
    first = office.triaged(text=LEAK, phone="021-55500101")
    again = office.triaged(NOW + MINUTE, text=LEAK, phone="021-55500101")
    ticket = office.see(again)
    assert ticket.state in {State.RECEIVED, State.ROUTED}
    assert first in ticket.why["likely"]
    assert "不自动合并" in ticket.why["likely"]
    assert office.see(first).joiners == office.ticket(State.RECEIVED).joiners
    grey = office.triaged(text=GREY, phone="021-55500102")
    assert office.see(office.triaged(NOW + MINUTE, text=GREY, phone="021-55500102")).joined_to == office.see(grey).id


def notices(office: Office, move: str) -> list[Any]:
    events = [OutboxRow(**row._mapping) for row in office.rows("outbox", move=move)]
    for _ in range(2):
        with db.transaction() as session:
            tell.heads(session, office.city, events, NOW + MINUTE)
    return office.rows("notice", kind=move)


def test_dispatchers_and_supervisors_hear_of_it_at_once_and_once(office: Office) -> None:
    number = office.triaged(text=LEAK)
    office.triaged(text=GREY)
    found = notices(office, "receive")
    assert {(row.login, row.number) for row in found} == {("@dispatcher", number), ("@supervisor", number)}
    assert len(found) == 2
    assert found[0].text.startswith(f"【特急】受理：{number}")
    assert "燃气泄漏：听到“煤气漏气”" in found[0].text
    assert NEXT[Move.RECEIVE] == (triage.received, tell.heads)


def test_telling_the_heads_takes_one_statement_where_nothing_is_critical(office: Office) -> None:
    office.received(text=GREY)
    events = [OutboxRow(**row._mapping) for row in office.rows("outbox", move="receive")]
    with counted(db.engine()) as statements, db.transaction() as session:
        tell.heads(session, office.city, events, NOW)
    assert len(statements) == 1


def test_words_that_come_later_raise_it_with_their_why(office: Office) -> None:
    number = office.ticket(State.SIGNED, text=GREY).number
    office.do("urge", number, AGENT, NOW + HOUR, note="还是没人来")
    assert office.history(number)[-1] == "urge"
    office.do("urge", number, AGENT, NOW + HOUR, note="垃圾桶烧起来了，火很大")
    ticket = office.see(number)
    assert (ticket.urgency, office.history(number)[-2:]) == ("critical", ["urge", "raise"])
    assert ticket.why["urgency"].startswith("特急：火情：听到")
    assert ticket.due_at == office.clocks(number)["result"].due_at
    assert ticket.due_at - (NOW + HOUR) <= timedelta(hours=24)


def test_what_was_supplied_is_heard_too(office: Office) -> None:
    number = office.ticket(State.LACKING, text=GREY).number
    office.do("supply", number, AGENT, NOW + HOUR, note="有个孩子掉进井里了")
    assert (office.see(number).urgency, office.history(number)[-1]) == ("critical", "raise")


@pytest.mark.parametrize("me", [AGENT, DISPATCHER, SUPERVISOR, unit("hwzx")])
def test_a_person_raises_it_and_clocks_follow(office: Office, me: Any) -> None:
    ticket = office.ticket(State.SIGNED, text=GREY, area=RUBBISH)
    was = ticket.due_at
    office.do("raise", ticket.number, me, NOW + HOUR, reason="现场发现有人晕倒")
    now = office.see(ticket.number)
    assert was is not None
    assert now.due_at is not None
    assert (now.urgency, now.due_at < was) == ("critical", True)
    assert "提级为特急：现场发现有人晕倒" in now.why["urgency"]
    (raised,) = office.rows("entry", ticket_id=now.id, move="raise")
    assert raised.facts == {"urgency": "critical"}
    assert office.clocks(ticket.number)["result"].next_at is not None
    with db.reading() as session:
        assert retell.stored(session, now) == retell.recounted(session, office.city, now)


def test_lowering_gives_the_ordinary_time_back_and_says_why(office: Office) -> None:
    ticket = office.ticket(State.SIGNED, text=f"{LEAK}！", area=RUBBISH)
    ordinary = office.ticket(State.SIGNED, text=GREY, area=RUBBISH)
    office.do("lower", ticket.number, DISPATCHER, NOW + HOUR, reason="核实为饭菜气味")
    now = office.see(ticket.number)
    assert (now.urgency, now.due_at) == ("normal", ordinary.due_at)
    assert "降级为一般：核实为饭菜气味" in now.why["urgency"]
    with db.reading() as session:
        assert retell.stored(session, now) == retell.recounted(session, office.city, now)


def test_who_may_and_from_where(office: Office) -> None:
    ticket = office.ticket(State.SIGNED, text=LEAK)
    for me in (AGENT, unit("hwzx")):
        with pytest.raises(NotYours):
            office.do("lower", ticket.number, me, NOW, reason="不急")
    with pytest.raises(BadValue, match="工单现为特急，不能提级为特急"):
        office.do("raise", ticket.number, DISPATCHER, NOW, reason="急")
    closed = office.ticket(State.CLOSED, text=GREY)
    with pytest.raises(IllegalMove):
        office.do("raise", closed.number, DISPATCHER, NOW, reason="急")
    assert office.do("lower", ticket.number, DISPATCHER, NOW, reason="可缓", urgency="urgent").urgency == "urgent"


def test_the_worker_tells_and_dispatches_in_one_turn(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = office.received(text=LEAK, area=RUBBISH)
    monkeypatch.setattr(work.clock, "now", lambda: NOW + MINUTE)
    while waiting := [row.id.hex for row in office.rows("outbox") if row.done_at is None]:
        assert work.events(waiting) == len(waiting)
    assert office.see(number).state == State.ROUTED
    assert {row.login for row in office.rows("notice", kind="receive")} == {"@dispatcher", "@supervisor"}
    (known,) = {row.text for row in office.rows("notice", kind="receive")}
    assert "已派" in known
