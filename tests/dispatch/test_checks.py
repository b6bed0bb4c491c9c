"""Which results are read before the citizen hears them."""

from typing import Any

import pytest

from dispatch.callbacks import Case
from dispatch.checks import Checked, CheckRule, CheckRules, checked
from dispatch.errors import BadRule
from tests.dispatch.tables import read_checks

REDONE = CheckRule(label="重办件", redone=True)


def case(**known: Any) -> Case:
    known = {"number": "SL202601010001", "outcome": "solved", "areas": ("0101", "01"), "level": "街道"} | known
    return Case(**known)


def test_a_city_without_rules_reads_nothing() -> None:
    assert checked(CheckRules(), case(redone=True)) == Checked(False, "按规则不经审核，直接答复来电人")


@pytest.mark.parametrize(
    ("rule", "known", "read"),
    [
        (REDONE, {"redone": True}, True), (REDONE, {}, False),
        (CheckRule(label="一", outcomes=("explained", "not_ours")), {"outcome": "not_ours"}, True),
        (CheckRule(label="一", outcomes=("explained", "not_ours")), {"outcome": "partly"}, False),
        (CheckRule(label="一", area="01"), {}, True), (CheckRule(label="一", area="02"), {}, False),
        (CheckRule(label="一", urgency="urgent"), {"urgency": "critical"}, True),
        (CheckRule(label="一", urgency="urgent"), {}, False),
        (CheckRule(label="一", kind="投诉"), {"kind": "投诉"}, True), (CheckRule(label="一", kind="投诉"), {}, False),
        (CheckRule(label="一", level="街道"), {}, True), (CheckRule(label="一", level="企业"), {}, False),
        (CheckRule(label="全部"), {}, True),
    ],
)  # fmt: skip
def test_what_narrows_a_rule(rule: CheckRule, known: dict[str, Any], read: bool) -> None:
    assert checked(CheckRules(rule=(rule,)), case(**known)).check is read


def test_the_first_rule_that_fits_decides() -> None:
    rules = read_checks(
        {
            "source": "办理办法第二十二条",
            "rule": [{"label": "咨询件", "kind": "咨询", "check": False}, {"label": "重办件", "redone": True}],
        }
    )
    said = checked(rules, case(redone=True))
    assert said == Checked(True, "重办件的办理结果须经审核后答复来电人（办理办法第二十二条）")
    assert checked(rules, case(redone=True, kind="咨询")) == Checked(False, "咨询件的办理结果按规则不经审核")


def test_a_rule_says_what_its_results_are_called() -> None:
    with pytest.raises(BadRule) as refused:
        read_checks({"rule": [{"redone": True}]})
    assert refused.value.path == "$.checks.rule[0]"
