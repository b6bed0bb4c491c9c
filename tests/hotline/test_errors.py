"""Every refusal has a code for machines, a Chinese sentence for people, and its facts as attributes."""

import re
from typing import Any

import pytest

from hotline import errors
from hotline.errors import HotlineError

SAMPLES: list[tuple[HotlineError, str, dict[str, Any]]] = [
    (errors.NoSuchTicket("SL1"), "no_such_ticket", {"number": "SL1"}),
    (errors.NoSuchTopic(7), "no_such_topic", {"number": 7}),
    (errors.NoCaller("SL1"), "no_caller", {"number": "SL1"}),
    (errors.MovedOn("SL1"), "ticket_moved_on", {"number": "SL1"}),
    (errors.NoSuchFile(), "no_such_file", {}),
    (errors.WrongOffset(4096), "wrong_offset", {"received": 4096}),
    (errors.NoSuchCode(), "no_such_code", {}),
    (errors.TooMany(), "too_many", {}),
    (errors.NotAllowed("这项操作由派单员办理"), "not_allowed", {}),
    (errors.BadLogin("账号或密码不正确"), "bad_login", {}),
    (errors.StaleTicket("SL1", 3, 5), "stale_ticket", {"number": "SL1", "seen": 3, "now": 5}),
    (errors.KeyReused("K1", "SL1"), "key_reused", {"key": "K1", "number": "SL1"}),
    (errors.RuleSaysNo("已超过退单时限"), "rule_says_no", {}),
    (errors.BadValue("area", "事项不在清单中"), "bad_value", {"path": "area"}),
    (errors.RulesUnreadable("city.toml", "缺少 edition"), "rules_unreadable", {"path": "city.toml"}),
    (errors.NoCity(), "no_city", {}),
    (errors.Crowded(), "crowded", {}),
    (errors.FormReused("K1", "SL1"), "key_reused", {"key": "K1", "number": "SL1"}),
    (errors.LookedUpTooMuch(120), "too_many_lookups", {}),
    (errors.SaidBefore(), "said_before", {}),
    (errors.AnswerWaits(), "answer_waits", {"path": "answer"}),
    (errors.Unanswered(), "callback_unanswered", {"path": "solved"}),
    (errors.UnitAsked("甲局", "乙局", "jia"), "unit_asked", {"path": "then", "unit": "jia"}),
    (errors.Refused("网格", "无名", "没有这个网格"), "row_refused", {"column": "网格", "value": "无名"}),
]


def test_the_table_knows_every_error_of_the_module() -> None:
    defined = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, HotlineError)}
    assert defined - {HotlineError} == {type(one) for one, _, _ in SAMPLES}


@pytest.mark.parametrize(("wrong", "code", "facts"), SAMPLES, ids=[code for _, code, _ in SAMPLES])
def test_code_sentence_and_facts(wrong: HotlineError, code: str, facts: dict[str, Any]) -> None:
    assert wrong.code == code
    assert {name: getattr(wrong, name) for name in facts} == facts
    assert re.search(r"[\u4e00-\u9fff]", str(wrong))
    for number in ("SL1",):
        assert number not in facts.values() or number in str(wrong)
