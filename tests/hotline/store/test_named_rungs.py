"""The ladders of a running system are converted with it, up and down, on both engines; garbage stays garbage."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from dispatch.lifecycle import State
from hotline.store import db
from tests.cast import Office

AT = "2026-11-19T00:00:00.000000Z"
LISTED: list[Any] = [
    [AT, "remind", "提醒", "unit", "remind"],
    [AT, "propose", "黄牌，待督办员确认", "supervisor", "yellow_card"],
]
NAMED = [
    {"at": AT, "move": "remind", "label": "提醒", "to": "unit", "card": "remind"},
    {"at": AT, "move": "propose", "label": "黄牌，待督办员确认", "to": "supervisor", "card": "yellow_card"},
]
OLDEST = [AT, "red_card", "红牌“一”"]
CASES = {
    "ladder": (LISTED, NAMED, LISTED),
    "none": ([], [], []),
    "oldest": (
        [OLDEST],
        [{"at": AT, "move": "red_card", "label": "红牌“一”", "to": "unit", "card": "red_card"}],
        [[*OLDEST, "unit", "red_card"]],
    ),
    "no card": (
        [[AT, "remind", "提醒", "agent", ""]],
        [{"at": AT, "move": "remind", "label": "提醒", "to": "agent", "card": "remind"}],
        [[AT, "remind", "提醒", "agent", "remind"]],
    ),
    "a word": ("remind", "remind", "remind"),
    "words": (["remind", 3, None, ["x"]], ["remind", 3, None, ["x"]], ["remind", 3, None, ["x"]]),
    "an object": ({"0": "remind"}, {"0": "remind"}, {"0": "remind"}),
}


@pytest.mark.parametrize("case", CASES)
def test_ladders_are_converted_up_and_down(office: Office, case: str) -> None:
    listed, named, again = CASES[case]
    office.ticket(State.ROUTED)
    go(office, command.downgrade, "0024")
    write(office, listed)
    go(office, command.upgrade, "0025")
    assert ladders(office) == [named]
    go(office, command.downgrade, "0024")
    assert ladders(office) == [again]
    go(office, command.upgrade, "head")


def go(office: Office, how: Callable[[Config, str], None], revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(db.__file__).with_name("migrations")))
    with office.engine.begin() as connection:
        config.attributes["connection"] = connection
        how(config, revision)


def write(office: Office, ladder: object) -> None:
    text = "CAST(:text AS jsonb)" if office.engine.dialect.name == "postgresql" else ":text"
    with office.engine.begin() as connection:
        connection.execute(
            sa.text(f"UPDATE clock SET ladder = {text}"), {"text": json.dumps(ladder, ensure_ascii=False)}
        )


def ladders(office: Office) -> list[Any]:
    """Return the different ladders there are, as they are stored."""
    with office.engine.connect() as connection:
        found = connection.execute(sa.text("SELECT CAST(ladder AS text) AS text FROM clock")).scalars().all()
    assert found
    return [json.loads(text) for text in sorted({json.dumps(json.loads(one)) for one in found})]
