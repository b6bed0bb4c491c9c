"""Checks of the tables of `city.toml` (samples, checks, filing, contact, whistles) against the deadline rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from classifiers.taxonomy import Taxonomy
from dispatch import whistles
from dispatch.callbacks import CallbackRules
from dispatch.checks import CheckRules
from dispatch.contact import ContactRules
from dispatch.deadlines import DeadlineRule, limit_text
from dispatch.filing import FilingRules
from dispatch.findings import Finding
from dispatch.lifecycle import Move
from dispatch.whistles import WhistleRules
from grids.messages import Message


def wrong_sample(rules: CallbackRules, promises: Iterable[DeadlineRule], taxonomy: Taxonomy) -> Iterator[Finding]:
    """Yield what is wrong with the sampling of callbacks: an area that is not, a draw that leads nowhere."""
    known = {area.code for area in taxonomy.areas}
    for place, rule in enumerate(rules.sample):
        if rule.area and rule.area not in known:
            yield Finding(
                "error",
                f"city.toml[callbacks.sample {place + 1}]",
                Message("事项“%(area)s”不在责任清单中", area=rule.area),
            )
    draws = any(rule.share < 1 for rule in rules.sample)
    if draws and not any(one.only == "unsampled" and one.lapse == Move.CLOSE for one in promises):
        message = Message("规定了抽样回访，但没有 only = “unsampled”、lapse = “close” 的回访时限：未抽中的工单不会办结")
        yield Finding("error", "promises.toml", message)
    if draws and not rules.key:
        yield Finding(
            "warning", "city.toml[callbacks]", Message("抽样没有密钥（key），承办单位可以推算出哪些工单会被回访")
        )


def wrong_checks(rules: CheckRules, promises: Iterable[DeadlineRule], taxonomy: Taxonomy) -> Iterator[Finding]:
    """Yield what is wrong with the checks of results: an area that is not, clocks they would leave on."""
    held, known = tuple(promises), {area.code for area in taxonomy.areas}
    for place, rule in enumerate(rules.rule):
        if rule.area and rule.area not in known:
            yield Finding(
                "error", f"city.toml[checks.rule {place + 1}]", Message("事项“%(area)s”不在责任清单中", area=rule.area)
            )
    if not any(rule.check for rule in rules.rule):
        return
    for n, one in enumerate(held):
        if one.clock in ("result", "hold") and not (Move.PASS in one.stops and Move.SUBMIT in one.pauses):
            message = Message(
                "“%(limit)s”：有结果须经审核，送审（submit）须暂停、审核通过（pass）须停下计时", limit=limit_text(one)
            )
            yield Finding("error", f"$.promise[{n}].stops", message)
    after = {one.clock for one in held if one.after == Move.PASS and not one.area and one.urgency is None}
    if "callback" not in after and any(one.clock == "callback" for one in held):
        yield Finding("error", "promises.toml", Message("有结果须经审核，但审核通过（pass）后没有回访时限"))
    if not any(
        one.clock == "check" and one.lapse == Move.PASS and not one.area and one.urgency is None for one in held
    ):
        yield Finding("warning", "promises.toml", Message("没有 lapse = “pass” 的审核时限：无人审核的结果会一直等下去"))


def wrong_filing(rules: FilingRules, callbacks: CallbackRules) -> Iterator[Finding]:
    """Yield that tickets would be put away while the citizen may still change the rating."""
    if rules.days <= callbacks.rate_days:
        message = Message(
            "办结后%(days)s日归档，但来电人%(rate_days)s日内仍可修改评价；归档须更晚",
            days=rules.days,
            rate_days=callbacks.rate_days,
        )
        yield Finding("error", "city.toml[filing].days", message)


def wrong_contact(rules: ContactRules) -> Iterator[Finding]:
    """Yield that nobody could be called: through the switchboard, and its number is not said."""
    if rules.how == "bridge" and not any(char.isdigit() for char in rules.tel):
        yield Finding(
            "error", "city.toml[contact].tel", Message("联系诉求人经话务转接（bridge），但没有写转接电话 tel")
        )


def wrong_whistle(rules: WhistleRules, units: Collection[str], promises: Iterable[DeadlineRule]) -> Iterator[Finding]:
    """Yield who is whistled for and is no unit, and that nothing says by when a whistle is answered."""
    for reason, code in whistles.unknown(rules, units):
        yield Finding("error", f"city.toml[whistle.{reason}]", Message("单位“%(code)s”不在单位表中", code=code))
    if rules.reason and not any(one.clock == "whistle" for one in promises):
        yield Finding("warning", "city.toml[whistle]", Message("没有吹哨响应时限（promises.toml 的 whistle）"))
