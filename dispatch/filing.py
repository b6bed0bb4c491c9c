"""Filing (归档): how long after its close a ticket is put away for good.

Long enough that all that may still follow a close has had its time: another rating by the citizen, a redo, an appeal.
What waits for a decision, or broke a commitment, is not put away.  The number is the city's own rule.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import msgspec


class FilingRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The number of the rule, [filing] in `city.toml`.  days: natural days after the close"""

    days: Annotated[int, msgspec.Meta(ge=1)] = 30
    source: str = ""


def closed_until(rules: FilingRules, now: datetime) -> datetime:
    """Return the moment up to which a ticket must have been closed to be put away at `now`."""
    return now - timedelta(days=rules.days)
