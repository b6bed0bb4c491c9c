"""Facts of a history's line: the same JSON as ever, old lines read, a fact named in a statement."""

import json
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from hotline.store import facts
from hotline.store.facts import NONE, Facts

NOTICED = [{"code": "empty", "severity": "warn", "text": "空"}]
LINES: list[tuple[dict[str, Any], Facts]] = [
    ({}, NONE),
    ({"by": "", "owner": ""}, Facts(by="", owner="")),
    (
        {"unit": "cgj", "helpers": [], "area": "0103", "urgency": "normal"},
        Facts(unit="cgj", helpers=(), area="0103", urgency="normal"),
    ),
    (
        {"outcome": "solved", "contacted": False, "precheck": NOTICED},
        Facts(outcome="solved", contacted=False, precheck=NOTICED),
    ),
    ({"from": "wu", "to": "li", "asked_by": "chen"}, Facts(giver="wu", taker="li", asked_by="chen")),
    ({"since": "2026-10-05T02:00:00+00:00", "limit": 3}, Facts(since="2026-10-05T02:00:00+00:00", limit=3)),
]


@pytest.mark.parametrize(("stored", "read"), LINES)
def test_what_is_stated_is_stored_and_nothing_else(stored: dict[str, Any], read: Facts) -> None:
    assert json.loads(json.dumps(facts.stored(read))) == stored
    assert facts.of(stored) == read
    assert msgspec.json.decode(msgspec.json.encode(read)) == stored


def test_what_is_no_fact_of_ours_is_passed_over() -> None:
    assert facts.of({"unit": "cgj", "colour": "red"}) == Facts(unit="cgj")


@pytest.mark.parametrize(("fact", "name"), [(Facts.guess, "guess"), (Facts.sure, "sure"), (Facts.area, "area")])
def test_a_fact_in_a_statement_is_its_place_in_the_column(fact: str | None, name: str) -> None:
    said = sa.select(facts.text(fact)).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    assert f"""'$."{name}"'""" in str(said)
