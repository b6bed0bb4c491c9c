"""Callbacks (回访): whom to ask, who may ask, how often to try, and what the answers lead to.

By when the first call is due is a deadline rule like any other (clock `callback`, `dispatch.deadlines`).
Sources: 山东省级政务服务投诉热线管理办法 2017 (re-handling when unhappy, 督办 when unhappy after that); the five levels
and the appeal against wrong ratings are those of 好差评 (国办发〔2019〕51号); sampling is the city's own rule.
Nobody reached after all tries is 未接通, and who was not drawn was not asked: neither is ever satisfied.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from typing import Annotated, Literal

import msgspec

from dispatch.calendar import Calendar, works
from dispatch.deadlines import GRAVITY, Urgency
from dispatch.lifecycle import Move
from grids.messages import NOTHING, Message

NOON = time(12)

SATISFACTION_NAMES: dict[int, str] = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
SOLVED_NAMES: dict[str, str] = {"yes": "已解决", "partly": "部分解决", "no": "未解决"}


class SampleRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What share of some tickets is called back.  Empty fields do not narrow; the first rule that fits decides.

    area   this area and all below it;  level  the kind of the unit (部门, 街道, 企业: `Unit.kind`)
    share  1 = everyone, 0 = nobody
    """

    share: Annotated[float, msgspec.Meta(ge=0, le=1)]
    source: str = ""
    kind: str = ""
    urgency: Urgency | None = None
    area: str = ""
    level: str = ""
    outcome: str = ""


class CallbackRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers of the callback rule.

    tries      calls at different half-days before a citizen counts as not reached
    redos      how often one ticket is re-handled before a further "no" brings it to 督办 as well
    sample     who is called; what no rule fits is called always
    always     outcomes of the unit's own word that are always called about: not_ours, explained, ...
    key        of the draw; whoever knows it can tell who will be called, so units must not
    reasons    why somebody is not content, to choose from
    rate_days  natural days after the close in which the citizen may still give or change the rating by link
    broken     the level a ticket is raised to when a commitment in its reply was not kept; "" = none
    """

    tries: Annotated[int, msgspec.Meta(ge=1)] = 3
    redos: Annotated[int, msgspec.Meta(ge=0)] = 1
    sample: tuple[SampleRule, ...] = ()
    always: tuple[str, ...] = ()
    key: str = ""
    reasons: tuple[str, ...] = ()
    rate_days: Annotated[int, msgspec.Meta(ge=0)] = 7
    broken: Literal["", "remind", "yellow_card", "red_card", "supervise"] = "supervise"
    source: str = ""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An answered ticket as the sampling sees it.

    areas       the matter's area first, then each above it
    level       the kind of the unit;  supervised  it reached 督办;  extended  an extension was granted
    caller      somebody can be called;  wished  the caller asked for it
    """

    number: str
    source: str = ""
    kind: str = ""
    urgency: str = "normal"
    areas: tuple[str, ...] = ()
    level: str = ""
    outcome: str = ""
    redone: bool = False
    supervised: bool = False
    extended: bool = False
    caller: bool = True
    wished: bool = False


class Sampled(msgspec.Struct, frozen=True):
    """Whether the citizen is called, and why (not)."""

    call: bool
    why: str


class Answers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the citizen said, each question apart; None = not asked or not answered.

    contacted     the unit did get in touch
    solved        in the citizen's words, not the unit's
    satisfaction  5 = 非常满意 ... 1 = 非常不满意
    """

    reached: bool
    contacted: bool | None = None
    solved: Literal["yes", "partly", "no"] | None = None
    satisfaction: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None
    reason: str = ""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from a call.

    move       close, redo or miss
    supervise  the ticket is re-handled under 督办: it ends when it is solved, or when a supervisor decides
    valid      the call counts in 解决率 and 满意率 (one denominator for both)
    """

    move: Literal[Move.CLOSE, Move.REDO, Move.MISS]
    why: str
    supervise: bool = False
    valid: bool = False


def sampled(rules: CallbackRules, case: Case) -> Sampled:
    """Return whether the citizen of this ticket is called; the same ticket always gets the same answer."""
    if reason := _always(rules, case):
        return Sampled(True, f"{reason}，一律回访")
    rule = next((one for one in rules.sample if _fits(one, case)), None)
    if rule is None or rule.share >= 1:
        return Sampled(True, "按规则全部回访")
    share = f"{rule.share:.0%}"
    if draw(rules.key, case.number) < rule.share:
        return Sampled(True, f"按{share}抽样，抽中，须回访")
    return Sampled(False, f"按{share}抽样，未抽中，不安排电话回访")


