"""Whom a whistle calls: the first target that fits, places by who owns them, nobody to what they hold already."""

import pytest

from dispatch.errors import BadRule
from dispatch.whistles import Reason, Target, WhistleRules, called, unknown
from tests.dispatch import tables

REASON = Reason(
    code="enforce",
    label="需要执法",
    target=(
        Target(units=("police",), area="06"),
        Target(units=("old",), place="S2"),
        Target(units=("law", "@street", "@community")),
    ),
)
PLACES = {"street": "S1", "community": "C1", "grid": "G1"}
OWNERS = {"S1": "street one", "C1": ""}


def test_the_first_target_that_fits_is_called() -> None:
    assert called(REASON, ("0601", "06"), PLACES, OWNERS, ()).units == ("police",)
    assert called(REASON, ("01",), PLACES | {"street": "S2"}, OWNERS, ()).units == ("old",)
    assert called(REASON, (), PLACES, OWNERS, ()).units == ("law", "street one")


def test_who_has_the_ticket_already_is_not_called() -> None:
    found = called(REASON, ("06",), PLACES, OWNERS, ("police",))
    assert found.units == ()
    assert "已在办理" in found.why


def test_where_nothing_fits_a_person_chooses() -> None:
    narrow = Reason(code="x", label="无", target=(Target(units=("law",), area="09"),))
    assert called(narrow, ("01",), PLACES, OWNERS, ()).units == ()


def test_codes_nobody_knows_and_reasons_written_twice_are_named() -> None:
    rules = WhistleRules(reason=(REASON,))
    assert list(unknown(rules, {"police", "law"})) == [("enforce", "old")]
    assert rules.of("enforce") is REASON
    assert rules.of("other") is None
    one = {"code": "a", "label": "甲", "target": [{"units": ["law"]}]}
    assert tables.read_whistle({"reason": [one]}).reason[0].target[0].units == ("law",)
    for wrong in ([one, one], [one | {"target": []}], [one | {"code": "x" * 25}]):
        with pytest.raises(BadRule):
            tables.read_whistle({"reason": wrong})
