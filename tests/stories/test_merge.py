"""No caller is lost in a merge: the matter ends, is joined on, is undone, and everybody who joined it is seen to."""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from dispatch.errors import IllegalMove, RuleBroken
from dispatch.lifecycle import OPEN, State
from hotline import clock
from hotline.errors import BadValue, HotlineError
from hotline.flow.oversight import retell
from hotline.jobs import work
from hotline.store import db
from tests.cast import (
    AGENT,
    CALLER_BACK,
    DAY,
    DISPATCHER,
    HEAT,
    HOUR,
    LAMP,
    MINUTE,
    NOW,
    SUPERVISOR,
    Office,
    holder,
    unit,
)  # fmt: skip

TEXT = "石埠新村12号楼整栋楼的暖气从昨天晚上开始就不热了，老人孩子受不了"
PLACE = "示例区石埠街道石埠新村12号楼"
MATTER = {"text": TEXT, "address": PLACE, "area": HEAT, "source": "12345"}
ENDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "withdraw": (AGENT, {"note": "来电人要求撤回"}),
    "void": (DISPATCHER, {}),
    "refuse": (AGENT, {"reason": "已进入诉讼程序", "guide": "人民法院"}),
    "settle": (AGENT, {"note": "供热公司已抢修"}),
}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let everything that follows be done, as a worker would at that moment."""

    def follow(office: Office, at: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: at)
        while waiting := [row.id.hex for row in office.rows("outbox") if row.done_at is None]:
            work.events(waiting)

    return follow


def caller(office: Office, one: int, at: datetime, into: str = "", **new: Any) -> str:
    """Receive the matter from another caller, and join it to a ticket."""
    number = office.received(at, phone=f"138000{one:05d}", **MATTER | new)
    if into:
        office.do("join", number, AGENT, at, to=into)
    return number


def matter(office: Office, state: State = State.SIGNED, callers: int = 3) -> tuple[str, list[str]]:
    """Return a matter in a state, and who joined it, the oldest first."""
    main = office.ticket(state, NOW, phone="13800099999", **MATTER).number
    return main, [caller(office, one, NOW + one * HOUR, main) for one in range(1, callers + 1)]


def sound(office: Office) -> None:
    """Hold all tickets to what must be so: who is joined stands in a matter that answers, and the counts are true."""
    held = {one.id: one for one in office.rows("ticket")}
    for one in held.values():
        if one.state == State.JOINED:
            main = held[one.joined_to]
            assert main.state in OPEN or (main.state in {State.CLOSED, State.ARCHIVED} and main.answered_at), main.state
        if one.state in OPEN:
            assert one.joiners == sum(other.joined_to == one.id for other in held.values())
    for number in (one.number for one in held.values()):
        with db.reading() as session:
            ticket = office.see(number)
            assert retell.stored(session, ticket) == retell.recounted(session, office.city, ticket)
    assert office.broken_links() == []


@pytest.mark.parametrize("move", sorted(ENDS))
def test_a_matter_that_ends_unanswered_lets_everybody_go_on(office: Office, later: Any, move: str) -> None:
    main, joined = matter(office, State.RECEIVED if move in ("refuse", "settle") else State.SIGNED)
    if move == "void":
        office.do("ask_void", main, AGENT, NOW + 5 * HOUR, reason="登记有误")
    me, said = ENDS[move]
    over = NOW + 16 * DAY
    office.do(move, main, me, over, **said)
    later(office, over)
    first, *others = (office.see(number) for number in joined)
    assert (first.state, first.unit, first.joined_to, first.joiners) == ("routed", "rlgs", None, 2)
    assert {(one.state, one.joined_to) for one in others} == {("joined", first.id)}
    assert office.see(main).joiners == 0
    clocks = office.clocks(first.number)
    assert clocks["result"].started_at == clocks["progress"].started_at == first.received_at
    assert (clocks["hold"].started_at, clocks["sign"].started_at) == (over, over)
    assert first.due_at == clocks["result"].due_at < over
    office.sweep(over + MINUTE)
    cards = {(row.card, row.unit) for row in office.rows("alarm", ticket_id=first.id)}
    assert not {"yellow_card", "red_card"} & {card for card, _ in cards}, "the unit has had it for a minute"
    assert "supervise" in {card for card, _ in cards}, "late for the city"
    assert [row.unit for row in office.rows("notice", number=first.number, kind="route")]
    sound(office)


def test_who_goes_on_is_answered_and_everybody_asked(office: Office, later: Any) -> None:
    main, joined = matter(office)
    office.do("withdraw", main, AGENT, NOW + DAY, note="不办了")
    later(office, NOW + DAY)
    office.do("sign", joined[0], unit("rlgs"), NOW + DAY)
    office.answer(joined[0], unit("rlgs"), NOW + 2 * DAY, note="已恢复供热")
    later(office, NOW + 2 * DAY)
    for number in joined:
        done = office.do("callback", number, CALLER_BACK, NOW + 3 * DAY, reached=True, solved="yes", satisfaction=5)
        assert (done.state, done.reply) == ("closed", "已恢复供热")
    sound(office)


def test_an_answered_matter_that_gains_a_caller_has_the_caller_asked(office: Office, later: Any) -> None:
    main = office.ticket(State.ANSWERED, NOW, phone="13800099999", **MATTER).number
    later(office, NOW + HOUR)
    number = caller(office, 1, NOW + 2 * HOUR, main)
    later(office, NOW + 2 * HOUR)
    assert office.see(number).callback_due_at is not None
    sound(office)


def test_a_chain_of_joins_is_one_step(office: Office, later: Any) -> None:
    three = office.ticket(State.SIGNED, NOW, phone="13800000003").number
    one, two = office.received(NOW, phone="13800000001", **MATTER), office.received(NOW + MINUTE, **MATTER)
    office.do("join", one, AGENT, NOW + HOUR, to=two)
    office.do("join", two, AGENT, NOW + 2 * HOUR, to=three)
    four = caller(office, 4, NOW + 3 * HOUR)
    office.do("join", four, AGENT, NOW + 3 * HOUR, to=one)  # a joined number stands for the matter it is in
    assert {office.see(number).joined_to for number in (one, two, four)} == {office.see(three).id}
    assert office.see(three).joiners == 3
    with pytest.raises(BadValue):
        office.do("join", four, AGENT, NOW + 4 * HOUR, to=one)
    office.answer(three, holder(office.see(three)), NOW + DAY, note="已办结")
    later(office, NOW + DAY)
    assert all(office.see(number).callback_due_at for number in (one, four))
    sound(office)


def test_no_circle_can_be_joined(office: Office) -> None:
    main = office.received(NOW, **MATTER)
    number = caller(office, 1, NOW + MINUTE, main)
    with pytest.raises(BadValue):
        office.do("join", main, AGENT, NOW + HOUR, to=number)
    assert office.see(main).state == "received"


@pytest.mark.parametrize("me", [AGENT, DISPATCHER, SUPERVISOR])
def test_a_merge_is_undone(office: Office, later: Any, me: Any) -> None:
    main, (one, two) = matter(office, callers=2)
    with pytest.raises(IllegalMove):
        office.do("split", main, me, NOW + 4 * HOUR, reason="不是同一件事")
    done = office.do("split", one, me, NOW + DAY, reason="不是同一件事")
    assert (done.state, done.joined_to) == ("received", None)
    later(office, NOW + DAY)
    mine = office.see(one)
    assert (mine.state, mine.joined_to) == ("routed", None), "never joined again by the machine"
    assert office.clocks(one)["result"].started_at == mine.received_at
    assert (office.see(main).joiners, office.see(two).state) == (1, "joined")
    assert office.history(main)[-1] == "lose"
    sound(office)


def test_left_for_a_person_after_the_split_it_counts_from_its_receipt(office: Office, later: Any) -> None:
    main = office.ticket(State.SIGNED, NOW).number
    number = office.received(NOW + HOUR, text="说不清楚是什么事，来电人很着急")
    office.do("join", number, AGENT, NOW + HOUR, to=main)
    office.do("split", number, DISPATCHER, NOW + DAY, reason="另一件事")
    later(office, NOW + DAY)
    assert office.see(number).state == "received"
    assert office.clocks(number)["dispatch"].started_at == NOW + HOUR
    office.do("route", number, DISPATCHER, NOW + 2 * DAY, unit="hwzx")
    clocks = office.clocks(number)
    assert (clocks["result"].started_at, clocks["hold"].started_at) == (NOW + HOUR, NOW + 2 * DAY)
    sound(office)


def test_a_joined_citizen_urges_supplements_and_withdraws(office: Office, later: Any) -> None:
    main, (one, two) = matter(office, callers=2)
    office.do("urge", one, AGENT, NOW + 5 * HOUR, note="老人病了")
    office.do("supplement", one, AGENT, NOW + 5 * HOUR, note="家住三单元501")
    later(office, NOW + 5 * HOUR)
    lines = {row.move: row for row in office.rows("entry", ticket_id=office.see(main).id)}
    assert "老人病了" in lines["urge"].note
    assert "家住三单元501" in lines["supplement"].note
    assert not lines["urge"].public, "another citizen's page does not show it"
    told = {row.kind for row in office.rows("notice", number=main, unit="rlgs")}
    assert {"urge", "supplement"} <= told
    done = office.do("withdraw", one, AGENT, NOW + DAY, note="已搬走")
    assert (done.state, done.joined_to) == ("withdrawn", None)
    assert (office.see(main).state, office.see(main).joiners, office.see(two).state) == ("signed", 1, "joined")
    office.answer(main, unit("rlgs"), NOW + 2 * DAY, note="已恢复")
    later(office, NOW + 2 * DAY)
    assert office.see(one).callback_due_at is None
    assert office.see(two).callback_due_at is not None
    sound(office)


def test_a_withdrawn_answer_still_lets_them_go(office: Office, later: Any) -> None:
    """Answered once, sent back by its citizen, then withdrawn: the old answer does not stand for who joined."""
    main, joined = matter(office, State.ANSWERED, 1)
    office.do("callback", main, CALLER_BACK, NOW + DAY, reached=True, solved="no", satisfaction=1, cause="事情没有解决")
    office.do("withdraw", main, AGENT, NOW + 2 * DAY, note="不办了")
    later(office, NOW + 2 * DAY)
    assert office.see(joined[0]).state == "routed"
    sound(office)


def at_once(*deeds: Callable[[], object]) -> list[Exception]:
    """Do all of it at the same moment, each in a thread; return what went wrong beside what the rules refuse."""
    waits, failed = threading.Barrier(len(deeds)), list[Exception]()

    def run(deed: Callable[[], object]) -> None:
        waits.wait()
        try:
            deed()
        except (HotlineError, RuleBroken):
            pass
        except Exception as wrong:
            failed.append(wrong)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return failed


@pytest.mark.parametrize("turn", range(3))
@pytest.mark.parametrize("end", ["withdraw", "void", "join", "answer"])
def test_a_join_into_a_matter_that_ends_at_the_same_moment(office: Office, later: Any, end: str, turn: int) -> None:
    start, at = NOW + turn * DAY, NOW + turn * DAY + 3 * HOUR
    main = office.ticket(State.RECEIVED if end == "join" else State.SIGNED, start, **MATTER).number
    held = caller(office, 1, start + MINUTE, main)
    other = office.ticket(State.ROUTED, start, text="路口的路灯不亮，晚上看不见路", area=LAMP).number
    fresh = [caller(office, 50 + one, start + 2 * HOUR) for one in range(3)]
    office.do("ask_void", main, AGENT, start + HOUR, reason="误登")
    me, said = {
        "withdraw": (AGENT, {"note": "撤回"}),
        "void": (DISPATCHER, {}),
        "join": (AGENT, {"to": other}),
        "answer": (unit("rlgs"), {"note": "已恢复"}),
    }[end]
    wrong = at_once(
        partial(office.do, "join", fresh[0], AGENT, at, to=main),
        partial(office.do, "join", fresh[1], AGENT, at, to=held),
        partial(office.triage, at),
        partial(office.do, end, main, me, at, **said),
        partial(office.do, "urge", held, AGENT, at, note="快些"),
        partial(office.do, "split", held, AGENT, at, reason="另一件事"),
    )
    assert wrong == [], "\n".join(map(str, wrong))
    later(office, at + MINUTE)
    assert all(office.see(number).state in OPEN | {State.JOINED} for number in (*fresh, held))
    sound(office)


def test_opposite_joins_at_the_same_moment(office: Office, later: Any) -> None:
    for turn in range(5):
        one, two = (office.received(NOW, phone=f"1390000{turn}{n:03d}") for n in range(2))
        assert not at_once(
            partial(office.do, "join", one, AGENT, NOW + DAY, to=two),
            partial(office.do, "join", two, AGENT, NOW + DAY, to=one),
        )
        assert sorted(office.see(number).state for number in (one, two)) == ["joined", "received"]
    later(office, NOW + DAY)
    sound(office)