def draw(key: str, number: str) -> float:
    """Return a number in [0, 1) that follows from the ticket's number and the key alone."""
    digest = blake2b(number.encode(), key=blake2b(key.encode(), digest_size=32).digest(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48


def _always(rules: CallbackRules, case: Case) -> str:
    """Return why this one is called whatever the sample, "" if it is left to the sample."""
    reasons = (
        (case.wished, "来电人要求回访"),
        (GRAVITY[Urgency(case.urgency)] > GRAVITY[Urgency.NORMAL], "紧急件"),
        (case.redone, "重办件"),
        (case.supervised, "督办件"),
        (case.extended, "延期件"),
        (case.source == "grid" and case.caller, "网格上报且留有来电人"),
        (case.outcome in rules.always, "办理结果需向来电人核实"),
    )
    return next((words for holds, words in reasons if holds), "")


def _fits(rule: SampleRule, case: Case) -> bool:
    equal = ("source", "kind", "level", "outcome")
    return (
        all(getattr(rule, name) in ("", getattr(case, name)) for name in equal)
        and rule.urgency in (None, case.urgency)
        and (not rule.area or rule.area in case.areas)
    )


def may_call(unit: str, units: Collection[str], handled: bool) -> Message:
    """Return why this person may not ask about a ticket, "" if they may: nobody scores the own work.

    unit   whose post the person holds, "" for the hotline's own
    units  the lead unit and the helpers of the matter;  handled  whether the person ever acted on it for a unit
    """
    if unit and unit in units:
        return Message("回访人员不得回访本单位承办的工单，请由其他人员回访")
    return Message("您曾经办此工单，不得回访，请由其他人员回访") if handled else NOTHING


def said_reason(rules: CallbackRules, cause: str, words: str) -> str:
    """Return the reason as it is kept: 【办理太慢】等了半个月.  raises ValueError on a cause that is not on the list"""
    if cause and cause not in rules.reasons:
        raise ValueError(Message("原因只能是：%(reasons)s", reasons=tuple(rules.reasons)))
    return f"【{cause}】{words}" if cause else words


def may_rate(rules: CallbackRules, *, answered: bool, closed_at: datetime | None, now: datetime) -> bool:
    """Return whether the citizen may give or change a rating by link: once answered, until some days after."""
    if closed_at is None:
        return answered
    return answered and now < closed_at + timedelta(days=rules.rate_days)


def next_try(calendar: Calendar, missed_at: datetime) -> datetime:
    """Return when the next try may be made after a miss: the start of the next working half-day."""
    missed = calendar.local(missed_at)
    return next(opens for opens in _half_days(calendar, missed.date()) if _half(opens) > _half(missed))


def half_days(calendar: Calendar, tried_at: Sequence[datetime]) -> int:
    """Return how many tries count: two in one half-day are one."""
    return len({_half(calendar.local(at)) for at in tried_at})


def verdict(answers: Answers, redone: int, tries: int, rules: CallbackRules, voiced: str = "") -> Verdict:
    """Return what a call leads to.

    redone  how often the ticket was re-handled before
    tries   calls at different half-days so far, this one included (see `half_days`)
    voiced  what the citizen has said on the web of this answer, in words: it counts where the call brings no other
    """
    watched = redone > rules.redos  # the citizen has said "no" often enough: silence ends nothing any more
    if not answers.reached:
        return _missed(tries, rules, watched, voiced)
    if answers.solved is None and answers.satisfaction is None:
        return _unrated(watched, voiced)
    said = _in_words(answers)
    if not unhappy(answers):
        return Verdict(move=Move.CLOSE, why=f"来电人表示{said}，办结归档", valid=True)
    if redone < rules.redos:
        return Verdict(move=Move.REDO, why=f"来电人表示{said}，退回原单位重办（第{redone + 1}次）", valid=True)
    why = f"重办{redone}次后来电人仍表示{said}，转督办，退回原单位继续办理，解决后或由督办员决定后办结"
    return Verdict(move=Move.REDO, supervise=True, why=why, valid=True)


def unhappy(answers: Answers) -> bool:
    """Return whether the citizen said 未解决 or chose 不满意 or worse."""
    return answers.solved == "no" or (answers.satisfaction is not None and answers.satisfaction <= 2)


def voiced(solved: str | None, satisfaction: int | None) -> str:
    """Return what a citizen has said, in words; "" for nothing."""
    return _in_words(Answers(reached=True, solved=solved, satisfaction=satisfaction))  # type: ignore[arg-type]  # as stored


def _unrated(watched: bool, voiced: str) -> Verdict:
    if watched:
        return Verdict(move=Move.MISS, why="已接通，来电人未作评价；督办件须问明是否解决，或由督办员结案")
    if voiced:
        return Verdict(move=Move.CLOSE, why=f"已接通，来电人未另作评价，以其网上评价（{voiced}）归档")
    return Verdict(move=Move.CLOSE, why="已接通，来电人未作评价，如实归档，不计入解决率、满意率")


def _missed(tries: int, rules: CallbackRules, watched: bool, voiced: str) -> Verdict:
    if watched and tries >= rules.tries:
        return Verdict(move=Move.MISS, why=f"{tries}次在不同半天回访均未接通；督办件不因未接通办结，由督办员决定")
    if tries < rules.tries:
        return Verdict(move=Move.MISS, why=f"第{tries}次回访未接通，换一个半天再拨（共{rules.tries}次）")
    if voiced:
        return Verdict(move=Move.CLOSE, why=f"{tries}次在不同半天回访均未接通，以来电人的网上评价（{voiced}）归档")
    return Verdict(move=Move.CLOSE, why=f"{tries}次在不同半天回访均未接通，按“未接通”归档，不算满意，不计入满意率")


def _in_words(answers: Answers) -> str:
    parts = [SOLVED_NAMES[answers.solved]] if answers.solved else []
    parts += [SATISFACTION_NAMES[answers.satisfaction]] if answers.satisfaction else []
    return "、".join(parts) + (f"（{answers.reason}）" if answers.reason else "")


def _half(here: datetime) -> tuple[date, bool]:
    return here.date(), here.time() >= NOON


def _half_days(calendar: Calendar, day: date) -> Iterator[datetime]:
    """Yield the opening of each working half-day from `day` on, without end."""
    while True:
        if works(calendar, day):
            morning = [opens for opens, _ in calendar.hours if opens < NOON]
            evening = [max(opens, NOON) for opens, closes in calendar.hours if closes > NOON or closes == time()]
            yield from (calendar.at(day, half[0]) for half in (morning, evening) if half)
        day += timedelta(days=1)
