"""The rule of contact (联系诉求人): whether handlers see the caller's number or call through the switchboard."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from dispatch.roles import Role

HANDLERS = frozenset({Role.UNIT, Role.GRID_LEADER})


class ContactRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[contact] in `city.toml`: how units and grid leaders reach a caller.  The desk itself always sees the number.

    how      reveal: the number, for a reason, with a line in the history; bridge: the switchboard's number and a code
    tel      of the switchboard;  minutes  a code can be dialled
    lookups_alarm, lookups_most  different callers' numbers one person of the desk looks up in an hour before the
             supervisors are told, and before no more are found
    """

    how: Literal["reveal", "bridge"] = "reveal"
    tel: Annotated[str, msgspec.Meta(max_length=24, pattern=r"^[0-9\- ]*$")] = ""
    minutes: Annotated[int, msgspec.Meta(ge=1, le=120)] = 10
    lookups_alarm: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 40
    lookups_most: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 120
    source: str = ""


def bridged(rules: ContactRules, role: Role) -> bool:
    """Say whether this role calls through the switchboard and does not see the number."""
    return rules.how == "bridge" and role in HANDLERS
