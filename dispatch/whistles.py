"""Whistles (吹哨): a grid leader calls units to the spot; whom, the city's table says, by reason, area and place.

By when they answer is a promise like any other (clock `whistle`, `dispatch.deadlines`); late ones climb the ladder.
Sources: Beijing's 街乡吹哨、部门报到; 国办函〔2026〕12号.  Rated by the grid (基层评部门): units, never persons.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Annotated

import msgspec

from grids.messages import Message

LONGEST_CODE = 24
Name = Annotated[str, msgspec.Meta(min_length=1)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_CODE)]
STREET, COMMUNITY = "@street", "@community"  # the unit that owns the place (属地)
PLACES = {STREET: "street", COMMUNITY: "community"}


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is called for some matters.  Empty fields do not narrow; of those that fit the first decides.

    units  codes, or "@street", "@community" for the unit that owns the place
    area   this area and all below it;  place  this place and all within it
    """

    units: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]
    area: str = ""
    place: str = ""


class Reason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a leader whistles, and who is called for it."""

    code: Code
    label: Name
    target: Annotated[tuple[Target, ...], msgspec.Meta(min_length=1)]


class WhistleRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[whistle] in `city.toml`.  Without a reason nobody can whistle."""

    reason: tuple[Reason, ...] = ()
    source: str = ""

    def of(self, code: str) -> Reason | None:
        """Return the reason of that code."""
        return next((one for one in self.reason if one.code == code), None)


class Called(msgspec.Struct, frozen=True):
    """The units to call, and why these."""

    units: tuple[str, ...]
    why: Message


def called(
    reason: Reason, areas: Sequence[str], places: Mapping[str, str], owners: Mapping[str, str], busy: Collection[str]
) -> Called:
    """Return whom a reason calls to a matter.

    areas   the matter's area and all above it;  places  level -> code;  owners  place -> the unit that owns it
    busy    units that have the ticket already: they are not called to what they hold
    """
    within = set(places.values())
    fits = (one for one in reason.target if one.area in ("", *areas) and (not one.place or one.place in within))
    target = next(fits, None)
    if target is None:
        return Called((), Message("“%(reason)s”没有适用于此事项、此地点的单位，请自己选", reason=reason.label))
    named = (owners.get(places.get(PLACES[one], ""), "") if one in PLACES else one for one in target.units)
    units = tuple(dict.fromkeys(one for one in named if one and one not in busy))
    if not units:
        return Called(units, Message("“%(reason)s”应到的单位已在办理此件", reason=reason.label))
    return Called(units, Message("按吹哨规则“%(reason)s”", reason=reason.label))


def unknown(rules: WhistleRules, units: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield (reason, code) of the targets that are no unit of the city."""
    for reason in rules.reason:
        codes: Iterable[str] = (one for target in reason.target for one in target.units)
        yield from ((reason.code, one) for one in codes if one not in PLACES and one not in units)
