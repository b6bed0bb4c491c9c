"""Chooses the unit that must act by the duty table: area x place x condition; what it does not settle, a person does.

The order of the rows that cover a matter, the most specific first:
    1. area       the narrower one, whatever the place;
    2. place      the narrower one, then a place not given ("" = the whole city);
    3. condition  any that holds before none; of two that hold, the one that implies the other (`conditions.narrower`).
Rows that this order leaves side by side and that name different units are a dispute for a person.  The order of the
file, the number of conditions and the support of history never decide between two units.

Sources: 《民生问题办理责任分解表》 of the hotline office; DB11/T 2021-2022 (several units: the first takes the lead,
首接负责; without a clear owner the place's own unit is the backstop, 属地兜底).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

import msgspec

from classifiers.taxonomy import Taxonomy
from dispatch.calendar import DAY, Calendar, works
from dispatch.conditions import Circumstances, in_words, narrower
from dispatch.duty import Candidate, DutyRow, RoutingRules, Unit, holds
from dispatch.errors import BadRule, NoRoute
from grids.messages import Message, chain
from grids.tree import Tree

__all__ = ["Candidate", "DutyRow", "Route", "Router", "Unit"]

MOST_CANDIDATES = 3


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """The unit (its code) that follows from one row; `candidates` are it and up to two less specific alternatives.

    row  None where the backstop was given a matter that no row covers ([routing] backstop = "dispatch")
    """

    unit: str
    helpers: tuple[str, ...]
    row: DutyRow | None
    why: str
    candidates: tuple[Candidate, ...]


class Router:
    """One edition's duty table, indexed once; safe to share.

    calendar  decides what a rest day is; without one no row may ask, and moments are read on the clock they come with
    raises    BadRule where a row names a unit, area or place that does not exist, an id twice, or asks for rest days
              nobody knows: a rule that errs stops the set-up, it is not left out
    """

    def __init__(
        self,
        duty: Iterable[DutyRow],
        units: Iterable[Unit],
        taxonomy: Taxonomy,
        tree: Tree,
        calendar: Calendar | None = None,
        rules: RoutingRules = RoutingRules(),  # noqa: B008 - frozen, like any constant
    ) -> None:
        self._units = {unit.code: unit for unit in units}
        self._taxonomy, self._tree, self._calendar, self._rules = taxonomy, tree, calendar, rules
        self._backstops: dict[str, list[Unit]] = {}
        for unit in self._units.values():
            if unit.backstop:
                self._backstops.setdefault(unit.place, []).append(unit)
        held = sorted(duty, key=lambda row: (-row.support, row.id))
        self._check(held)
        self._rows: dict[tuple[str, str], list[DutyRow]] = {}
        for row in held:
            self._rows.setdefault((row.area, row.place), []).append(row)

    def route(
        self,
        *,
        area: str | None,
        place: str | None,
        on: date,
        at: datetime | None = None,
        text: str = "",
        caller: str = "",
    ) -> Route:
        """Return the unit for a matter of `area` at `place`, in the order told above.

        on      day of the dispatch, in the city's zone: which rows are in force
        at      when the matter came in: hours and season.  What is left out (at, text, caller) meets no condition
        caller  kind of the caller: 个人, 企业 ...
        raises  NoRoute (gap or tie) with up to three candidates; UnknownArea, NoSuchGrid on codes of another edition;
                ValueError on a moment without zone
        """
        if area is None:
            raise NoRoute(Message("事项未定，无法按责任表派单，请派单员确定"), self._backstop(place))
        case = self._case(Circumstances(area=area, place=place, on=on, at=at, text=text, caller_kind=caller))
        ranked = list(self._ranked(case))
        if not ranked:
            return self._uncovered(case)
        first = ranked[0]
        if len({row.unit for row in first}) > 1:
            raise NoRoute(self._tie(first), self._named(first))
        row = first[0]
        below = [row for rows in ranked for row in rows]
        return Route(
            unit=row.unit,
            helpers=row.helpers,
            row=row,
            why=self._why(row, area, place),
            candidates=self._named(below),
        )

    def _check(self, duty: Iterable[DutyRow]) -> None:
        areas, ids = {"", *(area.code for area in self._taxonomy.areas)}, set[str]()
        for row in duty:
            where = f"duty.csv[{row.id}]"
            for code in (row.unit, *row.helpers):
                if code not in self._units:
                    raise BadRule(where, Message("承办单位“%(code)s”不在单位表中", code=code))
            if row.area not in areas:
                raise BadRule(f"{where}.area", Message("事项表里没有“%(area)s”", area=row.area))
            if row.place and row.place not in self._tree:
                raise BadRule(f"{where}.place", Message("没有编码为“%(place)s”的地点", place=row.place))
            if self._calendar is None and any(one.days for one in row.when.hours):
                raise BadRule(f"{where}.hours", Message("没有工作日历，无法判断休息日"))
            if row.id in ids:
                raise BadRule(where, Message("编号“%(id)s”出现不止一次", id=row.id))
            ids.add(row.id)

    def _case(self, case: Circumstances) -> Circumstances:
        """Return the case on the city's clocks, with its kind of day."""
        if case.at is None:
            return case
        if self._calendar is None:
            if case.at.tzinfo is None:
                raise ValueError(f"moment without time zone: {case.at}")
            return case
        at = self._calendar.local(case.at)
        rest, eve = (not works(self._calendar, day) for day in (at.date(), at.date() - DAY))
        return msgspec.structs.replace(case, at=at, rest=rest, eve=eve)

    def _pairs(self, case: Circumstances) -> Iterator[tuple[str, str]]:
        """Yield each pair (area, place) that covers the matter, the most specific first."""
        areas = [*(one.code for one in self._taxonomy.path(case.area)), ""]
        places = [*(one.code for one in self._tree.chain(case.place)), ""] if case.place else [""]
        return ((one, two) for one in areas for two in places)

    def _ranked(self, case: Circumstances) -> Iterator[list[DutyRow]]:
        """Yield the rows that hold, the most specific first; rows of one list are equally specific."""
        for pair in self._pairs(case):
            rows = [row for row in self._rows.get(pair, ()) if holds(row, case)]
            while rows:
                below = [row for row in rows if any(narrower(other.when, row.when) for other in rows)]
                lower = {row.id for row in below}
                yield [row for row in rows if row.id not in lower]
                rows = below

    def _named(self, rows: Iterable[DutyRow]) -> tuple[Candidate, ...]:
        """Return the first row of each unit, at most three."""
        found: dict[str, DutyRow] = {}
        for row in rows:
            found.setdefault(row.unit, row)
        return tuple(Candidate(unit, row, self._row_text(row)) for unit, row in list(found.items())[:MOST_CANDIDATES])

    def _backstop(self, place: str | None) -> tuple[Candidate, ...]:
        """Return who takes what nobody owns: of the narrowest place that names one."""
        for code in [*(one.code for one in self._tree.chain(place)), ""] if place else [""]:
            units = self._backstops.get(code)
            if units:
                where = self._tree.get(code).name if code else "本级"
                why = f"责任表无对应承办单位，按属地兜底可派{where}兜底单位"
                return tuple(Candidate(unit.code, None, why + unit.name) for unit in units[:MOST_CANDIDATES])
        return ()

    def _uncovered(self, case: Circumstances) -> Route:
        """Return the route to the one backstop, where the city says so.  raises NoRoute"""
        found, gap = self._backstop(case.place), self._gap(case)
        if self._rules.backstop != "dispatch" or len(found) != 1:
            raise NoRoute(Message("%(gap)s，请派单员确定%(near)s", gap=gap[0], near=gap[1]), found)
        unit = found[0].unit
        rule = f"city.toml [routing] backstop = dispatch，{self._rules.source}"
        why = f"{gap[0]}{gap[1]}；按属地兜底直接派{self._units[unit].name}（{rule}）"
        return Route(unit=unit, helpers=(), row=None, why=why, candidates=found)

    def _why(self, row: DutyRow, area: str, place: str | None) -> str:
        said = f"按{self._row_text(row)}"
        if row.area != area:
            said += f"；“{self._taxonomy.label(area)}”没有单列，按上级事项办理"
        if row.place and row.place != place:
            said += f"；地点属于{self._tree.get(row.place).name}"
        return said

    def _row_text(self, row: DutyRow) -> str:
        area = self._taxonomy.label(row.area) if row.area else "全部事项"
        place = f"、地点“{self._tree.get(row.place).name}”" if row.place else ""
        when = f"、条件（{told}）" if (told := in_words(row.when)) else ""
        extra = [f"依据：{row.basis}"] if row.basis else []
        extra += [f"曾按会商裁定{row.precedent}办理"] if row.precedent else []
        extra += [f"历史派单{row.support}件"] if row.support and not row.of else []
        extra += [f"历史{row.of}件中{row.support}件由其承办，差错上限{row.bound:.1%}"] if row.support and row.of else []
        return f"责任表{row.id}：事项“{area}”{place}{when}由{self._units[row.unit].name}承办" + (
            f"（{'，'.join(extra)}）" if extra else ""
        )

    def _gap(self, case: Circumstances) -> tuple[Message, str | Message]:
        """Return that nobody owns it, and the rows that nearly do."""
        area = self._taxonomy.label(case.area)
        gap = Message("责任表中“%(area)s”（地点未定）没有承办单位", area=area)
        if case.place:
            place = self._tree.get(case.place).name
            gap = Message("责任表中“%(area)s”在%(place)s没有承办单位", area=area, place=place)
        rows = [row for pair in self._pairs(case) for row in self._rows.get(pair, ())]
        past = [row.id for row in rows if not row.valid(case.on)][:MOST_CANDIDATES]
        unmet = [(row.id, in_words(row.when)) for row in rows if row.valid(case.on)][:MOST_CANDIDATES]
        near = [Message("%(ids)s不在有效期内", ids=tuple(past))] if past else []
        near += [Message("%(id)s只适用于%(when)s", id=id_, when=when) for id_, when in unmet]
        return gap, Message("；%(near)s", near=chain(near)) if near else ""

    def _tie(self, rows: list[DutyRow]) -> Message:
        units = tuple(dict.fromkeys(self._units[row.unit].name for row in rows))
        ids = tuple(row.id for row in rows)
        return Message("责任表%(ids)s同样具体，分别指向%(units)s，须由派单员裁定", ids=ids, units=units)
