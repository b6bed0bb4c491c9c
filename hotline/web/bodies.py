"""JSON bodies -> wire structs, decoded once, with an error a program can act on for whatever may come in."""

import re
from typing import Any, TypeVar

import msgspec
from anyio import move_on_after
from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.exceptions import HTTPException

from hotline.errors import HotlineError

JSON = "application/json"
HEARD_OUT, SECONDS = 256_000_000, 60  # how much of a form that is too large is read away before it is refused
T = TypeVar("T")


class BadBody(HotlineError):
    """The body cannot be used.  `fields` are (path, message)."""

    code = "bad_body"

    def __init__(self, message: str, fields: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.fields = fields


class BadJson(BadBody):
    """Not JSON."""

    code = "bad_json"


class BadEncoding(BadBody):
    """Not UTF-8."""

    code = "bad_encoding"


class TooDeep(BadBody):
    """Nested deeper than anything a person or a program means."""

    code = "too_deep"


class WrongType(BadBody):
    """Declared as something else than JSON."""

    code = "wrong_type"


class BadFields(BadBody):
    """JSON, but a field is unknown, missing or of no usable value."""

    code = "bad_value"


async def read(request: Request[Any, Any, Any], decoder: msgspec.json.Decoder[T]) -> T:
    """Return the body as the decoder's type.  raises BadBody's kinds; RequestEntityTooLarge"""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise WrongType(f"请以 Content-Type: {JSON} 提交 JSON")
    return decode(await request.body(), decoder)


def decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Return `body` as the decoder's type.  raises BadBody's kinds"""
    try:
        found = decoder.decode(body)
    except msgspec.ValidationError as wrong:
        raise BadFields("内容中有无法使用的字段，请按提示修改后重试", (_explained(str(wrong)),)) from None
    except msgspec.DecodeError as wrong:
        raise BadJson(f"内容不是有效的 JSON{_place(str(wrong))}") from None
    except UnicodeDecodeError:
        raise BadEncoding("内容不是有效的 UTF-8 编码，请转换编码后重试") from None
    except RecursionError:
        raise TooDeep("JSON 嵌套过深，请减少层级后重试") from None
    if ZERO in body and _NUL.search(body):  # PostgreSQL text holds no zero character
        raise BadFields("内容中有不可用的控制字符（U+0000），请去掉后重试", (("", "含有 U+0000"),))
    return found


async def form(request: Request[Any, Any, Any]) -> FormMultiDict:
    """Return the fields of a form.  raises HTTPException 413 for one too large, BadEncoding

    A browser that is refused while it still sends shows a broken connection instead of our page: it is heard out.
    """
    try:
        return await request.form()
    except HTTPException as refused:
        if refused.status_code == 413 and 0 < (request.content_length or 0) <= HEARD_OUT:
            with move_on_after(SECONDS):
                while (event := await request.receive())["type"] == "http.request" and event.get("more_body"):
                    pass
        raise
    except LookupError:  # a part says it is written in what nobody knows
        raise BadEncoding("表单的文字编码无法识别，请用 UTF-8 提交") from None


ZERO = rb"\u0000"
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_PATH = re.compile(r" - at `\$\.?([^`]*)`$")
_BYTE = re.compile(r"\(byte (\d+)\)")
_KINDS = {
    "str": "文本",
    "int": "整数",
    "float": "数字",
    "bool": "true 或 false",
    "object": "对象",
    "array": "列表",
    "null": "空值",
    "datetime": "时间",
}
_MESSAGES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"unknown field `(?P<field>.*)`"), "没有这个字段"),
    (re.compile(r"missing required field `(?P<field>.*)`"), "缺少必填字段"),
    (re.compile(r"of length >= (?P<n>\d+)"), "至少 {n} 个字符"),
    (re.compile(r"of length <= (?P<n>\d+)"), "最多 {n} 个字符"),
    (re.compile(r"`(?:int|float)` >= (?P<n>[\d.]+)"), "不能小于 {n}"),
    (re.compile(r"`(?:int|float)` <= (?P<n>[\d.]+)"), "不能大于 {n}"),
    (re.compile(r"Expected `(?P<kinds>[^`]*)`, got"), "应为{kinds}"),
    (re.compile(r"enum value"), "不是可选的值"),
    (re.compile(r"RFC3339"), "应为带时区的时间，例如 2026-01-31T08:00:00+08:00"),
    (re.compile(r"timezone component"), "时间要写明时区，例如 2026-01-31T08:00:00+08:00"),
    (re.compile(r"matching regex"), "格式不符合要求"),
    (re.compile(r"out of range"), "数值超出范围"),
)


def _explained(message: str) -> tuple[str, str]:
    """Return (path, Chinese message) of msgspec's message; the value that was sent is not repeated."""
    found = _PATH.search(message)
    path = found.group(1) if found else ""
    for pattern, said in _MESSAGES:
        match = pattern.search(message)
        if match:
            parts = match.groupdict()
            kinds = [_KINDS.get(kind.strip(), kind.strip()) for kind in parts.get("kinds", "").split("|")]
            field = parts.get("field", "")
            path = f"{path}.{field}" if path and field else path or field
            return path, said.format(n=parts.get("n", ""), kinds="或".join(kinds))
    return path, "取值无法识别"


def _place(message: str) -> str:
    found = _BYTE.search(message)
    return f"（第 {found.group(1)} 字节处）" if found else ""
