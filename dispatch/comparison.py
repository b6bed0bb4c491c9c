"""What changed between two editions of the rules, row by row and in words; who approves an edition reads this.

Lines of files say where somebody typed; this says what will be different: a limit, an owner, a day that is worked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from enum import Enum
from typing import Any, Literal

import msgspec

from dispatch import conditions
from dispatch.calendar import KIND_NAMES, Calendar
from dispatch.checks import CheckRule
from dispatch.conditions import Condition
from dispatch.deadlines import CLOCK_NAMES, MOVE_FIELDS, URGENCY_NAMES, DeadlineRule, limit_text
from dispatch.duty import DutyRow, Unit
from dispatch.escalation import Rung
from dispatch.extensions import Ground
from dispatch.kpis import RATE_NAMES
from dispatch.lifecycle import MOVES, Move
from dispatch.roles import ROLE_NAMES
from dispatch.rulebook import Rulebook
from dispatch.whistles import Reason

How = Literal["added", "removed", "changed"]
HOW_NAMES: dict[How, str] = {"added": "新增", "removed": "删除", "changed": "修改"}
TABLE_NAMES: dict[str, str] = {
    "promises": "时限承诺",
    "ladder": "催办阶梯",
    "duty": "责任分解表",
    "units": "承办单位",
    "calendar": "工作日历",
    "returns": "退单规则",
    "callbacks": "回访规则",
    "extensions": "延期和挂账规则",
    "exclusions": "不计入考核的情形",
    "routing": "派单规则",
    "figures": "指标规则",
    "checks": "结果审核的情形",
    "filing": "归档规则",
    "contact": "联系诉求人的方式",
    "verify": "当场处理的核查",
    "visit": "走访代办的类别",
    "photos": "照片的数量",
    "whistle": "吹哨规则",
}


class Change(msgspec.Struct, frozen=True):
    """One field that is not as it was, in words."""

    field: str
    label: str
    before: str
    after: str


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One row (or rule, or run of days) that is new, gone, or different; `fields` only where it changed."""

    table: str
    how: How
    key: str
    text: str
    fields: tuple[Change, ...] = ()


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What codes are called; a code without a name stands for itself.  Units are known from the rulebooks."""

    areas: Mapping[str, str] = {}
    places: Mapping[str, str] = {}
    units: Mapping[str, str] = {}


class _Row(msgspec.Struct, frozen=True):
    """A row of a table: what identifies it, what it is called, what it says in full, and itself."""

    key: str
    title: str
    full: str
    value: msgspec.Struct


def differences(old: Rulebook, new: Rulebook, names: Names | None = None) -> tuple[Difference, ...]:
    """Return what `new` changes, table by table; the edition's name is not a difference."""
    units = {unit.code: unit.name for book in (old, new) for unit in book.units}
    called = msgspec.structs.replace(names or Names(), units=units)
    found: list[Difference] = []
    for table, rows in _TABLES.items():
        found += _compared(table, rows(old, called), rows(new, called), called)
    found += _days(old.calendar, new.calendar)
    order = list(TABLE_NAMES)
    return tuple(sorted(found, key=lambda one: order.index(one.table)))


def _compared(table: str, old: list[_Row], new: list[_Row], names: Names) -> Iterator[Difference]:
    before, after = _keyed(old), _keyed(new)
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key), after.get(key)
        if was is None and now is not None:
            yield Difference(table=table, how="added", key=now.key, text=f"新增{now.full}")
        elif was is not None and now is None:
            yield Difference(table=table, how="removed", key=was.key, text=f"删除{was.full}")
        elif was is not None and now is not None and was.value != now.value:
            fields = tuple(_changes(was.value, now.value, names))
            said = "；".join(f"{one.label}由{one.before}改为{one.after}" for one in fields)
            yield Difference(table=table, how="changed", key=now.key, text=f"{now.title}：{said}", fields=fields)


def _keyed(rows: list[_Row]) -> dict[tuple[str, int], _Row]:
    """Return the rows by their key; rows that share one are told apart by their order."""
    found: dict[tuple[str, int], _Row] = {}
    for row in rows:
        nth = next(n for n in range(len(rows)) if (row.key, n) not in found)
        found[row.key, nth] = row
    return found


def _changes(was: msgspec.Struct, now: msgspec.Struct, names: Names) -> Iterator[Change]:
    for field in now.__struct_fields__:
        before, after = getattr(was, field, None), getattr(now, field)
        if before != after:
            yield Change(
                field, LABELS.get(field, field), _value_text(field, before, names), _value_text(field, after, names)
            )


