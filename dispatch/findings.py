"""`Finding`, and the checks of the duty table: gaps, ties, rows that never win, unknown codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import combinations
from typing import Literal

import msgspec

from classifiers.taxonomy import Taxonomy
from dispatch.calendar import Calendar, ending
from dispatch.conditions import ALWAYS, covered, in_season, in_words, narrower, together
from dispatch.deadlines import CLOCK_NAMES, Clock, DeadlineRule, limit_text
from dispatch.duty import DutyRow, Unit
from dispatch.escalation import Rung
from dispatch.lifecycle import Move
from grids.messages import Message
from grids.tree import Tree


class Finding(msgspec.Struct, frozen=True):
    """Something to look at.  An error stops activation, a warning asks a person, a note tells."""

    severity: Literal["error", "warning", "note"]
    where: str
    message: Message


def wrong_promises(promises: Iterable[DeadlineRule], taxonomy: Taxonomy) -> Iterator[Finding]:
    """Yield what is wrong with the promises."""
    held = tuple(promises)
    known = {area.code for area in taxonomy.areas}
    keys = Counter(_sameness(one) for one in held)
    for n, one in enumerate(held):
        where = f"$.promise[{n}]"
        if keys[_sameness(one)] > 1:
            yield Finding("error", where, Message("“%(limit)s”与另一条同样具体，只能保留一条", limit=limit_text(one)))
        if one.area and one.area not in known:
            yield Finding("error", f"{where}.area", Message("事项表里没有“%(area)s”", area=one.area))
        if one.clock in ("progress", "result") and one.after == Move.SIGN:
            yield Finding(
                "error", f"{where}.after", Message("从签收起算，不签收就不计时；动态和结果须从首次派单（route）起算")
            )
        if one.owner == "citizen" and one.again and one.after == Move.ROUTE:
            yield Finding("warning", f"{where}.again", Message("每次改派都重新起算，改派会换来时间"))
        if not set(one.stops) & STOPPERS[one.clock]:
            yield Finding(
                "error",
                f"{where}.stops",
                Message("没有操作能停下“%(clock)s”计时", clock=Message(CLOCK_NAMES[one.clock])),
            )
    general = {one.clock for one in held if one.urgency is None and not one.area}
    for clock, severity in NEEDED.items():
        if clock not in general:
            yield Finding(
                severity, "$.promise", Message("没有适用于全部工单的“%(clock)s”时限", clock=Message(CLOCK_NAMES[clock]))
            )


def wrong_ladder(ladder: Iterable[Rung], promises: Iterable[DeadlineRule]) -> Iterator[Finding]:
    """Yield rungs that can never act, and clocks that nothing watches."""
    clocks, watched = {one.clock for one in promises}, set()
    for n, rung in enumerate(ladder):
        watched.add(rung.clock)
        if rung.clock not in clocks:
            yield Finding(
                "warning",
                f"$.rung[{n}].clock",
                Message(
                    "没有“%(clock)s”时限，“%(label)s”不会发生", clock=Message(CLOCK_NAMES[rung.clock]), label=rung.label
                ),
            )
    for clock in sorted(clocks - watched):
        yield Finding("note", "$.rung", Message("“%(clock)s”时限到期无人提醒", clock=Message(CLOCK_NAMES[clock])))


def wrong_units(units: Iterable[Unit], duty: Iterable[DutyRow], tree: Tree) -> Iterator[Finding]:
    """Yield what is wrong with the units."""
    held = tuple(units)
    used = {code for row in duty for code in (row.unit, *row.helpers)}
    codes, stops = Counter(unit.code for unit in held), Counter(unit.place for unit in held if unit.backstop)
    for unit in held:
        where = f"units.csv[{unit.code}]"
        if unit.place and not _in(tree, unit.place):
            yield Finding("error", f"{where}.place", Message("没有编码为“%(place)s”的地点", place=unit.place))
        if unit.backstop and stops[unit.place] > 1:
            yield Finding("warning", f"{where}.backstop", Message("同一地点有多个兜底单位，由派单员选择"))
        if unit.code not in used and not unit.backstop:
            yield Finding("note", where, Message("%(name)s在责任表中没有任何事项", name=unit.name))
    yield from (
        Finding("error", f"units.csv[{code}]", Message("单位编码重复")) for code, times in codes.items() if times > 1
    )
    if not stops:
        yield Finding("warning", "units.csv", Message("没有兜底单位，无人承办的事项没有可派的候选"))


def units_without_people(units: Iterable[Unit], staffed: Collection[str]) -> Iterator[Finding]:
    """Yield the units for which nobody works: what they are given, nobody signs for.  staffed: codes with a post"""
    for unit in units:
        if unit.code not in staffed:
            yield Finding(
                "warning",
                f"units.csv[{unit.code}]",
                Message("%(name)s没有在岗人员，派给它的工单无人签收", name=unit.name),
            )


def wrong_heirs(units: Iterable[Unit]) -> Iterator[Finding]:
    """Yield former codes (`formerly`) of which nobody could say to whom their tickets pass."""
    held = tuple(units)
    codes, claims = {unit.code for unit in held}, Counter(code for unit in held for code in set(unit.formerly))
    for unit in held:
        where = f"units.csv[{unit.code}].formerly"
        for code in dict.fromkeys(unit.formerly):
            if code in codes:
                yield Finding(
                    "error",
                    where,
                    Message("原编码“%(code)s”仍在单位表中，不能同时写作%(name)s的原编码", code=code, name=unit.name),
                )
            elif claims[code] > 1:
                yield Finding(
                    "error",
                    where,
                    Message(
                        "原编码“%(code)s”被%(claims)s个单位写为原编码，在办工单不知转给谁",
                        code=code,
                        claims=claims[code],
                    ),
                )


def wrong_rows(duty: Iterable[DutyRow], units: Collection[str], taxonomy: Taxonomy, tree: Tree) -> Iterator[Finding]:
    """Yield codes that nobody knows, ids used twice, helpers that lead, seasons that never come."""
    held = tuple(duty)
    areas, ids = {area.code for area in taxonomy.areas}, Counter(row.id for row in held)
    for row in held:
        where = f"duty.csv[{row.id}]"
        if row.area and row.area not in areas:
            yield Finding("error", f"{where}.area", Message("事项表里没有“%(area)s”", area=row.area))
        if row.place and not _in(tree, row.place):
            yield Finding("error", f"{where}.place", Message("没有编码为“%(place)s”的地点", place=row.place))
        for code in (row.unit, *row.helpers):
            if code not in units:
                yield Finding("error", f"{where}.unit", Message("承办单位“%(code)s”不在单位表中", code=code))
        if row.unit in row.helpers:
            yield Finding("warning", f"{where}.helpers", Message("主办单位同时列为协办单位"))
        if not _occurs(row):
            message = Message(
                "有效期%(since)s至%(until)s内没有“%(text)s”的日子，条件永远不会成立",
                since=row.since,
                until=row.until,
                text=in_words(row.when),
            )
            yield Finding("error", f"{where}.season", message)
    yield from (
        Finding("error", f"duty.csv[{one}]", Message("编号出现%(times)s次", times=times))
        for one, times in ids.items()
        if times > 1
    )


def ties(duty: Iterable[DutyRow]) -> Iterator[Finding]:
    """Yield rows equally specific that can hold for one matter and name different units: a person will have to decide.

    Of two conditions one of which implies the other the narrower wins: that is no tie.
    """
    for rows in _by_pair(duty).values():
        for one, two in combinations(rows, 2):
            if one.unit != two.unit and _meet(one, two) and not _ordered(one, two):
                message = _tie(one, two)
                yield Finding("warning", f"duty.csv[{one.id}]", message)


def _tie(one: DutyRow, two: DutyRow) -> Message:
    given = {"one": one.id, "unit": one.unit, "two": two.id, "other": two.unit}
    if one.when == two.when:
        return Message("%(one)s指向%(unit)s，%(two)s指向%(other)s，同样具体，每次须由派单员裁定", **given)
    both = Message("条件（%(one)s）和（%(two)s）可能同时成立", one=in_words(one.when), two=in_words(two.when))
    return Message(
        "%(one)s指向%(unit)s，%(two)s指向%(other)s，%(both)s，同样具体，每次须由派单员裁定", both=both, **given
    )


def unreachable(duty: Iterable[DutyRow], taxonomy: Taxonomy, tree: Tree, on: date | None) -> Iterator[Finding]:
    """Yield the rows that can never win: over before day `on`, said twice, or always behind a more specific row.

    A row of an area or place that has parts is still reached: by matters of which no more is known.
    """
    held = _known(duty, taxonomy, tree)
    pairs, roots = _by_pair(held), [area.code for area in taxonomy.areas if area.parent is None]
    for row in held:
        where = f"duty.csv[{row.id}]"
        if on and row.until and row.until < on:
            yield Finding("note", where, Message("已于%(until)s失效，不会再用到", until=row.until))
            continue
        rivals = [one for one in pairs[row.area, row.place] if one is not row and _outlasts(one, row, on)]
        for one in rivals:
            if (one.unit, one.when) == (row.unit, row.when) and (-one.support, one.id) < (-row.support, row.id):
                yield Finding(
                    "warning", where, Message("与%(id)s的事项、地点、条件和单位都相同，总是用%(id)s", id=one.id)
                )
                break
        ahead = [one for one in rivals if narrower(one.when, row.when)]
        if not covered(row.when, [one.when for one in ahead]) and not row.area and roots:
            ahead = _ahead_everywhere(row, roots, pairs, tree, on)
        if covered(row.when, [one.when for one in ahead]):
            first = tuple(one.id for one in ahead[:3])
            ids = Message("%(ids)s等%(n)s行", ids=first, n=len(ahead)) if len(ahead) > 3 else first
            yield Finding("warning", where, Message("总有更具体的%(ids)s先适用，永远轮不到这一行", ids=ids))


def crossings(duty: Iterable[DutyRow], taxonomy: Taxonomy, tree: Tree) -> Iterator[Finding]:
    """Yield pairs where one row has the narrower area and the other the narrower place; the narrower area will win."""
    held = _known(duty, taxonomy, tree)
    below: dict[tuple[str, str], list[DutyRow]] = {}  # place, area -> rows of that place for a part of the area
    for row in held:
        for code in _path(row.area, taxonomy)[1:] if row.area else ():
            below.setdefault((row.place, code), []).append(row)
    for here in held:
        if not here.place:
            continue
        for place in [*(one.code for one in tree.chain(here.place)[1:]), ""]:
            for wide in below.get((place, here.area), ()):
                if wide.unit != here.unit and _meet(wide, here):
                    message = Message(
                        "与%(place)s交叉：%(area)s事项更细，%(place)s地点更细；按事项更细的%(area)s派给%(unit)s",
                        place=here.id,
                        area=wide.id,
                        unit=wide.unit,
                    )
                    yield Finding("note", f"duty.csv[{wide.id}]", message)


def gaps(duty: Iterable[DutyRow], taxonomy: Taxonomy, tree: Tree, on: date | None) -> Iterator[Finding]:
    """Yield the areas without children that no row covers everywhere and always; with `on`, by the rows of that day."""
    rows: dict[str, list[DutyRow]] = {}
    for row in duty:
        if on is None or row.valid(on):
            rows.setdefault(row.area, []).append(row)
    for leaf in taxonomy.leaves():
        places: dict[str, list[DutyRow]] = {}
        for row in (row for code in _path(leaf.code, taxonomy) for row in rows.get(code, ())):
            places.setdefault(row.place, []).append(row)
        full = {place for place, held in places.items() if covered(ALWAYS, [row.when for row in held])}
        where, name = f"areas.csv[{leaf.code}]", taxonomy.label(leaf.code)
        if not places:
            yield Finding("warning", where, Message("“%(name)s”没有承办单位", name=name))
        elif not full:
            ids = tuple(sorted(row.id for held in places.values() for row in held)[:3])
            yield Finding(
                "warning",
                where,
                Message("“%(name)s”只在一定条件下有承办单位（%(ids)s），其余时候没有", name=name, ids=ids),
            )
        elif "" not in full and (bare := list(_bare(None, full, tree))):
            first = tuple(bare[:3])
            names = Message("%(names)s等%(n)s处", names=first, n=len(bare)) if len(bare) > 3 else first
            yield Finding("warning", where, Message("“%(name)s”在%(names)s没有承办单位", name=name, names=names))


def unpublished(calendar: Calendar, on: date | None) -> Iterator[Finding]:
    """Yield that the calendar's published holidays end soon after day `on`, or have ended (`calendar.ending`)."""
    said = ending(calendar, on) if on is not None else None
    if said:
        yield Finding(
            "warning", "calendar.toml", Message("%(text)s；放假安排公布后用 hotline calendar import 写入", text=said)
        )


