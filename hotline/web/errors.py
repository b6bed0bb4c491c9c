"""Turns every error into an HTTP answer: one table of statuses, one shape.

Never a traceback, never SQL, never a value somebody else typed.
"""

import logging
import traceback
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from litestar import MediaType, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from classifiers.errors import ClassifierError
from dispatch.errors import IllegalMove, NoRoute, NotYours, RuleBroken
from grids.errors import GridError
from grids.messages import HouseError, Message
from hotline import errors, people, sealing
from hotline.channels import attached
from hotline.web import strings
from hotline.web.access import AnyRequest
from hotline.web.bodies import BadBody, BadEncoding, BadFields, BadJson, TooDeep, WrongType
from hotline.web.gate import GateClosed
from hotline.web.strings import Say

log = logging.getLogger("hotline.web")


class NoSuchMove(errors.HotlineError):
    """No move of that name, or none a person makes."""

    code = "no_such_move"

    def __init__(self, move: str, known: tuple[str, ...]) -> None:
        super().__init__(Message("没有“%(move)s”这个操作；可用的有：%(known)s", move=move, known=tuple(known)))
        self.move, self.known = move, known


class Field(msgspec.Struct, frozen=True):
    """One field that will not do: its path in what was sent, and why."""

    path: str
    message: str


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """The one shape of an error.  `code` is for machines, `message` for people, `detail` says what to do."""

    code: str
    message: str
    detail: str = ""
    fields: list[Field] = []


class Echoed(Refusal, frozen=True, kw_only=True):
    """A refusal of what was sent under the sender's own identifier: it carries the identifier, as a receipt does."""

    id: UUID


# fmt: off
STATUS: dict[type[Exception], int] = {  # the nearest ancestor decides
    people.NoSession:         401,
    errors.BadLogin:          401,
    errors.NotAllowed:        403,
    NotYours:                 403,
    errors.NoSuchTicket:      404,
    errors.NoSuchTopic:       404,
    errors.NoCaller:          404,
    errors.NoSuchFile:        404,
    errors.NoSuchCode:        404,
    errors.TooMany:           429,
    errors.LookedUpTooMuch:   429,
    people.NoSuchPerson:      404,
    NoSuchMove:               404,
    IllegalMove:              409,
    NoRoute:                  409,
    errors.StaleTicket:       409,
    errors.KeyReused:         409,
    errors.SaidBefore:        409,
    errors.MovedOn:           409,
    errors.WrongOffset:       409,
    errors.RuleSaysNo:        409,
    errors.BadValue:          422,
    errors.RulesUnreadable:   422,
    attached.BadFile:         422,
    RuleBroken:               409,
    GridError:                422,
    ClassifierError:          422,
    errors.NoCity:            503,
    GateClosed:               503,
    errors.Crowded:           503,
    sealing.BadSeal:          500,
    errors.HotlineError:      400,
    DataError:                422,
    OverflowError:            422,  # a number no column or calendar holds, whatever engine says so
    OperationalError:         503,
    InterfaceError:           503,
    PoolTimeout:              503,
    BadJson:                  400,
    BadEncoding:              400,
    TooDeep:                  400,
    WrongType:                415,
    BadFields:                422,
    RecursionError:           400,
    UnicodeDecodeError:       400,
}
PLAIN: dict[int, tuple[str, Message]] = {  # what the framework itself refuses
    400: ("bad_request", Message("请求无法识别，请检查格式")),
    401: ("not_logged_in", Message("请先登录")),
    403: ("not_allowed", Message("没有权限")),
    404: ("not_found", Message("没有这个页面或接口，请核对地址")),
    405: ("method_not_allowed", Message("此地址不支持这种请求方法")),
    413: ("too_large", Message("内容过大，没有保存；请缩短内容或减少附件后重试")),
    415: ("wrong_type", Message("内容类型不受支持")),
    422: ("bad_value", Message("内容中有无法使用的值，请检查后重试")),
    429: ("too_many", Message("请求过于频繁，请稍后再试")),
    500: ("internal", Message("系统出错，已记录；请稍后重试，如仍出错请联系管理员")),
    503: ("unavailable", Message("服务暂时不可用，可能没有保存；请稍后核对或重试")),
}
# fmt: on
RETRY_SECONDS = "2"
RENAMED = {"states": "state"}  # parameters whose own name means something else to the framework
PACKAGE = Path(errors.__file__).parent


def answer(request: AnyRequest, error: Exception) -> Response[Refusal]:
    """Return the response that tells a machine of this refusal."""
    number, language = status(error), language_of(request)
    refusal = refusal_of(error, strings.SAYERS[language])
    note(request, error, number)
    key = request.path_params.get("key")
    if isinstance(key, UUID):
        refusal = Echoed(id=key, **msgspec.structs.asdict(refusal))
    given = headers(error, number) | {"Content-Language": language, "Vary": "Cookie, Accept-Language"}
    return Response(refusal, status_code=number, headers=given, media_type=MediaType.JSON)


def language_of(request: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Return the reader's language, of a page or of the API."""
    asked, kept = request.query_params.get("lang", ""), request.cookies.get(strings.LANGUAGE_COOKIE, "")
    return strings.pick(asked, kept, request.headers.get("accept-language", ""))


def note(request: AnyRequest, error: Exception, number: int) -> None:
    """Log what is the system's own fault, with its traceback but without anything a citizen or a colleague typed."""
    if number >= 500:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if PACKAGE in Path(frame.filename).parents] + frames[-2:]
        lines = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in ours)
        log.error("%s %s -> %s %s at %s", request.method, _template(request), number, type(error).__name__, lines)


def headers(error: Exception, number: int) -> dict[str, str]:
    """Return the headers a refusal carries: when to come back, what is allowed here."""
    kept = {"allow", "retry-after"}
    given = error.headers or {} if isinstance(error, HTTPException) else {}
    found = {name: value for name, value in given.items() if name.lower() in kept}
    return found | ({"Retry-After": RETRY_SECONDS} if number == 503 else {})


def status(error: Exception) -> int:
    """Return the status of the answer to this error."""
    if isinstance(error, HTTPException):
        return 422 if isinstance(error, ValidationException) else error.status_code
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def sentence(error: Exception) -> Message:
    """Return what is said of this error: its own sentence, or where it is not of the house a plain one."""
    own = error.sentence if isinstance(error, HouseError) else None
    return own or _plain(error)[1]


def refusal_of(error: Exception, say: Say) -> Refusal:
    """Return the shape of a refusal, said to its reader."""
    code = error.code if isinstance(error, HouseError) else _plain(error)[0]
    fields = [Field(path, say(message)) for path, message in _fields(error)]
    return Refusal(code=code, message=say(sentence(error)), fields=fields)


def _plain(error: Exception) -> tuple[str, Message]:
    number = status(error)
    return PLAIN.get(number, PLAIN[500 if number >= 500 else 400])


def _fields(error: Exception) -> list[tuple[str, Message]]:
    """Return the fields that will not do, without their values."""
    if isinstance(error, BadBody):
        return [*error.fields]
    if isinstance(error, ValidationException):
        found = error.extra if isinstance(error.extra, list) else []
        keys = [str(one.get("key", "")) for one in found if isinstance(one, dict)]
        return [(RENAMED.get(key, key), Message("取值无法识别")) for key in keys]
    path = getattr(error, "path", "")
    return [(path, sentence(error))] if path and status(error) == 422 else []


def _template(request: AnyRequest) -> str:
    """Return the route, never the address itself: addresses may hold numbers and words of people."""
    return str(request.scope.get("path_template") or "?")
