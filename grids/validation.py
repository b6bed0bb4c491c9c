"""Translates what msgspec says of data that does not fit into where it is and a sentence, for files and requests."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce

import msgspec

from grids.messages import Message

_PATH = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`$")
_KINDS = {
    "str": Message("文本"),
    "int": Message("整数"),
    "float": Message("数字"),
    "bool": Message("true 或 false"),
    "object": Message("对象"),
    "array": Message("列表"),
    "null": Message("空值"),
    "datetime": Message("时间"),
}


class Misfit(msgspec.Struct, frozen=True):
    """What does not fit: the path of the place below the root ("" for the root), the field named there, and why."""

    path: str
    field: str
    message: Message
    missing: bool = False  # the field is not there: its place can only be told by what it belongs to
    strange: str = ""  # the value, where it is none of those that may stand there

    @property
    def whole(self) -> str:
        """The path of the field itself: "places[2].name"."""
        return f"{self.path}.{self.field}" if self.path and self.field else self.path or self.field

    @property
    def name(self) -> str:
        """The name of the field of the root: "places"."""
        return re.split(r"[.\[]", self.whole)[0]


def of_file(wrong: msgspec.ValidationError) -> Misfit:
    """Return what does not fit, in the words for who writes the file: what stands there is repeated."""
    return _explained(wrong, 0)


def of_request(wrong: msgspec.ValidationError) -> Misfit:
    """Return what does not fit, in the words for who sent it: no value is repeated."""
    return _explained(wrong, 1)


def _explained(wrong: msgspec.ValidationError, reader: int) -> Misfit:
    text = str(wrong)
    found = _PATH.search(text)
    path, said = (found[1], text[: found.start()]) if found else ("", text)
    own = wrong.__cause__.args[0] if wrong.__cause__ is not None and wrong.__cause__.args else None
    if isinstance(own, Message):  # a value's own check
        return Misfit(path, "", own)
    for pattern, *sentences in _TRANSLATIONS:
        if match := pattern.search(said):
            parts = match.groupdict()
            lacks = parts.get("lacks") or ""
            field = parts.get("field") or lacks
            return Misfit(path, field, sentences[reader](parts), bool(lacks), parts.get("value") or "")
    return Misfit(path, "", Message(said) if reader == 0 else Message("取值无法识别"))


def _kinds(text: str) -> Message:
    kinds = [_KINDS.get(kind.strip(), Message(kind.strip())) for kind in text.split("|")]
    return reduce(lambda one, other: Message("%(one)s或%(other)s", one=one, other=other), kinds)


_Sentence = Callable[[dict[str, str]], Message]
# fmt: off
_TRANSLATIONS: tuple[tuple[re.Pattern[str], _Sentence, _Sentence], ...] = (  # msgspec's words, of a file, of a request
    (re.compile(r"unknown field `(?P<field>.*)`"),
     lambda given: Message("不认识字段 %(field)s，请检查拼写", field=given["field"]),
     lambda _: Message("没有这个字段")),
    (re.compile(r"missing required field `(?P<lacks>.*)`"),
     lambda given: Message("缺少字段 %(field)s", field=given["lacks"]),
     lambda _: Message("缺少必填字段")),
    (re.compile(r"Invalid enum value '?(?P<value>.*?)'?$"),
     lambda given: Message("不认识的值 %(value)s", value=given["value"]),
     lambda _: Message("不是可选的值")),
    (re.compile(r"`array` of length >= (?P<n>\d+)"),
     lambda given: Message("至少要有%(n)s项", n=given["n"]), lambda given: Message("至少要有%(n)s项", n=given["n"])),
    (re.compile(r"`array` of length <= (?P<n>\d+)"),
     lambda given: Message("最多%(n)s项", n=given["n"]), lambda given: Message("最多%(n)s项", n=given["n"])),
    (re.compile(r"of length >= (?P<n>\d+)"),
     lambda given: Message("至少 %(n)s 个字符", **given), lambda given: Message("至少 %(n)s 个字符", **given)),
    (re.compile(r"of length <= (?P<n>\d+)"),
     lambda given: Message("最多 %(n)s 个字符", **given), lambda given: Message("最多 %(n)s 个字符", **given)),
    (re.compile(r"Expected `[^`]+` (?P<sign>[<>]=?) (?P<n>[-\d.]+)"),
     lambda given: Message("数值超出范围：须 %(sign)s %(n)s", sign=given["sign"], n=given["n"]),
     lambda given: _bound(given["sign"], given["n"])),
    (re.compile(r"matching regex"),
     lambda _: Message("格式不对，时间请写成 09:00"), lambda _: Message("格式不符合要求")),
    (re.compile(r"Expected `(?P<kinds>[^`]+)`, got `(?P<got>[^`]+)`"),
     lambda given: Message("类型不对：应为 %(kinds)s，写的是 %(got)s", kinds=given["kinds"], got=given["got"]),
     lambda given: Message("应为%(kinds)s", kinds=_kinds(given["kinds"]))),
    (re.compile(r"timezone component"),
     lambda _: Message("时间要写明时区，例如 2026-01-31T08:00:00+08:00"),
     lambda _: Message("时间要写明时区，例如 2026-01-31T08:00:00+08:00")),
    (re.compile(r"RFC3339|Invalid date"),
     lambda _: Message("不是日期，请写成 2026-01-31"),
     lambda _: Message("应为带时区的时间，例如 2026-01-31T08:00:00+08:00")),
    (re.compile(r"out of range"),
     lambda _: Message("数值超出范围"), lambda _: Message("数值超出范围")),
)
# fmt: on


def _bound(sign: str, n: str) -> Message:
    if sign == ">=":
        return Message("不能小于 %(n)s", n=n)
    if sign == "<=":
        return Message("不能大于 %(n)s", n=n)
    return Message("数值超出范围：须 %(sign)s %(n)s", sign=sign, n=n)
