"""One bad row never stops its round: it is set aside, told of, and can be put back; the others act."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from classifiers import features, succession
from dispatch.lifecycle import MOVES, State
from hotline import clock
from hotline.errors import NoCity
from hotline.flow import alike, commitments, moves, reindex
from hotline.flow.editions import relabel, transfer
from hotline.flow.figures import contribution, topics
from hotline.flow.learning import drifting, samples, shadow
from hotline.jobs import apart, rounds, work
from hotline.jobs.follow import up
from hotline.jobs.learning import Learner
from hotline.jobs.rounds import Rounds
from hotline.store import db, signatures, troubles
from hotline.store.ids import first_id
from hotline.store.schema import METADATA
from hotline.wire.moves import Commitment
from tests.cast import DAY, LAMP, NOW, REGION, RUBBISH, Office, unit
from tests.hotline.flow import lessons
from tests.servers import only

CLOCK, TICKET = METADATA.tables["clock"], METADATA.tables["ticket"]


def rung(move: str = "remind", label: str = "x", card: str = "", day: str = "11-19") -> str:
    """Return a rung as it is stored."""
    at = f"2026-{day}T00:00:00.000000Z"
    return json.dumps({"at": at, "move": move, "label": label, "to": "unit", "card": card}, ensure_ascii=False)


# fmt: off
POISONED = {
    "no such rung":       {"position": 99},
    "before the first":   {"position": -1},
    "counted from behind": {"position": -4},
    "before all":         {"position": -99},
    "an unknown move":    {"ladder": f"[{rung('dance', '跳舞')}]", "position": 0},
    "no list":            {"ladder": '{"0": "remind"}', "position": 0},
    "a bare word":        {"ladder": '"remind"', "position": 0},
    "a rung of one word": {"ladder": '["remind"]', "position": 0},
    "a rung of one key":  {"ladder": '[{"at": "remind"}]', "position": 0},
    "a rung of old":      {"ladder": '[["2026-11-19T00:00:00.000000Z", "remind", "x", "unit", ""]]', "position": 0},
    "an empty list":      {"ladder": "[]", "position": 0},
    "no next moment":     {"ladder": f'[{rung()}, {{"at": "soon", "move": "remind"}}]',
                           "position": 0},
    "no such day":        {"ladder": f"[{rung()}, {rung(day='02-30')}]", "position": 0},
}
# fmt: on


@pytest.fixture(autouse=True)
def _time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + 30 * DAY)


def poison(office: Office, number: str, values: dict[str, Any], name: str = "result") -> Any:
    """Spoil a clock of a ticket; return its row as it was."""
    row = office.clocks(number)[name]
    sqlite = office.engine.dialect.name == "sqlite"
    key = row.id.hex if sqlite else row.id
    with db.transaction() as session:
        for column, value in values.items():
            given = "CAST(:value AS jsonb)" if column == "ladder" and not sqlite else ":value"
            session.execute(sa.text(f"UPDATE clock SET {column} = {given} WHERE id = :id"), {"value": value, "id": key})
    return row


def aside(office: Office, kind: str = "") -> list[tuple[str, str]]:
    with db.reading() as session:
        return [(one.kind, one.number) for one in troubles.open_troubles(session) if kind in ("", one.kind)]


def back(office: Office, kind: str) -> None:
    with db.transaction() as session:
        assert troubles.clear(session, REGION, kind) > 0


@pytest.mark.parametrize("how", POISONED)
def test_a_bad_clock_is_set_aside_and_the_others_act(office: Office, how: str) -> None:
    bad, good = office.ticket(State.SIGNED).number, office.ticket(State.SIGNED).number
    row = poison(office, bad, POISONED[how])
    with db.transaction() as session:  # it is the first of its ticket to fall due
        session.execute(sa.update(CLOCK).where(CLOCK.c.id == row.id).values(next_at=NOW))
    rounds.sweep()
    assert "supervise" in office.history(good)
    assert aside(office) == [("clock", bad)]
    assert {one.clock_id for one in office.rows("alarm")}.isdisjoint({row.id}), "none of its rungs acts"
    assert office.broken_links() == []
    assert {row.move for row in office.rows("entry")} <= set(MOVES), "nothing unknown is written down"
    before = len(office.rows("alarm"))
    assert (rounds.sweep(), len(office.rows("alarm"))) == (0, before), "it is left out from now on"


@only("sqlite")  # PostgreSQL takes no such value
def test_text_that_is_no_json_stops_no_sweep(office: Office) -> None:
    bad, good = office.ticket(State.SIGNED).number, office.ticket(State.SIGNED).number
    poison(office, bad, {"ladder": "[[", "position": 0})
    rounds.sweep()
    assert ("supervise" in office.history(good), aside(office)) == (True, [("clock", bad)])


def test_a_bad_ticket_under_a_clock_is_set_aside_too(office: Office) -> None:
    bad, good = office.ticket(State.SIGNED).number, office.ticket(State.SIGNED).number
    label = "很长的名字" * 20  # longer than a card's label may be
    poison(office, bad, {"ladder": f"[{rung(label=label, card='x' * 40)}]", "position": 0})
    rounds.sweep()
    assert "supervise" in office.history(good)
    if office.engine.dialect.name != "sqlite":
        assert aside(office) == [("clock", bad)]


def test_what_is_put_back_acts_again(office: Office) -> None:
    number = office.ticket(State.SIGNED).number
    row = poison(office, number, {"position": 99})
    rounds.sweep()
    poison(office, number, {"position": row.position})
    assert rounds.sweep() == 0
    back(office, "clock")
    assert rounds.sweep() == len(row.ladder)


def fail_on(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, bad: Callable[..., bool]) -> None:
    """Let a function fail for what is bad."""
    real = getattr(where, name)

    def step(*given: Any, **more: Any) -> Any:
        if bad(*given):
            raise ValueError("这一行有误")
        return real(*given, **more)

    monkeypatch.setattr(where, name, step)


def promised(office: Office) -> str:
    number = office.ticket(State.SIGNED).number
    made = Commitment(text="明天再冲洗一次", until=(NOW + DAY).date())
    office.do("answer", number, unit("hwzx"), NOW, note="已清运", commitments=(made,))
    return number


def test_a_bad_promise_keeps_no_other_from_the_list(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = promised(office), promised(office)
    fail_on(monkeypatch, commitments, "_notice", lambda _city, row, *_: row.number == bad)
    assert rounds.recheck() == 1
    assert {row.number for row in office.rows("notice", kind="commitment")} == {good}
    assert aside(office) == [("pledge", bad)]
    monkeypatch.undo()
    monkeypatch.setattr(clock, "now", lambda: NOW + 30 * DAY)
    back(office, "pledge")
    assert rounds.recheck() == 1


def test_a_bad_ticket_keeps_no_other_from_being_filed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = office.ticket(State.CLOSED).number, office.ticket(State.CLOSED).number
    monkeypatch.setattr(clock, "now", lambda: NOW + 60 * DAY)
    fail_on(monkeypatch, moves, "_advance", lambda step: step.ticket.number == bad)
    assert rounds.shelve() == 1
    assert (office.see(good).state, office.see(bad).state) == (State.ARCHIVED, State.CLOSED)
    assert (rounds.shelve(), aside(office)) == (0, [("filing", bad)])


def test_a_bad_ticket_keeps_no_other_from_being_counted(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = office.ticket(State.SIGNED), office.ticket(State.SIGNED)
    fail_on(monkeypatch, contribution, "_contribution", lambda _city, ticket, _known: ticket.id == bad.id)
    assert rounds.count() == 1
    assert (office.see(good.number).counted_seq, office.see(bad.number).counted_seq) == (good.seq, -1)
    assert (rounds.count(), aside(office)) == (0, [("figures", bad.number)])
    monkeypatch.undo()
    monkeypatch.setattr(clock, "now", lambda: NOW + 30 * DAY)
    back(office, "figures")
    assert rounds.count() == 1


def test_one_that_joined_a_matter_is_set_aside_alone(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = office.ticket(State.JOINED)
    (main,) = [row for row in office.rows("ticket") if row.id == bad.joined_to]
    fail_on(monkeypatch, contribution, "_contribution", lambda _city, ticket, _known: ticket.id == bad.id)
    for _ in range(3):
        rounds.count()
    assert aside(office) == [("figures", bad.number)]
    assert office.see(main.number).counted_seq == office.see(main.number).seq


def test_what_fails_every_row_is_no_row_s_fault(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(apart.MANY):
        office.ticket(State.ROUTED)
    fail_on(monkeypatch, contribution, "_contribution", lambda *_: True)
    with pytest.raises(ValueError, match="这一行有误"):
        rounds.count()
    assert aside(office) == []


def test_a_bad_ticket_keeps_no_other_from_a_new_edition(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = office.ticket(State.SIGNED), office.ticket(State.SIGNED)
    monkeypatch.setattr(transfer, "waiting", lambda *_: [bad.id, good.id])
    passed = []
    fail_on(monkeypatch, transfer, "carry", lambda *_: False)

    def batch(_db: Any, _city: Any, ids: Any, _now: Any) -> int:
        if bad.id in ids:
            raise ValueError("这一行有误")
        passed.extend(ids)
        return len(ids)

    monkeypatch.setattr(transfer, "batch", batch)
    assert up().transferred == 1
    assert passed == [good.id]
    assert [kind for kind, _ in aside(office)] == ["edition"]
    assert up().transferred == 1, "and it stays aside"


def test_an_event_nobody_can_carry_out_stops_no_relay(office: Office) -> None:
    good = office.received(area=RUBBISH)
    row = {"id": uuid4(), "region": REGION, "ticket_id": uuid4(), "number": "X", "at": NOW, "tries": 0, "error": ""}
    with db.transaction() as session:
        outbox = METADATA.tables["outbox"].insert()
        session.execute(outbox.values(row | {"move": "dance", "sent_at": None, "done_at": None}))
        session.execute(outbox.values(row | {"id": uuid4(), "move": "route", "sent_at": None, "done_at": None}))
    assert rounds.relay_turn(lambda ids: work.events(ids) and None) == 3
    assert office.see(good).state == State.ROUTED
    assert sorted(one.tries for one in office.rows("outbox") if one.number == "X") == [1, 1]


def test_a_text_nobody_can_read_is_left_out_of_the_topics(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = office.received(NOW + 29 * DAY, text="读不出的"), office.received(NOW + 29 * DAY, text="读得出的")
    fail_on(monkeypatch, topics, "strip_routing", lambda text, _: text == "读不出的")
    with db.reading() as session:
        said = topics.texts(session, office.city, clock.now())
    assert [one.id for one in said] == [office.see(good).id.hex]
    assert bad != good


def test_a_ticket_nobody_can_read_stops_no_training_and_no_index(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = office.ticket(State.CLOSED), office.ticket(State.CLOSED)
    fail_on(monkeypatch, samples, "_of_ticket", lambda _city, row: row["number"] == bad.number)
    with db.transaction() as session:
        samples.collect(session, office.city, NOW + DAY)
    assert [row.key for row in office.rows("sample")] == [f"ticket:{good.number}"]


def test_the_parts_of_learning_do_not_stop_each_other(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    monkeypatch.setattr("hotline.jobs.learning.PARTS", (
        lambda *_: done.append("a"), lambda *_: done.append(1 / 0), lambda *_: done.append("c"),
    ))  # fmt: skip
    with pytest.raises(ZeroDivisionError):
        Learner(lambda _: None).turn()
    assert done == ["a", "c"]


def test_a_step_that_fails_stops_no_other_and_is_told_until_it_goes_well(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.ticket(State.SIGNED)
    made = Rounds(lambda _: None)

    def broken() -> int:
        raise ValueError("坏了")

    monkeypatch.setattr(rounds, "recheck", broken)
    monkeypatch.setattr("hotline.jobs.heart._ahead_of_server", lambda *_: "")
    made.by_the_clock()
    assert len(office.rows("alarm")) > 0
    (told,) = office.rows("trouble")
    assert (told.kind, told.says, told.told_at is not None) == ("round", "回头看：ValueError: 坏了", True)
    assert {row.login for row in office.rows("notice", kind="trouble")} == {"@admin"}
    monkeypatch.setattr(rounds, "recheck", lambda: 0)
    Rounds(lambda _: None).by_the_clock()
    assert office.rows("trouble") == [], "another process that makes it well takes the word back"


def test_a_database_that_is_away_sets_nothing_aside(office: Office) -> None:
    def away(*_: Any) -> int:
        raise OperationalError("select", {}, Exception("gone"))

    with pytest.raises(OperationalError):
        apart.turn("clock", REGION, NOW, away, lambda _: [apart.Row(key=uuid4())])
    assert aside(office) == []


def test_the_dispatcher_hears_of_a_clock_set_aside(office: Office) -> None:
    number = office.ticket(State.SIGNED).number
    poison(office, number, {"position": 99})
    rounds.sweep()
    rounds.tell()
    told = [(row.login, row.number) for row in office.rows("notice", kind="trouble")]
    assert sorted(told) == [("@admin", number), ("@dispatcher", number)]
    rounds.tell()
    assert len(office.rows("notice", kind="trouble")) == 2


def test_a_text_nobody_can_read_stops_no_index(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = office.ticket(State.SIGNED), office.ticket(State.SIGNED)
    with db.transaction() as session:
        session.execute(signatures.SIGNATURE.delete())
    keep = alike.keep

    def kept(session: Any, city: Any, rows: Any) -> None:
        if bad.id in {row.id for row in rows}:
            raise ValueError("读不出")
        keep(session, city, rows)

    monkeypatch.setattr(alike, "keep", kept)
    with db.transaction() as session:
        assert reindex.older(session, office.city, first_id(NOW + DAY), NOW) == (min(bad.id, good.id), 1)
    assert {row.ticket_id for row in office.rows("signature")} == {good.id}


def test_a_sample_nobody_can_read_waits_for_a_person(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [samples._row(office.city, f"file:{text}", text, "", LAMP, "history", NOW) for text in ("读不出", "读得出")]
    with db.transaction() as session:
        samples.keep(session, [row | {"edition": "old"} for row in rows])
    fail_on(monkeypatch, succession, "relabel", lambda _area, text, *_: text == "读不出")
    with db.transaction() as session:
        assert dict(relabel.samples(session, office.city)) == {"undecided": 1, "kept": 1}


def test_a_ticket_the_model_in_shadow_fails_on_stops_no_run(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    lessons.keep(office, lessons.model("two", NOW - DAY), active=False)
    with db.transaction() as session:
        session.execute(sa.update(METADATA.tables["model"]).values(shadow=True))
    bad, good = office.ticket(State.SIGNED), office.ticket(State.SIGNED)
    ask = shadow._asked

    def asked(city: Any, key: Any, rows: Any, now: Any) -> Any:
        if bad.id in {row.id for row in rows}:
            raise ValueError("算不出")
        return ask(city, key, rows, now)

    monkeypatch.setattr(shadow, "_asked", asked)
    with db.transaction() as session:
        assert shadow.turn(session, office.city, NOW + DAY) == 2
    found = {row.ticket_id: row.area for row in office.rows("shadow")}
    assert (found[bad.id], found[good.id] != "") == ("", True)
    lessons.forget(office)


def test_a_text_nobody_can_read_stops_no_week_of_drift(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_on(monkeypatch, features, "grams", lambda text, _title: text == "读不出")
    model = lessons.model("three", NOW - DAY)
    city = msgspec.structs.replace(office.city, model=model)
    assert dict(drifting._grams(city, "读不出", "")) == {}
    assert drifting._grams(city, "路灯不亮", "")["grams"] > 0


@pytest.mark.parametrize("wrong", [OperationalError("x", {}, Exception("deadlock")), NoCity()])
def test_an_event_is_not_given_up_for_what_passes(
    office: Office, monkeypatch: pytest.MonkeyPatch, wrong: Exception
) -> None:
    office.received(area=RUBBISH)

    def fail(*_: Any) -> None:
        raise wrong

    monkeypatch.setattr(work.cities, "current", fail)
    (row,) = office.rows("outbox")
    assert work.events([row.id.hex]) == 0
    assert [(one.tries, one.error != "") for one in office.rows("outbox")] == [(0, True)]
