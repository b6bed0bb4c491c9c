"""The endpoint of suggestions for the desk while somebody types: what, where, who, what is already open.

Writes nothing.
"""

from typing import Annotated, Any

import msgspec
from anyio import to_thread
from litestar import Request, post
from litestar.di import NamedDependency
from msgspec import Meta

from dispatch.roles import Role
from hotline.flow import suggest as step
from hotline.flow.suggest import Suggestion
from hotline.store import db
from hotline.web import access, bodies, callers
from hotline.web.access import Here
from hotline.wire.tickets import Code, Phone, Short


class Typed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in the form so far; any part may be empty."""

    text: Annotated[str, Meta(max_length=20000)] = ""
    title: Short = ""
    address: Annotated[str, Meta(max_length=500)] = ""
    lng: float | None = None
    lat: float | None = None
    phone: Phone = ""
    area: Code = ""
    caller_kind: Short = ""


TYPED_DECODER = msgspec.json.Decoder(Typed)


@post("/suggest", guards=[access.may(Role.AGENT, Role.DISPATCHER, Role.GRID_LEADER)], status_code=200)
async def suggest(request: Request[Any, Any, Any], here: NamedDependency[Here]) -> Suggestion:
    """按已填写的内容给出建议：事项、地点与网格、承办单位、可能重复的在办工单、相似的已办工单及其结果、同一来电人的工单。不保存任何内容。"""
    typed = await bodies.read_body(request, TYPED_DECODER)

    def work() -> Suggestion:
        caller = callers.typed(here, typed.phone)
        with db.reading() as session:
            return step.suggest(
                session,
                here.city,
                text=typed.text,
                title=typed.title,
                address=typed.address,
                lng=typed.lng,
                lat=typed.lat,
                caller=caller,
                area=typed.area,
                caller_kind=typed.caller_kind,
                handles=here.me.handles,
                now=here.now,
            )

    found = await to_thread.run_sync(work)
    none: Any = {"similar": [], "past": [], "own": [], "calls": 0, "follows": []}
    return found if here.me.sight.everything else msgspec.structs.replace(found, **none)