STOPPERS: dict[Clock, frozenset[Move]] = {
    "dispatch": frozenset({Move.ROUTE, Move.SETTLE, Move.JOIN}),
    "sign": frozenset({Move.SIGN, Move.DEFAULT_SIGN}),
    "contact": frozenset({Move.REPORT, Move.ANSWER, Move.NOTE}),
    "progress": frozenset({Move.REPORT, Move.ANSWER}),
    "result": frozenset({Move.ANSWER}),
    "hold": frozenset({Move.ANSWER}),
    "help": frozenset({Move.HELP_ANSWER}),
    "whistle": frozenset({Move.HELP_ANSWER}),
    "supply": frozenset({Move.SUPPLY, Move.RESUME}),
    "ruling": frozenset({Move.RULE}),
    "approval": frozenset({Move.EXTEND, Move.DENY_EXTENSION}),
    "review": frozenset({Move.REVIEW, Move.RESUME}),
    "check": frozenset({Move.PASS}),
    "callback": frozenset({Move.CLOSE, Move.REDO}),
}
NEEDED: dict[Clock, Literal["error", "warning"]] = {
    "result": "error",
    "progress": "warning",
    "sign": "warning",
    "dispatch": "warning",
    "hold": "warning",
    "callback": "warning",
    "ruling": "warning",
    "review": "warning",
}


