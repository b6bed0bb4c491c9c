"""Callbacks: who is drawn and who may ask, three tries at different half-days, and honest verdicts."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.taxonomy import Taxonomy
from dispatch.calendar import Calendar, Kind
from dispatch.callbacks import (
    Answers,
    CallbackRules,
    Case,
    SampleRule,
    draw,
    half_days,
    may_call,
    may_rate,
    next_try,
    said_reason,
    sampled,
    unhappy,
    verdict,
)
from dispatch.deadlines import DeadlineRule, Urgency, start_clocks
from dispatch.table_findings import wrong_sample
from tests.dispatch.tables import read_callbacks

At = Callable[[str], datetime]
RULES = CallbackRules()


@pytest.mark.parametrize(
    ("missed", "again"),
    [
        ("2026-03-02 09:30", "2026-03-02 13:30"),
        ("2026-03-02 12:00", "2026-03-03 09:00"),
        ("2026-03-02 15:00", "2026-03-03 09:00"),
        ("2026-03-02 07:00", "2026-03-02 13:30"),
        ("2026-09-30 15:00", "2026-10-08 09:00"),
        ("2026-10-03 09:00", "2026-10-08 09:00"),
    ],
)
def test_the_next_try_is_in_another_half_day(china: Calendar, at: At, missed: str, again: str) -> None:
    assert next_try(china, at(missed)) == at(again)


def test_half_days_of_business_hours_without_a_lunch_break(china: Calendar, at: At) -> None:
    through = msgspec.structs.replace(china, hours=((time(8), time()),))
    assert next_try(through, at("2026-03-02 09:30")) == at("2026-03-02 12:00")
    mornings = msgspec.structs.replace(china, hours=((time(8), time(12)),))
    assert next_try(mornings, at("2026-03-02 09:30")) == at("2026-03-03 08:00")


def test_tries_of_one_half_day_are_one(china: Calendar, at: At) -> None:
    tried = [at("2026-03-02 09:10"), at("2026-03-02 11:50"), at("2026-03-02 14:00"), at("2026-03-03 09:10")]
    assert half_days(china, tried) == 3
    assert half_days(china, []) == 0


@pytest.mark.parametrize(
    ("answers", "redone", "tries", "move", "supervise", "valid"),
    [
        ({"reached": True, "solved": "yes", "satisfaction": 5}, 0, 1, "close", False, True),
        ({"reached": True, "solved": "partly", "satisfaction": 3}, 0, 1, "close", False, True),
        ({"reached": True, "solved": "yes"}, 0, 1, "close", False, True),
        ({"reached": True, "satisfaction": 3}, 0, 1, "close", False, True),
        ({"reached": True, "solved": "no", "satisfaction": 5}, 0, 1, "redo", False, True),
        ({"reached": True, "solved": "yes", "satisfaction": 2}, 0, 1, "redo", False, True),
        ({"reached": True, "solved": "partly", "satisfaction": 1}, 0, 1, "redo", False, True),
        ({"reached": True, "solved": "no", "satisfaction": 1}, 1, 1, "redo", True, True),
        ({"reached": True, "satisfaction": 2}, 2, 1, "redo", True, True),
        ({"reached": True}, 2, 1, "miss", False, False),
        ({"reached": False}, 2, 3, "miss", False, False),
        ({"reached": True, "solved": "partly"}, 2, 1, "close", False, True),
        ({"reached": True}, 0, 1, "close", False, False),
        ({"reached": True, "contacted": False}, 0, 1, "close", False, False),
        ({"reached": False}, 0, 1, "miss", False, False),
        ({"reached": False}, 0, 2, "miss", False, False),
        ({"reached": False}, 0, 3, "close", False, False),
        ({"reached": False, "solved": "yes", "satisfaction": 5}, 0, 3, "close", False, False),
    ],
)
def test_verdict(answers: dict[str, Any], redone: int, tries: int, move: str, supervise: bool, valid: bool) -> None:
    found = verdict(Answers(**answers), redone, tries, RULES)
    assert (found.move, found.supervise, found.valid) == (move, supervise, valid)


@pytest.mark.parametrize(
    ("answers", "redone", "tries", "why"),
    [
        ({"reached": True, "solved": "yes", "satisfaction": 4}, 0, 1, "来电人表示已解决、满意，办结归档"),
        (
            {"reached": True, "solved": "no", "satisfaction": 2, "reason": "井盖还是响"},
            0,
            1,
            "来电人表示未解决、不满意（井盖还是响），退回原单位重办（第1次）",
        ),
        (
            {"reached": True, "satisfaction": 1},
            1,
            1,
            "重办1次后来电人仍表示非常不满意，转督办，退回原单位继续办理，解决后或由督办员决定后办结",
        ),
        ({"reached": True}, 0, 1, "已接通，来电人未作评价，如实归档，不计入解决率、满意率"),
        ({"reached": False}, 0, 1, "第1次回访未接通，换一个半天再拨（共3次）"),
        ({"reached": False}, 0, 3, "3次在不同半天回访均未接通，按“未接通”归档，不算满意，不计入满意率"),
    ],
)
def test_why(answers: dict[str, Any], redone: int, tries: int, why: str) -> None:
    assert verdict(Answers(**answers), redone, tries, RULES).why == why


def test_a_city_may_not_redo_at_all_but_must_try_once() -> None:
    never = msgspec.convert({"tries": 1, "redos": 0}, CallbackRules)
    assert verdict(Answers(reached=True, solved="no"), 0, 1, never).supervise
    for wrong in ({"tries": 0}, {"redos": -1}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, CallbackRules)


def test_numbers_are_the_citys() -> None:
    rules = CallbackRules(tries=1, redos=2)
    assert verdict(Answers(reached=False), 0, 1, rules).move == "close"
    assert verdict(Answers(reached=True, solved="no"), 1, 1, rules).move == "redo"
    assert verdict(Answers(reached=True, solved="no"), 2, 1, rules).supervise


@pytest.mark.parametrize("level", [1, 5])
def test_both_ends_of_the_five_levels_are_answers(level: int) -> None:
    assert msgspec.convert({"reached": True, "satisfaction": level}, Answers).satisfaction == level


@pytest.mark.parametrize(("satisfaction", "is_unhappy"), [(5, False), (4, False), (3, False), (2, True), (1, True)])
def test_the_line_between_happy_and_not(satisfaction: int, is_unhappy: bool) -> None:
    assert unhappy(Answers(reached=True, satisfaction=satisfaction)) is is_unhappy


@pytest.mark.parametrize(
    "wrong",
    [
        {"reached": True, "satisfaction": 6},
        {"reached": True, "satisfaction": 0},
        {"reached": True, "solved": "maybe"},
        {"reached": True, "score": 5},
    ],
)
def test_answers_from_outside_are_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Answers)


NOBODY = CallbackRules(sample=(SampleRule(share=0),), key="k")


def test_without_a_rule_everybody_is_called() -> None:
    assert sampled(RULES, Case(number="SL1")).call
    assert sampled(CallbackRules(sample=(SampleRule(share=0, kind="咨询"),)), Case(number="SL1", kind="投诉")).call


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"urgency": "urgent"}, "紧急件，一律回访"),
        ({"urgency": "critical"}, "紧急件，一律回访"),
        ({"redone": True}, "重办件，一律回访"),
        ({"supervised": True}, "督办件，一律回访"),
        ({"extended": True}, "延期件，一律回访"),
        ({"source": "grid"}, "网格上报且留有来电人，一律回访"),
        ({"wished": True}, "来电人要求回访，一律回访"),
        ({"outcome": "not_ours"}, "办理结果需向来电人核实，一律回访"),
    ],
)
def test_some_are_called_whatever_the_sample(facts: dict[str, Any], why: str) -> None:
    rules = msgspec.structs.replace(NOBODY, always=("not_ours",))
    assert not sampled(rules, Case(number="SL1")).call
    assert (sampled(rules, Case(number="SL1", **facts)).call, sampled(rules, Case(number="SL1", **facts)).why) == (
        True,
        why,
    )


@pytest.mark.parametrize(
    "facts", [{"source": "grid", "caller": False}, {"outcome": "explained"}, {"urgency": "normal"}]
)
def test_the_others_are_left_to_the_sample(facts: dict[str, Any]) -> None:
    found = sampled(msgspec.structs.replace(NOBODY, always=("not_ours",)), Case(number="SL1", **facts))
    assert (found.call, found.why) == (False, "按0%抽样，未抽中，不安排电话回访")


@pytest.mark.parametrize(
    ("narrowed", "fits"),
    [
        ({"source": "12345"}, True), ({"source": "web"}, False), ({"kind": "咨询"}, True), ({"kind": "投诉"}, False),
        ({"area": "01"}, True), ({"area": "0101"}, True), ({"area": "02"}, False), ({"level": "部门"}, True),
        ({"level": "街道"}, False), ({"outcome": "solved"}, True), ({"outcome": "explained"}, False),
        ({"urgency": Urgency.NORMAL}, True), ({"urgency": Urgency.URGENT}, False),
    ],
)  # fmt: skip
def test_a_rule_narrows_by_each_field(narrowed: dict[str, Any], fits: bool) -> None:
    rules = CallbackRules(sample=(SampleRule(share=0, **narrowed),))
    case = Case(number="SL1", source="12345", kind="咨询", areas=("0101", "01"), level="部门", outcome="solved")
    assert sampled(rules, case).call is not fits


def test_the_first_rule_that_fits_decides() -> None:
    rules = CallbackRules(sample=(SampleRule(share=1, kind="投诉"), SampleRule(share=0)))
    assert sampled(rules, Case(number="SL1", kind="投诉")).call
    assert not sampled(rules, Case(number="SL1", kind="咨询")).call


@given(number=st.text(min_size=1, max_size=30), key=st.text(max_size=20), share=st.floats(0, 1))
def test_the_draw_follows_from_number_and_key_alone(number: str, key: str, share: float) -> None:
    rules = CallbackRules(sample=(SampleRule(share=share),), key=key)
    assert 0 <= draw(key, number) < 1
    assert sampled(rules, Case(number=number)) == sampled(rules, Case(number=number))
    assert sampled(rules, Case(number=number)).call is (draw(key, number) < share)


def test_the_draw_takes_the_share_and_another_key_draws_others() -> None:
    numbers = [f"SL20261118{n:05}" for n in range(4000)]
    one, two = ({number for number in numbers if draw(key, number) < 0.3} for key in ("a", "b"))
    assert 0.27 < len(one) / 4000 < 0.33
    assert 0.2 < len(one & two) / len(one) < 0.4


def test_the_draw_is_the_same_in_every_release() -> None:
    """A history is retold years later: who was drawn must not change."""
    assert draw("k", "SL202603020001") == pytest.approx(0.41517413198790365)


def test_everybody_and_the_drawn_are_told_apart() -> None:
    for share, why in ((1, "按规则全部回访"), (0.99, "按99%抽样，抽中，须回访")):
        rules = CallbackRules(sample=(SampleRule(share=share),), key="k")
        assert sampled(rules, Case(number="SL202603020001")).why == why


def test_shares_are_shares() -> None:
    for share in (-0.1, 1.1):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"share": share}, SampleRule)


@pytest.mark.parametrize(
    ("unit", "handled", "may"),
    [("", False, True), ("cgj", False, True), ("hwzx", False, False), ("gdgs", False, False), ("", True, False)],
)
def test_nobody_asks_about_the_own_work(unit: str, handled: bool, may: bool) -> None:
    said = may_call(unit, {"hwzx", "gdgs"}, handled)
    assert (said == "") is may
    assert said in (
        "",
        "回访人员不得回访本单位承办的工单，请由其他人员回访",
        "您曾经办此工单，不得回访，请由其他人员回访",
    )
    assert ("曾经办" in said) is handled


def test_reasons_are_chosen_from_the_citys_list_with_free_words_beside() -> None:
    rules = CallbackRules(reasons=("办理太慢", "态度不好"))
    assert said_reason(rules, "办理太慢", "等了半个月") == "【办理太慢】等了半个月"
    assert said_reason(rules, "", "没人来") == "没人来"
    with pytest.raises(ValueError, match=r"^原因只能是：办理太慢、态度不好$"):
        said_reason(rules, "心情不好", "")


def test_a_rating_may_be_given_until_some_days_after_the_close(at: At) -> None:
    closed = at("2026-03-02 10:00")
    for days, may in ((0, True), (6.99, True), (7, False)):
        now = closed + timedelta(days=days)
        assert may_rate(RULES, answered=True, closed_at=closed, now=now) is may
        assert not may_rate(RULES, answered=False, closed_at=closed, now=now)
    assert may_rate(RULES, answered=True, closed_at=None, now=closed)
    assert not may_rate(RULES, answered=False, closed_at=None, now=closed)


CALLED = DeadlineRule(
    clock="callback", after="answer", days=1, kind=Kind.WORKING, stops=("close", "redo"), owner="desk"
)
RATED = msgspec.structs.replace(CALLED, days=5, only="unsampled", lapse="close")


@pytest.mark.parametrize(("unsampled", "days"), [(False, 1), (True, 5)])
@pytest.mark.parametrize("promises", [(CALLED, RATED), (RATED, CALLED)])
def test_who_is_not_drawn_has_a_clock_of_its_own(
    china: Calendar, at: At, promises: tuple[DeadlineRule, ...], unsampled: bool, days: int
) -> None:
    urgent = msgspec.structs.replace(CALLED, urgency=Urgency.URGENT, hours=4.0, days=None)
    (clock,) = start_clocks(
        (*promises, urgent), china, "answer", at=at("2026-03-02 10:00"), urgency="normal", unsampled=unsampled
    )
    assert clock.promise.days == days


def test_a_draw_that_leads_nowhere_is_an_error(taxonomy: Taxonomy) -> None:
    drawing = CallbackRules(sample=(SampleRule(share=0.5, area="99"),))
    assert [one.severity for one in wrong_sample(drawing, (CALLED,), taxonomy)] == ["error", "error", "warning"]
    sound = CallbackRules(sample=(SampleRule(share=0.5, area="01"),), key="k")
    assert list(wrong_sample(sound, (CALLED, RATED), taxonomy)) == []
    assert list(wrong_sample(RULES, (CALLED,), taxonomy)) == []


def test_rules_written_before_the_first_call_was_a_promise_are_still_read() -> None:
    old = {"days": 1, "kind": "working", "ends": "close_of_business", "tries": 2}
    assert read_callbacks(old) == CallbackRules(tries=2)
