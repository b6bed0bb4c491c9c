"""Refusals carry a code for machines, a Chinese sentence for people, and the facts."""

import pytest

from dispatch.duty import Candidate
from dispatch.errors import BadRule, IllegalMove, NoRoute, NotYours, RuleBroken


@pytest.mark.parametrize(
    ("error", "code", "said", "facts"),
    [
        (
            IllegalMove("sign", "closed", move_label="签收", state_label="办结"),
            "illegal_move",
            "工单处于“办结”，不能“签收”",
            {"move": "sign", "state": "closed"},
        ),
        (IllegalMove("fly", "closed"), "illegal_move", "工单处于“closed”，不能“fly”", {"move": "fly"}),
        (NotYours("不归你", move="sign", role="agent"), "not_yours", "不归你", {"move": "sign", "role": "agent"}),
        (
            NoRoute("没有承办单位", (Candidate("dh", None, "兜底"),)),
            "no_route",
            "没有承办单位",
            {"why": "没有承办单位", "candidates": (Candidate("dh", None, "兜底"),)},
        ),
        (BadRule("$.promise[2].dayz", "写错了"), "bad_rule", "$.promise[2].dayz：写错了", {"message": "写错了"}),
    ],
)
def test_code_sentence_and_facts(error: RuleBroken, code: str, said: str, facts: dict[str, object]) -> None:
    assert (error.code, str(error)) == (code, said)
    assert {name: getattr(error, name) for name in facts} == facts


def test_one_root() -> None:
    assert RuleBroken.code == "rule_broken"
    for kind in (IllegalMove, NotYours, NoRoute, BadRule):
        assert issubclass(kind, RuleBroken)
