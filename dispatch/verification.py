"""Verification (核查): which matters that the grid says it put right on the spot somebody else goes and looks at."""

from __future__ import annotations

from typing import Annotated

import msgspec

from dispatch.callbacks import draw


class VerifyRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[verify] in `city.toml`.  share: of them, 0 to 1, drawn by their numbers;  key: of the draw, kept from leaders"""

    share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.2
    key: str = ""
    source: str = ""


class Drawn(msgspec.Struct, frozen=True):
    """Whether it is looked at, and why (not)."""

    look: bool
    why: str


def drawn(rules: VerifyRules, number: str) -> Drawn:
    """Return whether this one is looked at; the same ticket always gets the same answer."""
    share = f"{rules.share:.0%}"
    if draw(rules.key, number) < rules.share:
        return Drawn(True, f"当场处理的事项按{share}抽样核查，抽中，由他人到现场核查")
    return Drawn(False, f"当场处理的事项按{share}抽样核查，未抽中")
