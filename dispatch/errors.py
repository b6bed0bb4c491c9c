"""Errors of the city's rules: an illegal move, the wrong person, no route, a wrong rule file.

`code` is for machines, `str()` for people, facts are attributes.
"""

from __future__ import annotations

from typing import ClassVar

from dispatch.duty import Candidate
from grids.messages import HouseError, Message


class RuleBroken(HouseError):
    """A rule of the city refuses this."""

    code: ClassVar[str] = "rule_broken"


class IllegalMove(RuleBroken):
    """The move does not exist, or not from this state.  `move` and `state` are names, never labels."""

    code = "illegal_move"

    def __init__(
        self, move: str, state: str, *, move_label: str = "", state_label: str = "", because: Message | None = None
    ) -> None:
        super().__init__(
            Message(
                "%(reason)s，不能“%(move)s”",
                reason=because or Message("工单处于“%(state)s”", state=Message(state_label or state)),
                move=Message(move_label or move),
            )
        )
        self.move, self.state = move, state


class NotYours(RuleBroken):
    """Somebody else may do this, the asker may not."""

    code = "not_yours"

    def __init__(self, message: Message, *, move: str = "", role: str = "") -> None:
        super().__init__(message)
        self.move, self.role = move, role


class NoRoute(RuleBroken):
    """No single unit follows from the duty table: a person decides among `candidates` (at most three)."""

    code = "no_route"

    def __init__(self, why: Message, candidates: tuple[Candidate, ...] = ()) -> None:
        super().__init__(why)
        self.why, self.candidates = why, candidates


class BadRule(RuleBroken):
    """A rule file says something it may not.  `path` is where: `$.promise[2].dayz`, `duty.csv:7.unit`."""

    code = "bad_rule"

    def __init__(self, path: str, message: Message) -> None:
        super().__init__(Message("%(path)s：%(message)s", path=path, message=message))
        self.path, self.message = path, message