def _sameness(rule: DeadlineRule) -> tuple[object, ...]:
    """Return what makes two promises equally specific for the same moment."""
    return rule.clock, rule.after, rule.urgency, rule.area, rule.level, rule.only


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


def _known(duty: Iterable[DutyRow], taxonomy: Taxonomy, tree: Tree) -> list[DutyRow]:
    """Return the rows whose area and place exist."""
    areas = {"", *(area.code for area in taxonomy.areas)}
    return [row for row in duty if row.area in areas and (not row.place or _in(tree, row.place))]


def _by_pair(duty: Iterable[DutyRow]) -> dict[tuple[str, str], list[DutyRow]]:
    found: dict[tuple[str, str], list[DutyRow]] = {}
    for row in duty:
        found.setdefault((row.area, row.place), []).append(row)
    return found


def _ahead_everywhere(
    row: DutyRow, roots: Collection[str], pairs: Mapping[tuple[str, str], list[DutyRow]], tree: Tree, on: date | None
) -> list[DutyRow]:
    """Return the rows that take every area from a row of all areas; none where one area is left to it."""
    places = [*(one.code for one in tree.chain(row.place)), ""] if row.place else [""]
    found: list[DutyRow] = []
    for root in roots:
        held = [one for place in places for one in pairs.get((root, place), ()) if _outlasts(one, row, on)]
        if not covered(row.when, [one.when for one in held]):
            return []
        found += held
    return found


def _ordered(one: DutyRow, two: DutyRow) -> bool:
    """Return whether the condition of one row comes before the other's."""
    return narrower(one.when, two.when) or narrower(two.when, one.when)


def _occurs(row: DutyRow) -> bool:
    """Return whether the season of a row comes while it is in force.  29 February may be eight years away."""
    if not row.when.season or row.since is None or row.until is None:
        return True
    days = min((row.until - row.since).days, 8 * 366)
    return any(in_season(row.when.season, f"{row.since + timedelta(days=n):%m-%d}") for n in range(days + 1))


def _outlasts(one: DutyRow, two: DutyRow, on: date | None) -> bool:
    """Return whether `one` is in force whenever `two` is, from day `on`."""
    since = max(two.since or date.min, on or date.min)
    return (one.since or date.min) <= since and (two.until or date.max) <= (one.until or date.max)


def _meet(one: DutyRow, two: DutyRow) -> bool:
    """Return whether both rows hold for some matter on some day."""
    since = max(one.since or date.min, two.since or date.min)
    return since <= min(one.until or date.max, two.until or date.max) and together(one.when, two.when)


def _in(tree: Tree, code: str) -> bool:
    return code in tree
