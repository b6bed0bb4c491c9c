"""What a ticket is, is concluded before the writing transaction begins: nobody waits for a text behind the lock."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from classifiers import signatures
from dispatch.lifecycle import State
from hotline.flow import classify, locate, repeats, triage
from hotline.jobs import work
from hotline.store import db
from hotline.store.schema import METADATA
from tests.cast import AGENT, DISPATCHER, LAMP, MINUTE, NOW, RUBBISH, Office, counted
from tests.hotline.channels import cast as files

COMPUTING = ((classify, "many"), (locate, "many"), (repeats, "find"), (signatures, "signature"))
SAME = "小区南门的路灯已经三天没有亮了，晚上出门什么都看不见"


def _free(office: Office) -> None:
    """Write beside whoever is at work, without waiting for anybody."""
    if office.engine.dialect.name == "sqlite":
        beside = sqlite3.connect(str(office.engine.url.database), timeout=0)
        beside.execute("BEGIN IMMEDIATE")
        beside.close()
        return
    with office.engine.connect() as connection:
        connection.execute(sa.select(METADATA.tables["ticket"].c.id).with_for_update(nowait=True)).all()


def _watched(office: Office, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have each computing step try to write beside it; return the names of those that were asked."""
    asked: list[str] = []

    def beside(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def tried(*given: Any, **named: Any) -> Any:
            asked.append(name)
            _free(office)
            return step(*given, **named)

        return tried

    for module, name in COMPUTING:
        monkeypatch.setattr(module, name, beside(f"{module.__name__}.{name}", getattr(module, name)))
    return asked


def test_a_worker_computes_while_others_write(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = office.received(area=RUBBISH), office.received(text="请问明天几点上班")
    asked = _watched(office, monkeypatch)
    assert work.events([row.id.hex for row in office.rows("outbox")]) == 2
    assert {module.__name__ + "." + name for module, name in COMPUTING} == set(asked)
    assert [office.see(number).state for number in (one, two)] == [State.ROUTED, State.RECEIVED]
    assert office.see(two).seq == 2


def test_a_file_is_read_while_others_write(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:  # fmt: skip
    city = files.small_city()
    asked = _watched(office, monkeypatch)
    path = files.write(tmp_path / "a.csv", [files.matter(f"A-{n:04}", f"路灯第{n}天没有亮") for n in range(4)])
    closing = files.bring(files.door(city, tmp_path), path)
    assert (closing.accepted, closing.rejected) == (4, 0)
    assert set(asked) == {module.__name__ + "." + name for module, name in COMPUTING}


def _ahead(office: Office) -> triage.Thoughts:
    with db.reading() as session:
        return triage.ahead(session, office.city, NOW + MINUTE)


def _after(office: Office, thoughts: triage.Thoughts) -> list[tuple[str, str]]:
    with db.transaction() as session:
        done = triage.waiting(session, office.city, NOW + 2 * MINUTE, thoughts=thoughts)
    return [(one.number, one.outcome) for one in done]


def test_what_was_concluded_is_written_without_asking_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    main = office.received(text=SAME, area=LAMP, phone="13800000000")
    office.triage()
    number = office.received(NOW + MINUTE, text=SAME, area=LAMP, phone="13800000000")
    thoughts = _ahead(office)
    for module, name in COMPUTING:
        monkeypatch.delattr(module, name)
    assert _after(office, thoughts) == [(number, "joined")]
    assert office.see(main).joiners == 1


def test_a_matter_that_ended_meanwhile_is_joined_by_nobody(office: Office) -> None:
    main = office.received(text=SAME, area=LAMP, phone="13800000000")
    number = office.received(NOW + MINUTE, text=SAME, area=LAMP, phone="13800000000")
    thoughts = _ahead(office)
    office.do("settle", main, AGENT, NOW + MINUTE, note="已当场解释")
    assert _after(office, thoughts) == [(number, "routed")]


def test_a_ticket_somebody_touched_meanwhile_is_left_alone(office: Office) -> None:
    number = office.received(area=RUBBISH)
    thoughts = _ahead(office)
    office.do("route", number, DISPATCHER, NOW + MINUTE, unit="cgj")
    assert _after(office, thoughts) == []
    assert office.see(number).unit == "cgj"


def test_rules_that_changed_meanwhile_are_asked_anew(office: Office) -> None:
    number = office.received(area=RUBBISH)
    thoughts = _ahead(office)
    office.city = msgspec.structs.replace(office.city, edition="later")
    assert _after(office, thoughts) == [(number, "routed")]
    assert office.see(number).edition == "later"


def test_a_ticket_that_came_meanwhile_is_triaged_too(office: Office) -> None:
    first = office.received(area=RUBBISH)
    thoughts = _ahead(office)
    second = office.received(area=LAMP)
    assert set(_after(office, thoughts)) == {(first, "routed"), (second, "routed")}


def test_the_writing_transaction_asks_less(office: Office) -> None:
    asked = []
    for beforehand in (False, True):
        for _ in range(5):
            office.received(area=RUBBISH)
        thoughts = _ahead(office) if beforehand else triage.Thoughts(office.city, {})
        with counted(office.engine) as sent:
            assert len(_after(office, thoughts)) == 5
        asked.append(len(sent))
    assert asked[1] < asked[0]