# fmt: off
LABELS: dict[str, str] = {
    "after": "起算操作", "again": "重复起算", "answers": "回答", "area": "事项", "at": "时刻", "backstop": "兜底单位",
    "basis": "依据", "bound": "差错上限", "clock": "时钟", "code": "编码", "complex_days": "复杂件天数",
    "confirm": "须人工确认",
    "days": "天数", "early": "未诉先办来源", "errand": "为居民代办",
    "ends": "当日截止方式", "extends": "延长操作", "formerly": "原编码", "grid_role": "网格任务",
    "helpers": "协办单位", "hours": "时间", "how": "方式", "id": "编号", "kind": "计算方式", "label": "名称",
    "limits": "结果天数", "minutes": "有效分钟数", "most": "每次最多张数",
    "lapse": "到期默认操作", "level": "单位类别", "limit": "次数上限", "name": "名称", "needs_basis": "须写依据",
    "needs_owner": "须提出承办单位", "note": "备注", "of": "统计件数", "only": "适用情形", "owner": "责任方",
    "park_days": "挂账复查天数", "pauses": "暂停操作", "place": "地点", "precedent": "先例",
    "ranked": "参与排名的最少件数", "redone": "重办件", "redos": "重办次数", "resumes": "恢复操作",
    "roll": "遇休息日", "since": "生效日", "small": "计算的最少件数", "source": "出处", "standard": "标准答复",
    "stops": "停止操作", "support": "历史件数", "share": "比例", "tel": "转接电话",
    "times": "延期次数", "to": "告知", "tries": "回访次数", "unit": "承办单位", "until": "失效日",
    "check": "先审核", "outcomes": "办理结果", "undoes": "如未停过的操作",
    "urgency": "紧急程度", "voids": "作废操作", "weights": "综合得分权重", "when": "前后",
}
_MOVES = frozenset({*MOVE_FIELDS, "lapse"})
_WORDS: dict[str, str] = {
    "before": "到期前", "after": "到期后", "citizen": "来电人", "helper": "协办单位", "desk": "热线",
    "end_of_day": "当日24:00", "close_of_business": "下班时", "same_time": "同一时刻", "none": "不顺延",
    "next_working": "顺延至工作日", "extended": "延期期间",
} | {str(key): name for named in (KIND_NAMES, URGENCY_NAMES, ROLE_NAMES) for key, name in named.items()}
_NOTHING: dict[str, str] = {"area": "全部事项", "place": "不限地点", "urgency": "不限", "level": "不限"}
# fmt: on


def _value_text(field: str, value: Any, names: Names) -> str:
    """Return a value as people read it."""
    if isinstance(value, Mapping):
        value = tuple(f"{RATE_NAMES.get(key, key)}{weight:g}" for key, weight in value.items())
    if isinstance(value, bool):
        return "是" if value else "否"
    if value is None or value in ("", ()):
        return _NOTHING.get(field, "无")
    if isinstance(value, tuple | list):
        return "、".join(_value_text(field, one, names) for one in value)
    if isinstance(value, Condition):
        return conditions.in_words(value) or "不限条件"
    text = f"{value:g}" if isinstance(value, float) else str(value.value if isinstance(value, Enum) else value)
    if field in _MOVES and text in MOVES:
        return MOVES[Move(text)].label
    known: dict[str, Mapping[str, str]] = {
        "area": names.areas,
        "place": names.places,
        "unit": names.units,
        "helpers": names.units,
    }
    return known.get(field, _WORDS if field in _CODED else {}).get(text, text)


_CODED = frozenset({"owner", "ends", "roll", "kind", "urgency", "to", "when", "only"})


def _promises(book: Rulebook, names: Names) -> list[_Row]:
    return [_promise(one, names) for one in book.promises]


def _promise(one: DeadlineRule, names: Names) -> _Row:
    key = " ".join(str(part) for part in (one.clock, one.after, one.urgency or "", one.area, one.level, one.only))
    scope = [f"{URGENCY_NAMES[one.urgency]}件"] if one.urgency else []
    scope += [f"事项“{names.areas.get(one.area, one.area)}”"] if one.area else []
    scope += [one.level] if one.level else []
    scope += ["延期期间"] if one.only else []
    said = f"（{'、'.join(scope)}）" if scope else ""
    title = f"时限“{MOVES[one.after].label}后{CLOCK_NAMES[one.clock]}”{said}"
    return _Row(key, title, f"{title}：{limit_text(one)}", one)


def _ladder(book: Rulebook, names: Names) -> list[_Row]:
    return [_rung(one, names) for one in book.ladder]


def _rung(one: Rung, names: Names) -> _Row:
    key = " ".join(str(part) for part in (one.clock, one.name, one.when, one.urgency or "", one.area))
    title = f"阶梯“{CLOCK_NAMES[one.clock]}：{one.label}”"
    far = f"{one.hours:g}小时" if one.hours is not None else f"{one.days}个{KIND_NAMES[one.kind]}"
    said = f"{_value_text('when', one.when, names)}{far}，告知{ROLE_NAMES[one.to]}"
    return _Row(key, title, f"{title}：{said}", one)


def _duty(book: Rulebook, names: Names) -> list[_Row]:
    return [_duty_row(one, names) for one in book.duty]


