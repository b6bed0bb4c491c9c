"""`hotline rounds troubles|resume|retry` and `hotline outbox`: see what needs a person, and put it right."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from click.testing import Result

from hotline.cli import machine, mending
from hotline.jobs import heart
from hotline.serve import doctor
from hotline.store import db, troubles
from hotline.store.outbox import TRIES
from hotline.store.schema import METADATA
from hotline.store.troubles import Trouble
from tests.hotline.channels.cast import NOW

OUTBOX = METADATA.tables["outbox"]
Run = Callable[..., Result]


def trouble(kind: str, number: str = "", key: UUID | None = None) -> None:
    told = Trouble(region="test", kind=kind, key=key or uuid4(), number=number, says="为什么", at=NOW)
    with db.transaction() as session:
        assert troubles.note(session, [told]) == 1


def set_aside() -> list[str]:
    with db.reading() as session:
        return sorted(f"{one.kind} {one.number}".strip() for one in troubles.open_troubles(session))


def event(number: str, tries: int) -> None:
    row = {"id": uuid4(), "region": "test", "ticket_id": uuid4(), "number": number, "move": "route", "at": NOW}
    more = {"sent_at": NOW, "done_at": None, "tries": tries, "error": "ValueError: 坏了"}
    with db.transaction() as session:
        session.execute(OUTBOX.insert().values(row | more))


def asked(home: Path, name: str) -> doctor.Finding:
    found = doctor.examine({"HOTLINE_HOME": str(home), "HOTLINE_DATABASE_URL": ""})
    return next(one for one in found if one.name == name)


def test_nothing_needs_a_person(run: Run, city: str, home: Path) -> None:
    assert city
    assert run(machine.rounds, "troubles").output == "没有需要人工处理的\n"
    assert asked(home, "需人工处理").state is doctor.State.OK
    assert run(machine.rounds, "resume").output == "到期处理没有暂停\n"


def test_what_is_set_aside_is_listed_told_by_the_doctor_and_put_back(run: Run, city: str, home: Path) -> None:
    assert city
    trouble("clock", "JS1")
    trouble("clock", "JS2")
    trouble("figures", "JS2")
    trouble("lying", "JS3")
    assert "JS2" in run(machine.rounds, "troubles").output
    assert len(json.loads(run(machine.rounds, "troubles", "--json").output)) == 4
    found = asked(home, "需人工处理")
    assert found.state is doctor.State.ERROR
    assert found.says == "时限记录有误，已搁置 2；工单受理后无人分派 1；工单统计出错，已搁置 1"
    assert "hotline rounds retry" in found.remedy
    assert run(machine.rounds, "retry", "clock", "--number", "JS1").output == "放回 1 条\n"
    assert set_aside() == ["clock JS2", "figures JS2", "lying JS3"]
    assert run(machine.rounds, "retry").output == "放回 2 条\n"
    assert set_aside() == ["lying JS3"], "what a round sees by itself is not taken back by hand"


def test_the_time_is_confirmed_by_a_command_the_doctor_names(run: Run, city: str, home: Path) -> None:
    assert city
    trouble("hold", key=heart.HOLD)
    found = asked(home, "需人工处理")
    assert (found.state, "hotline rounds resume" in found.remedy, "为什么" in found.says) == (
        doctor.State.ERROR, True, True,
    )  # fmt: skip
    assert "已确认系统时间" in run(machine.rounds, "resume").output
    assert set_aside() == []


def test_events_given_up_are_tried_again(run: Run, city: str, home: Path) -> None:
    assert city
    for number, tries in (("JS1", TRIES), ("JS2", TRIES + 1), ("JS3", TRIES - 1)):
        event(number, tries)
    said = run(mending.outbox, "list").output
    assert ("JS1" in said, "JS3" in said, "共 2 件" in said, "坏了" in said) == (True, False, True, True)
    found = asked(home, "待办事件")
    assert (found.state, "hotline outbox retry" in found.remedy) == (doctor.State.ERROR, True)
    assert run(mending.outbox, "retry", "JS1").output == "重试 1 件\n"
    assert run(mending.outbox, "retry", "--all").output == "重试 1 件\n"
    with db.reading() as session:
        rows = session.execute(sa.select(OUTBOX.c.number, OUTBOX.c.tries, OUTBOX.c.sent_at)).all()
    assert sorted((row.number, row.tries, row.sent_at is None) for row in rows) == [
        ("JS1", 0, True), ("JS2", 0, True), ("JS3", TRIES - 1, False),
    ]  # fmt: skip


@pytest.mark.parametrize("words", [[], ["JS1", "--all"]])
def test_which_events_must_be_said(run: Run, city: str, words: list[str]) -> None:
    assert city
    assert run(mending.outbox, "retry", *words).exit_code == 2
