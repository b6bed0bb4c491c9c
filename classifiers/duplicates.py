"""The rule for a repeat (重复诉求): whether two tickets are one matter; it would rather miss one than join two matters.

Similarity alone will not do: at a cosine of 0.6 it flags hundreds of pairs for each true one.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from classifiers.text import normalise
from grids.reading import head

_LETTERS = re.compile(r"[^\W_]+")
_QUOTED = re.compile(r"工单(?:编号|号码|号)(?:[::;;,为是“\"'(\[【《 ]|\s){0,4}([A-Z]{0,4}-?\d{8,20})(?![\d.])")
# A ticket number of ours: the city's short code, date, sequence, check character.
_OURS = re.compile(r"(?<![A-Z0-9])[A-Z]{2,4}-?20\d{6}-?\d{3,8}(?:-?[0-9X])?(?![A-Z0-9])")
# Most cities' numbers begin with the date: 14 to 16 digits, too long for a phone and no ID number's beginning.
_DATED = re.compile(r"(?<![\dA-Z-])20[0-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{6,8}(?![\d.])")
_MORE = re.compile(r"\s{0,9}(?:[、,和及;]|以及)\s*(\d{8,20})(?![\d.])")


class Joining(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a repeat joins by itself: `[repeats.join]` of a city.

    caller_days, nearly      the same caller says nearly the same (Dice coefficient of character pairs)
    place_days, long_enough  the very same text of so many characters comes from the very same address; shorter texts
                             ("路灯不亮") are alike by chance
    """

    caller_days: Annotated[int, Meta(ge=0, le=366)] = 15
    place_days: Annotated[int, Meta(ge=0, le=366)] = 7
    nearly: Annotated[float, Meta(ge=0.5, le=1.0)] = 0.85
    long_enough: Annotated[int, Meta(ge=1, le=1000)] = 15

    @property
    def window(self) -> timedelta:
        """How far back any rule looks."""
        return timedelta(days=max(self.caller_days, self.place_days))


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared of a ticket.

    caller   a keyed hash of the phone number, "" if unknown: never the number itself
    at       aware
    area     the code, "" if not yet known
    ref      the upstream platform's number, "" if none
    """

    number: str
    text: str
    address: str
    caller: str
    at: datetime
    area: str = ""
    ref: str = ""


class Match(msgspec.Struct, frozen=True):
    """The older ticket, how alike the texts are (0 to 1), and a sentence for people."""

    number: str
    score: float
    why: str


def same_matter(new: Matter, olds: Sequence[Matter], rules: Joining = Joining()) -> Match | None:  # noqa: B008 - frozen
    """Return the older ticket which `new` repeats, the most alike and then the latest; None if no rule is certain.

    1. the same caller says nearly the same within `caller_days`, or
    2. the very same text, long enough, comes from the very same address within `place_days`;
    never where both areas are known and differ, or a text is empty.
    """
    text = bare_text(new.text)
    pairs = _pairs(text)
    found: list[tuple[float, datetime, Match]] = []
    for old in olds:
        if text and old.number != new.number and not (new.area and old.area and new.area != old.area):
            match = _match(new, old, text, pairs, rules)
            if match is not None:
                found.append((match.score, old.at, match))
    return max(found, key=lambda one: one[:2])[2] if found else None


def quoted_numbers(text: str) -> tuple[str, ...]:
    """Return the ticket numbers a text quotes, in order, each once.

    Behind 工单号, 工单编号 (政府工单号 ...) any 8 to 20 digits, and further numbers listed after it; a number of our
    own form, or 14 to 16 digits which begin with a date, anywhere.  Quoting is not repeating: whether such a ticket
    exists is for the caller to look up.
    """
    plain = unicodedata.normalize("NFKC", head(text)).upper()
    found = [(hit.start(), hit.group()) for form in (_OURS, _DATED) for hit in form.finditer(plain)]
    for hit in _QUOTED.finditer(plain):
        found.append((hit.start(1), hit.group(1)))
        more = _MORE.match(plain, hit.end())
        while more is not None:
            found.append((more.start(1), more.group(1)))
            more = _MORE.match(plain, more.end())
    return tuple(dict.fromkeys(number for _, number in sorted(found)))


def bare_text(text: str) -> str:
    """Return the letters and digits of the normalised text, without what stands between them."""
    return "".join(_LETTERS.findall(normalise(head(text))))


def _match(new: Matter, old: Matter, text: str, pairs: Counter[str], rules: Joining) -> Match | None:
    apart = new.at - old.at
    if apart < timedelta():
        return None
    if new.caller and new.caller == old.caller and apart <= timedelta(days=rules.caller_days):
        score = _dice(pairs, _pairs(bare_text(old.text)))
        if score >= rules.nearly:
            return Match(old.number, score, f"同一来电人{_ago(apart)}反映过几乎相同的内容（相似度 {score:.0%}）")
    place = bare_text(new.address)
    if (
        apart <= timedelta(days=rules.place_days)
        and place
        and place == bare_text(old.address)
        and len(text) >= rules.long_enough
        and text == bare_text(old.text)
    ):
        return Match(old.number, 1.0, f"同一地址{_ago(apart)}有内容完全相同的诉求")
    return None


def _ago(apart: timedelta) -> str:
    return f" {apart.days} 天前" if apart.days else " 24 小时内"


def _pairs(text: str) -> Counter[str]:
    return Counter(text[i : i + 2] for i in range(max(1, len(text) - 1)) if text)


def _dice(a: Counter[str], b: Counter[str]) -> float:
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0
