"""What kind of request a text is, how urgent, and which watch lists it touches: by the city's own word lists.

Rules of words, not learned: a life in danger must be seen on the first day, and each answer names its words.
"""

import msgspec

from classifiers.text import normalise


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name and the words that speak for it; a word inside one of `unless` says nothing ("不建议" is no 建议)."""

    name: str
    words: tuple[str, ...]
    unless: tuple[str, ...] = ()


class SignalLists(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The city's lists.

    kinds     咨询, 求助 ...: most different words win, then the order of the list; `other` if none speaks
    urgency   from the gravest down: the first with any word counts, for missing one costs more than asking twice
    watch     every list with any word is a tag
    """

    kinds: tuple[Words, ...] = ()
    other: str = "其他"
    urgency: tuple[Words, ...] = ()
    watch: tuple[Words, ...] = ()


class Signal(msgspec.Struct, frozen=True):
    """A name, and the words of the text that decided it."""

    name: str
    words: tuple[str, ...] = ()


class Signals(msgspec.Struct, frozen=True, kw_only=True):
    """`urgency` is "" where nothing speaks for any."""

    kind: Signal
    urgency: Signal
    tags: tuple[Signal, ...]


def read(text: str, title: str, lists: SignalLists) -> Signals:
    """Return what the lists say of a text."""
    plain = normalise(f"{title}\n{text}")
    kinds = [Signal(one.name, _heard(plain, one)) for one in lists.kinds]
    grave = [Signal(one.name, _heard(plain, one)) for one in lists.urgency]
    tags = [Signal(one.name, _heard(plain, one)) for one in lists.watch]
    kind = max(kinds, key=lambda one: len(one.words), default=Signal(lists.other))
    return Signals(
        kind=kind if kind.words else Signal(lists.other),
        urgency=next((one for one in grave if one.words), Signal("")),
        tags=tuple(one for one in tags if one.words),
    )


def _heard(plain: str, rule: Words) -> tuple[str, ...]:
    for phrase in rule.unless:
        plain = plain.replace(normalise(phrase), " ")
    return tuple(word for word in rule.words if normalise(word) in plain)
