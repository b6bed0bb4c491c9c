"""What is wrong, missing or doubtful in the tables: gaps, ties, overlaps, codes nobody knows, clocks nobody stops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Literal

import msgspec

from classifiers.taxonomy import Taxonomy
from dispatch.deadlines import CLOCK_NAMES, Promise, limit_text
from dispatch.duty import DutyRow, Unit
from dispatch.escalation import Rung
from grids.tree import Tree


class Finding(msgspec.Struct, frozen=True):
    """Something to look at.  An error stops activation, a warning asks a person, a note tells."""

    severity: Literal["error", "warning", "note"]
    where: str
    message: str


def wrong_promises(promises: Iterable[Promise], taxonomy: Taxonomy) -> Iterator[Finding]:
    """Yield what is wrong with the promises."""
    held = tuple(promises)
    known = {area.code for area in taxonomy.areas}
    keys = Counter((one.clock, one.after, one.urgency, one.area) for one in held)
    for n, one in enumerate(held):
        where = f"$.promise[{n}]"
        if keys[one.clock, one.after, one.urgency, one.area] > 1:
            yield Finding("error", where, f"“{limit_text(one)}”与另一条同样具体，只能保留一条")
        if one.area and one.area not in known:
            yield Finding("error", f"{where}.area", f"事项表里没有“{one.area}”")
        if one.clock in ("progress", "result") and one.after == "sign":
            yield Finding("error", f"{where}.after", "从签收起算，不签收就不计时；动态和结果须从首次派单（route）起算")
        if one.owner == "citizen" and one.again and one.after == "route":
            yield Finding("warning", f"{where}.again", "每次改派都重新起算，改派会换来时间")
        if not set(one.stops) & STOPPERS[one.clock]:
            yield Finding("error", f"{where}.stops", f"没有操作能停下“{CLOCK_NAMES[one.clock]}”计时")
    general = {one.clock for one in held if one.urgency is None and not one.area}
    for clock, severity in NEEDED.items():
        if clock not in general:
            yield Finding(severity, "$.promise", f"没有适用于全部工单的“{CLOCK_NAMES[clock]}”时限")


def wrong_ladder(ladder: Iterable[Rung], promises: Iterable[Promise]) -> Iterator[Finding]:
    """Yield rungs that can never act, and clocks that nothing watches."""
    clocks, watched = {one.clock for one in promises}, set()
    for n, rung in enumerate(ladder):
        watched.add(rung.clock)
        if rung.clock not in clocks:
            yield Finding(
                "warning", f"$.rung[{n}].clock", f"没有“{CLOCK_NAMES[rung.clock]}”时限，“{rung.label}”不会发生"
            )
    for clock in sorted(clocks - watched):
        yield Finding("note", "$.rung", f"“{CLOCK_NAMES[clock]}”时限到期无人提醒")


def wrong_units(units: Iterable[Unit], duty: Iterable[DutyRow], tree: Tree) -> Iterator[Finding]:
    """Yield what is wrong with the units."""
    held = tuple(units)
    used = {code for row in duty for code in (row.unit, *row.helpers)}
    codes, stops = Counter(unit.code for unit in held), Counter(unit.place for unit in held if unit.backstop)
    for unit in held:
        where = f"units.csv[{unit.code}]"
        if unit.place and not _in(tree, unit.place):
            yield Finding("error", f"{where}.place", f"没有编码为“{unit.place}”的地点")
        if unit.backstop and stops[unit.place] > 1:
            yield Finding("warning", f"{where}.backstop", "同一地点有多个兜底单位，由派单员选择")
        if unit.code not in used and not unit.backstop:
            yield Finding("note", where, f"{unit.name}在责任表中没有任何事项")
    yield from (Finding("error", f"units.csv[{code}]", "单位编码重复") for code, times in codes.items() if times > 1)
    if not stops:
        yield Finding("warning", "units.csv", "没有兜底单位，无人承办的事项没有可派的候选")


def wrong_rows(duty: Iterable[DutyRow], units: Collection[str], taxonomy: Taxonomy, tree: Tree) -> Iterator[Finding]:
    """Yield codes that nobody knows, ids used twice, helpers that lead."""
    held = tuple(duty)
    areas, ids = {area.code for area in taxonomy.areas}, Counter(row.id for row in held)
    for row in held:
        where = f"duty.csv[{row.id}]"
        if row.area and row.area not in areas:
            yield Finding("error", f"{where}.area", f"事项表里没有“{row.area}”")
        if row.place and not _in(tree, row.place):
            yield Finding("error", f"{where}.place", f"没有编码为“{row.place}”的地点")
        for code in (row.unit, *row.helpers):
            if code not in units:
                yield Finding("error", f"{where}.unit", f"承办单位“{code}”不在单位表中")
        if row.unit in row.helpers:
            yield Finding("warning", f"{where}.helpers", "主办单位同时列为协办单位")
    yield from (Finding("error", f"duty.csv[{one}]", f"编号出现{times}次") for one, times in ids.items() if times > 1)


def ties(duty: Iterable[DutyRow]) -> Iterator[Finding]:
    """Yield rows equally specific, valid at the same time, that name different units: a person will have to decide."""
    groups: dict[tuple[str, str], list[DutyRow]] = {}
    for row in duty:
        groups.setdefault((row.area, row.place), []).append(row)
    for rows in groups.values():
        for n, one in enumerate(rows):
            for two in rows[n + 1 :]:
                if one.unit != two.unit and _meet(one, two):
                    message = f"{one.id}指向{one.unit}，{two.id}指向{two.unit}，同样具体，每次须由派单员裁定"
                    yield Finding("warning", f"duty.csv[{one.id}]", message)


def crossings(duty: Iterable[DutyRow], taxonomy: Taxonomy, tree: Tree) -> Iterator[Finding]:
    """Yield pairs where one row has the narrower area and the other the narrower place; the narrower area will win."""
    held = [row for row in duty if _known(row, taxonomy, tree)]
    by_place: dict[str, list[DutyRow]] = {}
    for row in held:
        by_place.setdefault(row.place, []).append(row)
    for here in held:
        if not here.place:
            continue
        for place in [*(one.code for one in tree.chain(here.place)[1:]), ""]:
            for wide in by_place.get(place, ()):
                if wide.unit != here.unit and _below(wide.area, here.area, taxonomy) and _meet(wide, here):
                    message = (
                        f"与{here.id}交叉：{wide.id}事项更细，{here.id}地点更细；按事项更细的{wide.id}派给{wide.unit}"
                    )
                    yield Finding("note", f"duty.csv[{wide.id}]", message)


def gaps(duty: Iterable[DutyRow], taxonomy: Taxonomy, tree: Tree, on: date | None) -> Iterator[Finding]:
    """Yield the areas without children that no row covers everywhere; with `on`, by the rows valid on that day."""
    rows = [row for row in duty if on is None or row.valid(on)]
    places: dict[str, set[str]] = {}
    for row in rows:
        places.setdefault(row.area, set()).add(row.place)
    for leaf in taxonomy.leaves():
        covered = set[str]().union(*(places.get(code, ()) for code in _path(leaf.code, taxonomy)))
        if not covered:
            yield Finding("warning", f"areas.csv[{leaf.code}]", f"“{taxonomy.label(leaf.code)}”没有承办单位")
        elif "" not in covered:
            bare = list(_bare(None, covered, tree))
            if bare:
                where = "、".join(bare[:3]) + (f"等{len(bare)}处" if len(bare) > 3 else "")
                message = f"“{taxonomy.label(leaf.code)}”在{where}没有承办单位"
                yield Finding("warning", f"areas.csv[{leaf.code}]", message)


STOPPERS: dict[str, frozenset[str]] = {
    "dispatch": frozenset({"route", "settle", "join"}),
    "sign": frozenset({"sign"}),
    "contact": frozenset({"report", "answer", "note"}),
    "progress": frozenset({"report", "answer"}),
    "result": frozenset({"answer"}),
}
NEEDED: dict[str, Literal["error", "warning"]] = {
    "result": "error",
    "progress": "warning",
    "sign": "warning",
    "dispatch": "warning",
}


def _bare(code: str | None, covered: set[str], tree: Tree) -> Iterator[str]:
    """Yield the names of the highest places below `code` in which nothing is covered, or not all."""
    for place in tree.children(code):
        if place.code in covered:
            continue
        children = tree.children(place.code)
        if children and _touched(place.code, covered, tree):
            yield from _bare(place.code, covered, tree)
        else:
            yield place.name


def _touched(code: str, covered: set[str], tree: Tree) -> bool:
    return any(_in(tree, one) and any(up.code == code for up in tree.chain(one)) for one in covered)


def _path(code: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    return (*(area.code for area in taxonomy.path(code)), "")


def _below(narrow: str, wide: str, taxonomy: Taxonomy) -> bool:
    return bool(narrow) and wide in _path(narrow, taxonomy)[1:]


def _known(row: DutyRow, taxonomy: Taxonomy, tree: Tree) -> bool:
    return (not row.area or any(row.area == area.code for area in taxonomy.areas)) and (
        not row.place or _in(tree, row.place)
    )


def _meet(one: DutyRow, two: DutyRow) -> bool:
    """Return whether both rows are valid on some day."""
    since = max(one.since or date.min, two.since or date.min)
    return since <= min(one.until or date.max, two.until or date.max)


def _in(tree: Tree, code: str) -> bool:
    return code in tree
