"""The daily sums follow the tickets: whatever happened, in whatever order it was counted, they equal a full recount."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from dispatch.lifecycle import State
from hotline.flow.figures import contribution, tally
from hotline.flow.figures.tally import Recount
from hotline.store import db, figures
from hotline.store.schema import METADATA
from tests.cast import AGENT, CALLER_BACK, DAY, DISPATCHER, HOUR, MINUTE, NOW, SUPERVISOR, Office, counted, unit
from tests.wandering import Wanderer

TICKET, TALLY, CLOCK, COUNTED = (METADATA.tables[name] for name in ("ticket", "tally", "clock", "counted"))
GLAD: dict[str, Any] = {"reached": True, "contacted": True, "solved": "yes", "satisfaction": 5}
LATER = NOW + 30 * DAY


def wrong(office: Office) -> list[Recount]:
    """Return the days on which a recount finds something else."""
    with db.reading() as session:
        days = tally.days(session, office.city)
    found = []
    for day in days:
        with db.reading() as session:
            found.append(tally.differences(session, office.city, day))
    assert sum(one.tickets for one in found) == len(office.rows("ticket"))
    return [one for one in found if one.wrong or one.sums]


def sums(office: Office, dimension: str = "", key: str = "") -> Counter[str]:
    """Return the counts of one key over all days."""
    found: Counter[str] = Counter()
    for row in office.rows("tally", dimension=dimension, key=key):
        found[row.name] += row.value
    return +found


def from_nothing(office: Office) -> dict[tuple[str, ...], int]:
    """Return all sums as counted from the rows of all tickets, and from nothing else."""
    with db.reading() as session:
        rows = session.execute(sa.select(*contribution.columns())).all()
        return dict(contribution.summed(contribution.of_tickets(session, office.city, rows)))


def stored(office: Office) -> dict[tuple[str, ...], int]:
    """Return all sums as they are kept."""
    return {(row.day, row.dimension, row.key, row.name): row.value for row in office.rows("tally") if row.value}


@pytest.mark.parametrize("seed", range(4))
def test_sums_kept_along_a_random_history_equal_a_recount(office: Office, seed: int) -> None:
    walker = Wanderer(office, seed)
    walker.walk(110, between=lambda at: office.fold(at, limit=3))
    office.fold(walker.at)
    assert stored(office) == from_nothing(office)
    assert wrong(office) == []
    assert {row.seq - row.counted_seq for row in office.rows("ticket")} == {0}
    assert {"answer", "route"} <= set(walker.made)
    office.fold(walker.at + 60 * DAY)  # what runs out without a move is counted too
    assert stored(office) == from_nothing(office)
    assert wrong(office) == []


def test_hits_are_always_among_the_cases(office: Office) -> None:
    Wanderer(office, 9).walk(150)
    office.fold(LATER)
    found = stored(office)
    for (day, dimension, key, name), value in found.items():
        assert value > 0
        if name.endswith("+"):
            assert found[(day, dimension, key, name.removesuffix("+"))] >= value


def test_each_ticket_is_counted_once_until_it_changes(office: Office) -> None:
    held = office.ticket(State.SIGNED)
    assert (office.fold(), office.fold()) == (1, 0)
    office.do("note", held.number, unit("hwzx"), NOW + HOUR, note="看过")
    assert (office.fold(), office.fold()) == (1, 0)
    assert sums(office)["received"] == sums(office, "unit", "hwzx")["received"] == 1


def test_a_change_takes_back_what_it_counted_before(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    office.fold()
    assert (sums(office)["contact+"], sums(office)["solve"]) == (1, 0)
    sad = GLAD | {"contacted": False, "solved": "no", "satisfaction": 1}
    office.do("callback", held.number, CALLER_BACK, NOW + HOUR, **sad)
    office.fold()
    found = sums(office)
    assert (found["contact"], found["contact+"], found["redone+"], found["solve"]) == (1, 0, 1, 0)
    assert wrong(office) == []


def test_a_corrected_matter_moves_to_its_own_rows(office: Office) -> None:
    held = office.ticket(State.ROUTED)
    office.fold()
    assert sums(office, "area", "010101")["received"] == sums(office, "area", "01")["received"] == 1
    office.do("classify", held.number, DISPATCHER, NOW + MINUTE, area="0201")
    office.fold()
    assert [sums(office, "area", key)["received"] for key in ("010101", "0101", "01", "02", "0201")] == [0, 0, 0, 1, 1]


def test_a_clock_that_runs_out_is_late_without_a_move(office: Office) -> None:
    number = office.ticket(State.SIGNED).number
    office.fold()
    before = office.see(number).seq
    assert office.fold(NOW + 6 * DAY) == 1  # three days for the progress, and the contact
    assert office.clocks(number)["progress"].outcome == "late"
    assert office.clocks(number)["hold"].outcome == ""
    assert office.fold(NOW + 8 * DAY) == 1
    found = sums(office, "unit", "hwzx")
    assert (found["on_time"], found["on_time+"], found["progress_on_time"], found["sign_on_time+"]) == (1, 0, 1, 1)
    assert (office.see(number).seq, office.clocks(number)["hold"].stopped_at) == (before, None)
    assert office.fold(NOW + 9 * DAY) == 0
    office.do("answer", number, unit("hwzx"), NOW + 9 * DAY, note="办好了")
    assert office.clocks(number)["hold"].outcome == "late"
    office.fold(NOW + 9 * DAY)
    assert sums(office)["on_time"] == 1
    assert wrong(office) == []


def test_what_was_not_signed_in_time_stays_late_when_the_ticket_is_closed(office: Office) -> None:
    number = office.ticket(State.ROUTED).number
    office.fold(NOW + 5 * DAY)
    office.do("withdraw", number, AGENT, NOW + 5 * DAY, note="不用了")
    office.fold(NOW + 5 * DAY)
    found = sums(office, "unit", "hwzx")
    assert (found["sign_on_time"], found["sign_on_time+"], found["on_time"]) == (1, 0, 0)


def test_a_clock_that_stands_still_is_not_late(office: Office) -> None:
    number = office.ticket(State.SIGNED).number
    office.do("lack", number, unit("hwzx"), NOW + HOUR, note="请补充楼栋号")
    office.fold(NOW + 20 * DAY)
    clocks = office.clocks(number)
    assert (clocks["hold"].outcome, clocks["result"].outcome) == ("", "late")


def test_an_extension_granted_after_the_limit_takes_the_verdict_back(office: Office) -> None:
    number = office.ticket(State.SIGNED).number
    said = {"reason": "要等配件", "note": "已订货", "days": 5}
    office.do("ask_extension", number, unit("hwzx"), NOW + 6 * DAY, **said)
    office.fold(NOW + 8 * DAY)
    assert office.clocks(number)["hold"].outcome == "late"
    office.do("extend", number, DISPATCHER, NOW + 8 * DAY)
    office.fold(NOW + 8 * DAY)
    assert office.clocks(number)["hold"].outcome == ""
    found = sums(office)
    assert (found["on_time"], found["extended+"]) == (0, 1)


def test_what_is_not_counted_leaves_every_rate_and_says_why(office: Office) -> None:
    number = office.ticket(State.CLOSED).number
    office.fold()
    assert sums(office)["solve+"] == 1
    said = {"reason": "不在本区", "basis": "勘界图", "ground": "outside"}
    office.do("ask_exclusion", number, unit("hwzx"), NOW + DAY, **said)
    office.do("exclude", number, SUPERVISOR, NOW + 2 * DAY)
    office.fold()
    found = sums(office, "unit", "hwzx")
    assert (found["received"], found["solve"], found["solve+"], found["solve-outside"]) == (1, 0, 0, 1)
    assert {name for name in found if not name.endswith("-outside")} == {"received"}


def test_a_joined_caller_counts_for_the_own_callback_and_nothing_else(office: Office) -> None:
    main, number = office.ticket(State.SIGNED), office.received(NOW + MINUTE, phone="13800000412")
    office.do("join", number, AGENT, NOW + MINUTE, to=main.number)
    office.fold()
    assert (sums(office)["received"], sums(office, "unit", "hwzx")["received"]) == (2, 1)
    office.do("answer", main.number, unit("hwzx"), NOW + HOUR, note="办好了", alone=True)
    office.plan(main.number)
    said = GLAD | {"solved": "partly", "satisfaction": 3}
    assert office.do("callback", number, CALLER_BACK, NOW + DAY, **said).state == "closed"
    office.fold()
    for found in (sums(office), sums(office, "unit", "hwzx"), sums(office, "area", "010101")):
        assert (found["solve"], found["solve+"], found["satisfaction+"], found["reach+"]) == (1, 0, 1, 1)
        assert (found["contact"], found["returned"], found["redone"]) == (1, 1, 1)  # the matter's own


def test_who_joined_moves_with_the_matter(office: Office) -> None:
    main, number = office.ticket(State.SIGNED), office.received(NOW + MINUTE)
    office.do("join", number, AGENT, NOW + MINUTE, to=main.number)
    office.fold()
    assert sums(office, "area", "010101")["received"] == 2
    office.do("classify", main.number, DISPATCHER, NOW + HOUR, area="0201")
    assert office.fold() == 2  # the matter, and who joined it
    assert (sums(office, "area", "010101")["received"], sums(office, "area", "0201")["received"]) == (0, 2)
    assert wrong(office) == []


def test_a_recount_finds_what_is_wrong_and_sets_it_right(office: Office) -> None:
    for state in (State.CLOSED, State.SIGNED):
        office.ticket(state)
    office.fold()
    right = stored(office)
    with db.transaction() as session:
        one = TALLY.c.dimension == "", TALLY.c.name == "received"
        session.execute(sa.update(TALLY).where(*one).values(value=7))
        session.execute(sa.delete(TALLY).where(TALLY.c.name == "solve"))
        first = session.execute(sa.select(COUNTED.c.ticket_id).limit(1)).scalar_one()
        session.execute(sa.update(COUNTED).where(COUNTED.c.ticket_id == first).values(counts={"": ["received"]}))
    (found,) = wrong(office)
    assert found.wrong == [first]
    assert ("", "received", 7, 2) in {(one.dimension, one.name, one.stored, one.counted) for one in found.sums}
    with db.transaction() as session:
        tally.mend(session, office.city, found)
    office.fold()
    assert wrong(office) == []
    assert stored(office) == right


def test_the_statements_of_a_batch_do_not_follow_its_tickets(office: Office) -> None:
    def cost(tickets: int) -> int:
        for _ in range(tickets):
            office.ticket(State.SIGNED)
        with counted(office.engine) as sent, db.transaction() as session:
            assert tally.fold(session, office.city, NOW) == tickets
        return len(sent)

    assert cost(1) == cost(6) <= 14


def test_nothing_to_count_costs_two_statements(office: Office) -> None:
    with counted(office.engine) as sent, db.transaction() as session:
        assert tally.fold(session, office.city, NOW) == 0
    assert len(sent) == 2


def test_freshness_is_the_first_change_that_is_not_counted(office: Office) -> None:
    def fresh(at: datetime) -> tuple[datetime, int]:
        with db.reading() as session:
            found = figures.freshness(session, office.city.region, at)
        return found.as_of, found.behind

    number = office.ticket(State.SIGNED).number
    assert fresh(NOW + HOUR) == (NOW, 1)
    office.fold()
    assert fresh(NOW + HOUR) == (NOW + HOUR, 0)
    office.do("note", number, unit("hwzx"), NOW + 2 * HOUR, note="看过")
    office.do("note", number, unit("hwzx"), NOW + 3 * HOUR, note="又看过")
    assert fresh(NOW + 4 * HOUR) == (NOW + 2 * HOUR, 1)
    office.fold()
    due = office.clocks(number)["contact"].due_at
    assert fresh(due + DAY) == (due, 0)  # a limit has passed, and nobody has judged it yet


@pytest.mark.postgres
def test_two_who_count_at_once_never_take_the_same_ticket(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(postgres_url)
    for _ in range(5):
        office.ticket(State.SIGNED)
    inner: list[int] = []
    original: Callable[..., Any] = contribution.of_tickets

    def meanwhile(*given: Any) -> Any:
        if not inner:
            inner.append(-1)
            with db.transaction() as other:
                inner[0] = tally.fold(other, office.city, NOW, 3)
        return original(*given)

    monkeypatch.setattr(contribution, "of_tickets", meanwhile)
    with db.transaction() as session:
        assert tally.fold(session, office.city, NOW, 3) == 3
    assert inner == [2]
    assert office.fold() == 0
    assert stored(office) == from_nothing(office)
