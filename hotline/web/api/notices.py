"""Endpoints of the notices (站内通知) of the person who asks."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from hotline.store import db
from hotline.store import notices as store
from hotline.store.notices import NoticeLine
from hotline.web import access
from hotline.web.access import Here

MOST_NOTICES = 100


class Notices(msgspec.Struct, frozen=True, kw_only=True):
    """Messages, the newest first; `unread` counts at most 100 of each box."""

    unread: int
    items: list[NoticeLine]


@get("/notices", guards=[access.may()], sync_to_thread=True)
def listed(
    here: NamedDependency[Here],
    size: Annotated[int, QueryParameter(ge=1, le=MOST_NOTICES)] = 30,
    before: FromQuery[UUID | None] = None,
) -> Notices:
    """读取发给本人、本单位和本岗位的站内通知，不会标记为已读。before 为上一页最后一条的 id。"""
    me = here.me
    with db.reading() as session:
        unread = store.unread(session, me.sight, login=me.login, unit=me.sight.unit, role=me.role)
        items = store.notices(
            session, me.sight, login=me.login, unit=me.sight.unit, role=me.role, size=size, before=before
        )
    return Notices(unread=unread, items=items)
