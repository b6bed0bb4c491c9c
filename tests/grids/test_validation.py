"""What msgspec says is put into words in one place, for who writes a file and for who sends a request."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest

import hotline
from grids import validation
from grids.messages import Message

HOUSE = Path(hotline.__file__).parents[1]


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    """A part."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=3, pattern="^[a-z]*$")]


class Whole(msgspec.Struct, forbid_unknown_fields=True):
    """Everything that can be wrong."""

    parts: Annotated[list[Inner], msgspec.Meta(min_length=1, max_length=2)] = []
    n: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    more: Annotated[int, msgspec.Meta(gt=0)] = 1
    mode: Literal["a", "b"] = "a"
    text: str | None = None

    def __post_init__(self) -> None:
        if self.n == 5:
            raise ValueError(Message("时限不能为负"))


CASES: list[tuple[dict[str, Any], str, str, str]] = [
    ({"x": 1}, "x", "不认识字段 x，请检查拼写", "没有这个字段"),
    ({"parts": [{}]}, "parts[...].name", "缺少字段 name", "缺少必填字段"),
    ({"parts": [{"name": ""}]}, "parts[...].name", "至少 1 个字符", "至少 1 个字符"),
    ({"parts": [{"name": "abcd"}]}, "parts[...].name", "最多 3 个字符", "最多 3 个字符"),
    ({"parts": [{"name": "A"}]}, "parts[...].name", "格式不对，时间请写成 09:00", "格式不符合要求"),
    ({"parts": []}, "parts", "至少要有1项", "至少要有1项"),
    ({"parts": [{"name": "a"}] * 3}, "parts", "最多2项", "最多2项"),
    ({"n": 0}, "n", "数值超出范围：须 >= 1", "不能小于 1"),
    ({"n": 10}, "n", "数值超出范围：须 <= 9", "不能大于 9"),
    ({"more": 0}, "more", "数值超出范围：须 >= 1", "不能小于 1"),
    ({"mode": "secret"}, "mode", "不认识的值 secret", "不是可选的值"),
    ({"text": 1}, "text", "类型不对：应为 str | null，写的是 int", "应为文本或空值"),
    ({"n": 5}, "", "时限不能为负", "时限不能为负"),
]


@pytest.mark.parametrize(("data", "path", "of_file", "of_request"), CASES, ids=[file for _, _, file, _ in CASES])
def test_in_words(data: dict[str, Any], path: str, of_file: str, of_request: str) -> None:
    with pytest.raises(msgspec.ValidationError) as wrong:
        msgspec.convert(data, Whole)
    file, request = validation.of_file(wrong.value), validation.of_request(wrong.value)
    assert (file.message, request.message) == (of_file, of_request)
    assert re.sub(r"\[\d+\]", "[...]", request.whole) == path
    assert request.name == path.partition("[")[0]
    assert "secret" not in request.message


def test_nobody_else_reads_what_msgspec_says() -> None:
    """Its words are matched in `grids.validation` alone."""
    words = re.compile(r"- at `|Expected `|unknown field `|required field `|enum value|RFC3339")
    found = [
        path.relative_to(HOUSE).as_posix()
        for package in ("hotline", "dispatch", "classifiers", "grids")
        for path in (HOUSE / package).rglob("*.py")
        if words.search(path.read_text(encoding="utf-8"))
    ]
    assert found == ["grids/validation.py"]
