"""The rulebook as a whole: put together from parsed files, and checked."""

from datetime import date, time
from typing import Any

import msgspec
import pytest

from classifiers.taxonomy import Taxonomy
from dispatch.conditions import Condition, Hours, Season
from dispatch.duty import DutyRow, Unit
from dispatch.errors import BadRule
from dispatch.rulebook import Rulebook, assemble, check
from grids.tree import Tree

PARTS: dict[str, Any] = {
    "edition": "2026.1",
    "preset": "3/7/10",
    "zone": "Asia/Shanghai",
    "promises": {
        "promise": [
            {"clock": "dispatch", "after": "receive", "hours": 24, "stops": ["route"], "owner": "desk"},
            {"clock": "sign", "after": "route", "days": 1, "stops": ["sign", "route"], "owner": "unit"},
            {"clock": "progress", "after": "route", "days": 3, "stops": ["report", "answer"], "owner": "citizen"},
            {"clock": "result", "after": "route", "days": 7, "stops": ["answer"], "owner": "citizen"},
            {"clock": "hold", "after": "route", "days": 7, "stops": ["answer"], "owner": "unit"},
            {"clock": "ruling", "after": "convene", "days": 2, "stops": ["rule"], "owner": "desk"},
            {"clock": "review", "after": "park", "days": 90, "stops": ["review", "resume"], "owner": "citizen"},
            {"clock": "callback", "after": "answer", "days": 1, "stops": ["close", "redo"], "owner": "desk"},
        ]
    },
    "calendar": {"period": [{"name": "2026年", "source": "通知", "since": "2026-01-01", "until": "2026-12-31"}]},
    "ladder": {
        "rung": [
            {"name": "remind", "label": "提醒", "clock": clock, "when": "after", "days": 0, "to": "unit"}
            for clock in ("dispatch", "sign", "progress", "result", "hold", "ruling", "review", "callback")
        ]
    },
    "duty": [DutyRow(id="D1", area="01", unit="cgj"), DutyRow(id="D2", area="02", unit="zwj")],
    "units": [Unit(code="cgj", name="区城管局"), Unit(code="zwj", name="区政务服务局", backstop=True)],
    "returns": {"limit": 3},
    "callbacks": {"tries": 2},
}


def test_assembled() -> None:
    book = assemble(**PARTS)
    assert (book.edition, book.preset, book.calendar.zone) == ("2026.1", "3/7/10", "Asia/Shanghai")
    assert [one.clock for one in book.promises] == [
        "dispatch",
        "sign",
        "progress",
        "result",
        "hold",
        "ruling",
        "review",
        "callback",
    ]
    assert (len(book.ladder), len(book.duty), book.returns.limit, book.callbacks.tries) == (8, 2, 3, 2)


def test_a_rulebook_survives_the_database() -> None:
    when = Condition(hours=(Hours(time(22), time(6), "rest"),), season=(Season("11-15", "03-31"),), caller=("企业",))
    duty = [*PARTS["duty"], DutyRow(id="D3", area="01", unit="zwj", when=when, limits=5, precedent="第3号")]
    book = assemble(**PARTS | {"duty": duty, "routing": {"backstop": "dispatch"}})
    assert book.routing.backstop == "dispatch"
    assert msgspec.json.decode(msgspec.json.encode(book), type=Rulebook) == book


def test_rules_left_out_have_the_usual_numbers() -> None:
    book = assemble(**{**PARTS, "returns": None, "callbacks": None})
    assert (book.returns.limit, book.returns.days, book.callbacks.tries, book.callbacks.redos) == (2, 1, 3, 1)


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        ({"duty": [DutyRow(id="D1", area="01", unit="x")]}, "duty.csv[D1].unit", "承办单位“x”不在单位表中"),
        (
            {"duty": [DutyRow(id="D1", area="01", unit="cgj", helpers=("y",))]},
            "duty.csv[D1].helpers",
            "承办单位“y”不在单位表中",
        ),
        ({"duty": [DutyRow(id="D1", area="01", unit="cgj")] * 2}, "duty.csv[D1]", "编号“D1”出现2次"),
        ({"units": [Unit(code="cgj", name="区城管局")] * 2}, "units.csv[cgj]", "编号“cgj”出现2次"),
        ({"routing": {"backstop": "yes"}}, "$.routing.backstop", "不认识的值 yes"),
        ({"returns": {"limits": 3}}, "$.returns.limits", "不认识字段 limits，请检查拼写"),
        ({"promises": {"promise": [{"dayz": 3}]}}, "$.promise[0].dayz", "不认识字段 dayz，请检查拼写"),
    ],
)
def test_a_wrong_part_stops_the_whole(change: dict[str, Any], path: str, said: str) -> None:
    with pytest.raises(BadRule) as refused:
        assemble(**{**PARTS, **change})
    assert (refused.value.path, refused.value.message) == (path, said)


def test_a_sound_rulebook_has_no_findings(taxonomy: Taxonomy, tree: Tree) -> None:
    assert check(assemble(**PARTS), taxonomy, tree) == ()


def test_findings_come_errors_first(taxonomy: Taxonomy, tree: Tree) -> None:
    duty = [
        DutyRow(id="D1", area="0101", unit="cgj"),
        DutyRow(id="D2", area="0101", unit="zwj"),
        DutyRow(id="D3", area="99", unit="cgj"),
        DutyRow(id="D4", area="01", place="990101001", unit="zwj"),
    ]
    found = check(assemble(**{**PARTS, "duty": duty}), taxonomy, tree)
    assert [(one.severity, one.where) for one in found] == [
        ("error", "duty.csv[D3].area"),
        ("warning", "duty.csv[D1]"),
        ("warning", "areas.csv[0201]"),
        ("note", "duty.csv[D1]"),
    ]


def test_a_day_and_the_people_are_asked_only_where_they_are_given(taxonomy: Taxonomy, tree: Tree) -> None:
    duty = [*PARTS["duty"], DutyRow(id="D3", area="01", unit="cgj", place="990101001", until=date(2026, 1, 31))]
    book = assemble(**{**PARTS, "duty": duty})
    assert check(book, taxonomy, tree) == ()
    found = check(book, taxonomy, tree, date(2026, 2, 1), {"cgj"})
    assert [(one.severity, one.where) for one in found] == [
        ("warning", "units.csv[zwj]"),
        ("note", "duty.csv[D3]"),
    ]
