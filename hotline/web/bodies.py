"""Decodes JSON bodies into wire structs, with an error a program can act on."""

import re
from typing import Any, TypeVar

import msgspec
from anyio import move_on_after
from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.exceptions import HTTPException

from grids import validation
from grids.messages import Message
from hotline.errors import HotlineError

JSON = "application/json"
ENCODER = msgspec.json.Encoder()
HEARD_OUT, SECONDS = 256_000_000, 60  # how much of a form that is too large is read away before it is refused
T = TypeVar("T")


class BadBody(HotlineError):
    """The body cannot be used.  `fields` are (path, message)."""

    code = "bad_body"

    def __init__(self, message: Message, fields: tuple[tuple[str, Message], ...] = ()) -> None:
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


async def read_body(request: Request[Any, Any, Any], decoder: msgspec.json.Decoder[T]) -> T:
    """Return the body as the decoder's type.  raises BadBody's kinds; RequestEntityTooLarge"""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise WrongType(Message("请以 Content-Type: %(json)s 提交 JSON", json=JSON))
    return decode(await request.body(), decoder)


def decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Return `body` as the decoder's type.  raises BadBody's kinds"""
    try:
        found = decoder.decode(body)
    except msgspec.ValidationError as wrong:
        raise BadFields(Message("内容中有无法使用的字段，请按提示修改后重试"), _misfit(wrong)) from None
    except msgspec.DecodeError as wrong:
        raise BadJson(_place(str(wrong))) from None
    except UnicodeDecodeError:
        raise BadEncoding(Message("内容不是有效的 UTF-8 编码，请转换编码后重试")) from None
    except RecursionError:
        raise TooDeep(Message("JSON 嵌套过深，请减少层级后重试")) from None
    if ZERO in body and _NUL.search(body):  # PostgreSQL text holds no zero character
        raise BadFields(Message("内容中有不可用的控制字符（U+0000），请去掉后重试"), (("", Message("含有 U+0000")),))
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
        raise BadEncoding(Message("表单的文字编码无法识别，请用 UTF-8 提交")) from None


ZERO = rb"\u0000"
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_BYTE = re.compile(r"\(byte (\d+)\)")


def _misfit(wrong: msgspec.ValidationError) -> tuple[tuple[str, Message], ...]:
    found = validation.of_request(wrong)
    return ((found.whole, found.message),)


def _place(message: str) -> Message:
    if found := _BYTE.search(message):
        return Message("内容不是有效的 JSON（第 %(byte)s 字节处）", byte=found[1])
    return Message("内容不是有效的 JSON")
