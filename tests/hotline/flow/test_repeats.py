"""A matter we have already joins the open ticket; what only looks alike does not."""

from datetime import timedelta

import pytest

from dispatch.lifecycle import State
from hotline.flow import repeats
from hotline.store import db
from tests.cast import AGENT, CALLER_BACK, DAY, LAMP, MINUTE, NOW, RUBBISH, Office, unit

TEXT = "锦绣里小区北门的垃圾桶四天没有人来清运了，气味很大"
PHONE = "13800001234"
PLACE = "松岭街道锦绣里"


def arrive(office: Office, at_day: float = 0, **new: object) -> str:
    said: dict[str, object] = {"text": TEXT, "area": RUBBISH, "phone": PHONE, "address": PLACE} | new
    return office.triaged(NOW + timedelta(days=at_day), **said)


@pytest.mark.parametrize(("day", "new"), [
    (0.01, {}),                                                   # the same caller, the same words
    (14.9, {}),
    (3, {"text": TEXT + "，请尽快处理"}),                          # nearly the same words
    (3, {"phone": "13800009999"}),                                # another caller, same words, same address
    (3, {"phone": ""}),
])  # fmt: skip
def test_what_repeats_an_open_ticket_joins_it(office: Office, day: float, new: dict[str, object]) -> None:
    first = arrive(office)
    second = arrive(office, day, **new)
    old, joined = office.see(first), office.see(second)
    assert (joined.state, joined.joined_to) == ("joined", old.id)
    assert joined.why["join"]
    assert (old.state, old.joiners) == ("routed", 1)
    assert office.history(second) == ["receive", "join"]
    assert office.history(first)[-1] == "gain"
    assert office.rows("clock", ticket_id=joined.id) == []
    assert office.broken_links() == []


@pytest.mark.parametrize(("day", "new"), [
    (15.1, {}),                                                   # long ago
    (3, {"text": "路灯坏了，晚上出门看不见路，请派人来修"}),          # the same caller, another matter
    (3, {"area": LAMP}),                                          # a person said it is another matter
    (3, {"phone": "13800009999", "address": "云桥街道文昌花园"}),    # the same words from elsewhere
    (8, {"phone": "13800009999"}),                                # another caller after a week
])  # fmt: skip
def test_what_only_looks_alike_is_a_ticket_of_its_own(office: Office, day: float, new: dict[str, object]) -> None:
    first = arrive(office)
    second = arrive(office, day, **new)
    assert office.see(second).state == "routed"
    assert office.see(first).joiners == 0


def test_what_is_over_gains_nobody(office: Office) -> None:
    held = office.ticket(State.CLOSED, text=TEXT, phone=PHONE, area=RUBBISH, address=PLACE)
    second = arrive(office, 1)
    assert office.see(second).state == "routed"
    assert office.see(held.number).joiners == 0


def test_what_is_answered_may_still_gain(office: Office) -> None:
    held = office.ticket(State.ANSWERED, text=TEXT, phone=PHONE, area=RUBBISH, address=PLACE)
    assert office.see(arrive(office, 0.2)).joined_to == held.id


def test_a_quoted_number_joins_whatever_the_words(office: Office) -> None:
    first = arrive(office, source="12345", source_ref="20261101000123")
    for said in (f"我的工单号{first}怎么还没办", "政府工单号20261101000123，一直没人来"):
        second = office.triaged(NOW + MINUTE, text=said, source="12345")
        assert office.see(second).joined_to == office.see(first).id, said
        assert first in office.see(second).why["join"]


def test_a_quoted_number_nobody_has_joins_nothing(office: Office) -> None:
    assert office.see(office.triaged(text="工单号20990101000123怎么还没办")).state == "routed"


def test_within_a_batch_the_earlier_one_is_the_matter(office: Office) -> None:
    same = {"text": TEXT, "area": RUBBISH, "address": PLACE}
    arrivals = [office.arrival(at=NOW + n * MINUTE, **same, phone=f"1380000{n:04d}") for n in range(3)]
    numbers = [one.key["number"] for one in arrivals]
    office.put(arrivals)
    office.triage(NOW + DAY)
    assert [office.see(number).state for number in numbers] == ["routed", "joined", "joined"]
    assert office.see(numbers[0]).joiners == 2
    assert office.history(numbers[0])[-1] == "gain"
    assert "2人次" in office.rows("entry", ticket_id=office.see(numbers[0]).id)[-1].note


def test_two_numbers_joined_in_turn_count_two(office: Office) -> None:
    first = arrive(office)
    arrive(office, 1)
    arrive(office, 2)
    assert (office.see(first).joiners, office.history(first)[-2:]) == (2, ["gain", "gain"])


def test_finding_writes_nothing_and_takes_one_statement(office: Office) -> None:
    first, second = arrive(office), office.received(NOW + DAY, text=TEXT, phone=PHONE, area=RUBBISH)
    with db.reading() as session:
        found = repeats.find(session, office.city, [office.see(second)], NOW + DAY)
    assert [repeat.number for repeat in found.values()] == [first]
    assert office.see(second).state == "received"


def test_the_desk_joins_by_hand_and_the_other_keeps_its_deadline(office: Office) -> None:
    held = office.ticket(State.SIGNED, area=RUBBISH)
    number = office.received(NOW + DAY)
    office.do("join", number, AGENT, NOW + DAY, to=held.number)
    old = office.see(held.number)
    assert (office.see(number).joined_to, old.joiners, old.due_at) == (held.id, 1, held.due_at)
    office.do("answer", held.number, unit("hwzx"), NOW + DAY, note="办好了")
    said = {"reached": True, "solved": "yes", "satisfaction": 5}
    assert office.do("callback", held.number, CALLER_BACK, NOW + 2 * DAY, **said).state == "closed"
