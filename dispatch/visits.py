"""Visits and errands (走访、代办): what a grid leader may note down, by the city's list.  Nothing is counted."""

from __future__ import annotations

from typing import Annotated

import msgspec

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]


class VisitKind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind.  errand: something is done for a resident (代办), who may be named; a visit names nobody"""

    code: Word
    label: Word
    errand: bool = False


class VisitRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[[visit.kind]] in `city.toml`.  Without kinds there is no such page."""

    kind: tuple[VisitKind, ...] = ()
    source: str = ""

    def of(self, code: str) -> VisitKind | None:
        """Return the kind of this code."""
        return next((one for one in self.kind if one.code == code), None)
