"""Area x place -> the unit that must act, by the duty table alone; what the table does not settle, a person does.

Sources: 《民生问题办理责任分解表》 of the hotline office; DB11/T 2021-2022 (without a clear owner the place's own unit
is the backstop, 属地兜底).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from classifiers.taxonomy import Taxonomy
from dispatch.duty import Candidate, DutyRow, Unit
from dispatch.errors import BadRule, NoRoute
from grids.tree import Tree

__all__ = ["Candidate", "DutyRow", "Route", "Router", "Unit", "route"]

MOST = 3


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """The unit (its code) that follows from one row; `candidates` are it and up to two less specific alternatives."""

    unit: str
    helpers: tuple[str, ...]
    row: DutyRow
    why: str
    candidates: tuple[Candidate, ...]


class Router:
    """One edition's duty table, indexed once; safe to share.

    raises BadRule where a row names a unit that does not exist: a rule that errs stops the set-up
    """

    def __init__(self, duty: Iterable[DutyRow], units: Iterable[Unit], taxonomy: Taxonomy, tree: Tree) -> None:
        self._units = {unit.code: unit for unit in units}
        self._backstops: dict[str, list[Unit]] = {}
        for unit in self._units.values():
            if unit.backstop:
                self._backstops.setdefault(unit.place, []).append(unit)
        self._rows: dict[tuple[str, str], list[DutyRow]] = {}
        for row in duty:
            for code in (row.unit, *row.helpers):
                if code not in self._units:
                    raise BadRule(f"duty.csv[{row.id}]", f"承办单位“{code}”不在单位表中")
            self._rows.setdefault((row.area, row.place), []).append(row)
        self._taxonomy, self._tree = taxonomy, tree

    def route(self, *, area: str | None, place: str | None, on: date) -> Route:
        """Return the unit for a matter of `area` at `place` on day `on` (dispatch, in the city's zone).

        The most specific row wins: first the narrower area, then the narrower place.  Rows equally specific that name
        different units are a dispute the table has not settled.
        raises  NoRoute (gap or tie) with up to three candidates; UnknownArea, NoSuchGrid on codes of another edition
        """
        if area is None:
            raise NoRoute("事项未定，无法按责任表派单，请派单员确定", self._backstop(place))
        ranked = list(self._ranked(area, place, on))
        if not ranked:
            raise NoRoute(self._gap(area, place, on), self._backstop(place))
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

    def _ranked(self, area: str, place: str | None, on: date) -> Iterator[list[DutyRow]]:
        """Yield the valid rows of each pair (area, place) that covers the matter, the most specific pair first."""
        areas = [*(one.code for one in self._taxonomy.path(area)), ""]
        places = [*(one.code for one in self._tree.chain(place)), ""] if place else [""]
        for pair in ((one, two) for one in areas for two in places):
            rows = [row for row in self._rows.get(pair, ()) if row.valid(on)]
            if rows:
                yield sorted(rows, key=lambda row: (-row.support, row.id))

    def _named(self, rows: Iterable[DutyRow]) -> tuple[Candidate, ...]:
        """Return the first row of each unit, at most three."""
        found: dict[str, DutyRow] = {}
        for row in rows:
            found.setdefault(row.unit, row)
        return tuple(Candidate(unit, row, self._row_text(row)) for unit, row in list(found.items())[:MOST])

    def _backstop(self, place: str | None) -> tuple[Candidate, ...]:
        """Return who takes what nobody owns: of the narrowest place that names one."""
        for code in [*(one.code for one in self._tree.chain(place)), ""] if place else [""]:
            units = self._backstops.get(code)
            if units:
                where = self._tree.get(code).name if code else "本级"
                why = f"责任表无对应承办单位，按属地兜底可派{where}兜底单位"
                return tuple(Candidate(unit.code, None, why + unit.name) for unit in units[:MOST])
        return ()

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
        extra = [f"依据：{row.basis}"] if row.basis else []
        extra += [f"历史派单{row.support}件"] if row.support else []
        return f"责任表{row.id}：事项“{area}”{place}由{self._units[row.unit].name}承办" + (
            f"（{'，'.join(extra)}）" if extra else ""
        )

    def _gap(self, area: str, place: str | None, on: date) -> str:
        where = f"在{self._tree.get(place).name}" if place else "（地点未定）"
        said = f"责任表中“{self._taxonomy.label(area)}”{where}没有承办单位，请派单员确定"
        past = [
            row.id
            for code in (*(one.code for one in self._taxonomy.path(area)), "")
            for (key, _), rows in self._rows.items()
            if key == code
            for row in rows
            if not row.valid(on)
        ]
        return said + (f"；{'、'.join(past[:MOST])}不在有效期内" if past else "")

    def _tie(self, rows: list[DutyRow]) -> str:
        units = "、".join(dict.fromkeys(self._units[row.unit].name for row in rows))
        ids = "、".join(row.id for row in rows)
        return f"责任表{ids}同样具体，分别指向{units}，须由派单员裁定"


def route(
    duty: Iterable[DutyRow],
    units: Iterable[Unit],
    taxonomy: Taxonomy,
    tree: Tree,
    *,
    area: str | None,
    place: str | None,
    on: date,
) -> Route:
    """Return the route of one matter; for many build one `Router`.  raises as `Router` and `Router.route` do"""
    return Router(duty, units, taxonomy, tree).route(area=area, place=place, on=on)