def _duty_row(one: DutyRow, names: Names) -> _Row:
    area, place, unit = (_value_text(field, getattr(one, field), names) for field in ("area", "place", "unit"))
    basis = f"（依据：{one.basis}）" if one.basis else ""
    return _Row(one.id, f"责任表{one.id}（{area}）", f"责任表{one.id}：{area}（{place}）由{unit}承办{basis}", one)


def _units(book: Rulebook, names: Names) -> list[_Row]:
    del names
    return [_unit(one) for one in book.units]


def _unit(one: Unit) -> _Row:
    heir = f"，由{'、'.join(one.formerly)}更名或合并而来" if one.formerly else ""
    return _Row(one.code, f"单位“{one.name}”（{one.code}）", f"单位“{one.name}”（{one.code}）{heir}", one)


def _exclusions(book: Rulebook, names: Names) -> list[_Row]:
    del names
    return [_ground(one) for one in book.exclusions]


def _ground(one: Ground) -> _Row:
    return _Row(one.code, f"情形“{one.label}”", f"情形“{one.label}”（{one.code}）", one)


def _checks(book: Rulebook, names: Names) -> list[_Row]:
    del names
    return [_check(one) for one in book.checks.rule]


def _check(one: CheckRule) -> _Row:
    said = "先审核" if one.check else "不审核"
    return _Row(one.label, f"情形“{one.label}”", f"情形“{one.label}”：{said}", one)


def _whistle(book: Rulebook, names: Names) -> list[_Row]:
    return [_reason(one, names) for one in book.whistle.reason]


def _reason(one: Reason, names: Names) -> _Row:
    called = "；".join(
        "".join(
            (
                f"事项“{_value_text('area', target.area, names)}”" if target.area else "",
                f"{_value_text('place', target.place, names)}" if target.place else "",
                f"请{_value_text('helpers', target.units, names)}",
            )
        )
        for target in one.target
    )
    return _Row(one.code, f"吹哨理由“{one.label}”", f"吹哨理由“{one.label}”：{called}", one)


def _visit(book: Rulebook, names: Names) -> list[_Row]:
    del names
    return [_Row(one.code, f"类别“{one.label}”", f"类别“{one.label}”（{one.code}）", one) for one in book.visit.kind]


def _single(table: str) -> Callable[[Rulebook, Names], list[_Row]]:
    def rows(book: Rulebook, names: Names) -> list[_Row]:
        del names
        return [_Row(table, TABLE_NAMES[table], TABLE_NAMES[table], getattr(book, table))]

    return rows


_TABLES: dict[str, Callable[[Rulebook, Names], list[_Row]]] = {
    "promises": _promises,
    "ladder": _ladder,
    "duty": _duty,
    "units": _units,
    "returns": _single("returns"),
    "callbacks": _single("callbacks"),
    "extensions": _single("extensions"),
    "exclusions": _exclusions,
    "routing": _single("routing"),
    "figures": _single("figures"),
    "checks": _checks,
    "filing": _single("filing"),
    "contact": _single("contact"),
    "verify": _single("verify"),
    "visit": _visit,
    "photos": _single("photos"),
    "whistle": _whistle,
}


def _days(old: Calendar, new: Calendar) -> Iterator[Difference]:
    """Yield what changed in the calendar: the period that is published, business hours, and runs of days."""
    spans = [f"{one.since}至{one.until}" for one in (old, new)]
    hours = ["、".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in one.hours) for one in (old, new)]
    for key, label, (before, after) in (("period", "放假安排公布期间", spans), ("hours", "办公时间", hours)):
        if before != after:
            fields = (Change(key, label, before, after),)
            text = f"{label}由{before}改为{after}"
            yield Difference(table="calendar", how="changed", key=key, text=text, fields=fields)
    was, now = _marked(old), _marked(new)
    runs: list[tuple[date, date, str, str]] = []
    for day in sorted(was.keys() | now.keys()):
        before, after = was.get(day, ""), now.get(day, "")
        if before == after:
            continue
        if runs and runs[-1][1] + timedelta(days=1) == day and runs[-1][2:] == (before, after):
            runs[-1] = (runs[-1][0], day, before, after)
        else:
            runs.append((day, day, before, after))
    yield from (_run(*run) for run in runs)


def _marked(calendar: Calendar) -> dict[date, str]:
    rest = {day: f"{name}放假" for day, name in calendar.rest.items()}
    return rest | {day: f"{name}调休上班" for day, name in calendar.work.items()}


def _run(first: date, last: date, before: str, after: str) -> Difference:
    when = f"{first}" if first == last else f"{first}至{last}"
    if not before:
        return Difference(table="calendar", how="added", key=str(first), text=f"新增{when}{after}")
    if not after:
        return Difference(table="calendar", how="removed", key=str(first), text=f"删除{when}{before}")
    fields = (Change("day", "安排", before, after),)
    text = f"{when}由{before}改为{after}"
    return Difference(table="calendar", how="changed", key=str(first), text=text, fields=fields)
