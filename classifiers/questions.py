"""Builds the one form of text and features that a model is taught with and asked with.

The operators' routing request leaks the answer.  A title made of the text's own beginning (a ticket that came without
one is given its first sentence) would count in what is asked and never in what was learned: it is no title.
"""

from collections.abc import Sequence
from datetime import datetime

from classifiers.duplicates import bare_text
from classifiers.samples import Around
from classifiers.text import strip_routing
from classifiers.units import hours

ROOM = 100  # characters a text may begin with, beside its title's own, that are no letters


def bare(text: str, title: str, phrases: tuple[str, ...]) -> tuple[str, str]:
    """Return text and title freed of routing requests (`phrases`); the title "" where it is none of its own."""
    said, head = strip_routing(text, phrases), strip_routing(title, phrases)
    return said, "" if _begins(text, title) or _begins(said, head) else head


def beside(
    places: Sequence[str],
    source: str,
    at: datetime | None,
    settled: str = "",
    areas: tuple[tuple[str, float], ...] = (),
) -> Around:
    """Return what is known beside the words.

    places  codes from the widest to the narrowest; "" is left out
    at      on the city's clocks
    settled, areas  as in `Around`
    """
    signs = [source] * bool(source) + list(hours(at))
    return Around(settled=settled, areas=areas, places=tuple(filter(None, places)), signs=tuple(signs))


def _begins(text: str, title: str) -> bool:
    return bare_text(text[: len(title) + ROOM]).startswith(bare_text(title))
