"""A calendar published late: limits over the holidays are estimated, then counted anew, once, and it is said."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.calendar import deadline_text
from dispatch.lifecycle import State
from hotline import city as cities
from hotline import clock, rulefiles
from hotline.city import City
from hotline.jobs import follow
from hotline.store import db
from tests.cast import DAY, HOUR, MINUTE, SAMPLE, SUPERVISOR, Office, unit

EVE = datetime(2026, 12, 28, 2, 0, tzinfo=UTC)  # a Monday, 10:00; the holidays of 2027 are not published
PUBLISHED = EVE + DAY
YEAR = """
[[period]]
name = "2027年"
source = "国办发明电〔2026〕X号（虚构）"
since = 2027-01-01
until = 2027-12-31

[[rest]]
date = 2027-01-01
until = 2027-01-05
name = "元旦"

[[work]]
date = 2027-01-09
name = "元旦"
"""


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: PUBLISHED)


def publish(office: Office) -> City:
    """Put an edition into force whose calendar knows 2027."""
    files = rulefiles.read_folder(SAMPLE)
    files["calendar.toml"] += YEAR
    files["city.toml"] = files["city.toml"].replace('edition = "2026.1"', 'edition = "2027.1"')
    with db.transaction() as session:
        office.city = cities.apply(session, files, "du01", PUBLISHED)
    return office.city


@pytest.fixture
def late(office: Office) -> Office:
    """The office with its first edition in force again, whatever a test before has published."""
    with db.transaction() as session:
        office.city = cities.apply(session, rulefiles.read_folder(SAMPLE), "test", EVE - 30 * DAY)
    return office


def due(office: Office, number: str, name: str) -> str:
    return deadline_text(office.clocks(number)[name].due_at, office.city.rulebook.calendar)


def test_a_calendar_published_late(late: Office) -> None:
    held = late.ticket(State.SIGNED, EVE)
    number = held.number
    result, progress = late.clocks(number)["result"], late.clocks(number)["progress"]
    assert (result.provisional, due(late, number, "result")) == (True, "2027-01-04 24:00")
    assert (progress.provisional, due(late, number, "progress")) == (False, "2026-12-31 24:00")
    assert "暂按周一至周五" in result.why

    publish(late)
    assert follow.up() == follow.Followed(transferred=0, relabelled=0, recounted=1, posts=0)
    clocks, ticket = late.clocks(number), late.see(number)
    assert [clocks[name].provisional for name in ("result", "hold", "progress")] == [False] * 3
    assert due(late, number, "result") == due(late, number, "hold") == "2027-01-06 24:00"
    assert ticket.due_at == clocks["result"].due_at
    assert ticket.progress_due_at == progress.due_at
    (line,) = [row for row in late.rows("entry", ticket_id=ticket.id) if row.move == "recount"]
    assert (line.actor, line.role, line.public, line.target) == ("clockwork", "clockwork", True, "signed")
    assert "报结果时限由2027-01-04 24:00改至2027-01-06 24:00" in line.note
    assert "规则版本2027.1" in line.why["promise"]
    assert "暂按" not in ticket.why["promise"]
    assert "报动态" in ticket.why["promise"]  # what did not move stays explained
    assert (ticket.edition, late.broken_links()) == ("2026.1", [])

    assert follow.up() == follow.Followed(transferred=0, relabelled=0, recounted=0, posts=0)  # safe to run twice
    assert late.history(number).count("recount") == 1


def test_the_ladder_follows_the_limit(late: Office) -> None:
    number = late.ticket(State.SIGNED, EVE).number
    before = late.clocks(number)["result"].ladder
    publish(late)
    follow.up()
    after = late.clocks(number)["result"]
    assert [rung["move"] for rung in after.ladder] == [rung["move"] for rung in before]
    late_rungs = [rung["at"] for rung in after.ladder if datetime.fromisoformat(rung["at"]) >= after.due_at]
    ended = EVE + 7 * DAY + 14 * HOUR
    assert len(late_rungs) == sum(datetime.fromisoformat(rung["at"]) >= ended for rung in before) > 0
    assert after.ladder[0]["at"] < before[0]["at"]  # the last working day before the limit is now that of the old year
    assert after.next_at == datetime.fromisoformat(after.ladder[0]["at"])
    late.sweep(EVE + 7 * DAY + 15 * HOUR)  # past the limit as it was estimated
    assert "red_card" not in late.history(number)
    assert "propose" not in late.history(number)


def test_an_estimate_that_holds_becomes_firm_without_a_word(late: Office) -> None:
    number = late.ticket(State.SIGNED, EVE + 5 * DAY).number  # Saturday 2 January; seven days: Saturday, then Monday
    assert due(late, number, "result") == "2027-01-11 24:00"
    assert late.clocks(number)["result"].provisional
    files = rulefiles.read_folder(SAMPLE)
    files["calendar.toml"] += YEAR.partition("[[rest]]")[0]
    files["city.toml"] = files["city.toml"].replace('edition = "2026.1"', 'edition = "2027.0"')
    with db.transaction() as session:
        late.city = cities.apply(session, files, "du01", PUBLISHED)
    assert follow.up().recounted == 0
    assert not late.clocks(number)["result"].provisional
    assert "recount" not in late.history(number)


def test_an_extension_and_a_pause_are_counted_again_with_it(late: Office) -> None:
    number = late.ticket(State.SIGNED, EVE).number
    holder = late.see(number).unit
    asked = {"reason": "需要备料", "days": 2, "note": "已到现场"}
    late.do("ask_extension", number, unit(holder), EVE + HOUR, **asked)
    late.do("extend", number, SUPERVISOR, EVE + 2 * HOUR)
    assert due(late, number, "result") == "2027-01-06 24:00"
    publish(late)
    follow.up()
    assert due(late, number, "result") == "2027-01-08 24:00"  # the 6th, and two working days
    assert late.see(number).due_at == late.clocks(number)["result"].due_at


def test_what_is_over_or_firm_stays_as_it_was(late: Office) -> None:
    closed = late.ticket(State.CLOSED, EVE).number
    firm = late.ticket(State.SIGNED, EVE - 20 * DAY).number
    before = {number: late.rows("clock", ticket_id=late.see(number).id) for number in (closed, firm)}
    publish(late)
    assert follow.up().recounted == 0
    assert {number: late.rows("clock", ticket_id=late.see(number).id) for number in (closed, firm)} == before


def test_many_tickets_are_counted_in_batches(late: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [late.ticket(State.ROUTED, EVE + n * MINUTE).number for n in range(5)]
    monkeypatch.setattr(follow, "TICKETS_A_TURN", 2)
    publish(late)
    steps: list[tuple[int, int]] = []
    assert follow.up(lambda done, total: steps.append((done, total))).recounted == 5
    assert steps == [(2, 5), (4, 5), (5, 5)]
    assert all("recount" in late.history(number) for number in numbers)


def test_rounds_follow_up_once_and_once_more(late: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = late.ticket(State.SIGNED, EVE).number
    moments = [PUBLISHED, PUBLISHED, PUBLISHED + timedelta(seconds=30), PUBLISHED + 2 * MINUTE]
    calls: list[str] = []
    follower, real = follow.Follower(), follow.up

    def up() -> follow.Followed:
        calls.append(late.city.edition)
        return real()

    monkeypatch.setattr(follow, "up", up)
    follower.turn()
    publish(late)
    for moment in moments:
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        follower.turn()
    assert calls == ["2026.1", "2027.1", "2027.1"]
    assert late.history(number).count("recount") == 1
