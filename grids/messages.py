"""`Message`: a message id and its values, said later in the reader's language; and the base class of all errors.

This floor is the lowest, so every package may speak; only the edge (page, API) knows the catalogues.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import ClassVar


class Message(str):
    """A Chinese sentence that remembers its message id and values.

    As text it is the sentence itself: in a log, on the command line, in a column of the database.  A value is a
    `Message` (said in the reader's language too), a tuple of values (listed), a number, or data (shown as it is).
    """

    __slots__ = ("msgid", "values")
    msgid: str
    values: Mapping[str, object]

    def __new__(cls, msgid: str, /, **values: object) -> Message:
        """Take the Chinese sentence, with `%(name)s` for each value; a `Message` is taken as it is."""
        if isinstance(msgid, Message):
            return msgid
        text = msgid % {name: _chinese(value) for name, value in values.items()} if values else msgid
        made = super().__new__(cls, text)
        made.msgid, made.values = msgid, values
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (self.msgid, dict(self.values))


class HouseError(Exception):
    """The root of every refusal of the house.  `code` is for machines, `sentence` for people."""

    code: ClassVar[str] = "refused"

    def __init__(self, sentence: Message) -> None:
        super().__init__(sentence)
        self.sentence = sentence


NOTHING = Message("")  # no sentence: whoever says it has a better one


def said_by(wrong: Exception) -> Message:
    """Return the sentence an error was raised with; another's own text (a library's) stays as it is."""
    said = wrong.args[0] if wrong.args else ""
    return said if isinstance(said, Message) else Message(str(wrong))


def named(code: str, label: str) -> Message:
    """Return a code with what it is called, both said."""
    return Message("%(code)s（%(label)s）", code=code, label=Message(label))


def chain(sentences: Sequence[Message]) -> Message:
    """Return sentences one after another."""
    return reduce(lambda one, other: Message("%(one)s；%(other)s", one=one, other=other), sentences)


def _chinese(value: object) -> str:
    return "、".join(map(_chinese, value)) if isinstance(value, tuple) else str(value)


def _again(msgid: str, values: dict[str, object]) -> Message:
    return Message(msgid, **values)
