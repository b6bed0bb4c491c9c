"""`Facts`: what a history line knows beside its words, from which clocks and figures are recounted."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec
import sqlalchemy as sa

from hotline.store.columns import col
from hotline.store.tickets import Entry


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The facts of one line.  None is a fact that nobody stated, and stands in no row.

    unit, helpers, area, urgency  as the move made them;  by  the mover's unit;  renamed  former code -> its heir
    days, extended, limit, since, unsampled, replan  what `dispatch.clocks.Event` calls so; `since` in ISO 8601
    guess, sure ("yes", "no"), model, usual  what was foretold of a new ticket
    owner     whose it is in the words of who returned it;  until, ground  what a request asks for beside days
    outcome, contacted, precheck  a result handed in: what it came to, and what was noticed of its words
    giver, taker, asked_by  whose it was, whose it is, who asked for it;  left  the grid it left
    reason    why a unit was called to the spot;  rated, helped  the grid's word on that unit
    shown     the caller's number was shown to the mover;  agreed  the caller agreed to be known
    """

    unit: str | None = None
    helpers: tuple[str, ...] | None = None
    area: str | None = None
    urgency: str | None = None
    by: str | None = None
    renamed: dict[str, str] | None = None
    days: int | None = None
    extended: bool | None = None
    limit: int | None = None
    since: str | None = None
    unsampled: bool | None = None
    replan: bool | None = None
    guess: str | None = None
    sure: str | None = None
    model: str | None = None
    usual: str | None = None
    owner: str | None = None
    until: str | None = None
    ground: str | None = None
    outcome: str | None = None
    contacted: bool | None = None
    precheck: list[dict[str, str]] | None = None
    giver: str | None = msgspec.field(default=None, name="from")
    taker: str | None = msgspec.field(default=None, name="to")
    asked_by: str | None = None
    left: str | None = None
    reason: str | None = None
    rated: str | None = None
    helped: bool | None = None
    shown: bool | None = None
    agreed: bool | None = None


NONE = Facts()


def of(stored: Mapping[str, Any]) -> Facts:
    """Return the facts of a line as it is stored; what is no fact of ours is passed over."""
    return msgspec.convert(stored, Facts)


def stored(facts: Facts) -> dict[str, Any]:
    """Return the facts as a row keeps them and the history's chain hashes them."""
    return cast("dict[str, Any]", msgspec.to_builtins(facts))


def text(fact: str | None) -> sa.ColumnElement[str]:
    """Return a fact of a line in a statement: `text(Facts.guess)`."""
    found: sa.ColumnElement[str] = col(Entry.facts)[cast(Any, fact).__name__].as_string()
    return found
