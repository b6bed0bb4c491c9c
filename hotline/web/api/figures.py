"""Endpoints of the figures of some days, and of the tickets a figure counts."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from dispatch.roles import Role
from grids.messages import Message
from hotline.errors import BadValue
from hotline.flow.figures import measure
from hotline.flow.figures.measure import Asked, Side
from hotline.store import db, lists
from hotline.web import access
from hotline.web.access import Here
from hotline.web.api.tickets import aware
from hotline.wire.figures import CountedPage, Figures

USUAL_SPAN = timedelta(days=30)
FIGURE_READERS = (Role.AGENT, Role.DISPATCHER, Role.CALLER_BACK, Role.SUPERVISOR, Role.ADMIN, Role.UNIT)


@get("/figures", guards=[access.may(*FIGURE_READERS)], sync_to_thread=True)
def figures(
    here: NamedDependency[Here],
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    by: FromQuery[str] = "unit",
    key: FromQuery[str | None] = None,
    unit: FromQuery[str] = "",
    under: FromQuery[str] = "",
    order: FromQuery[str] = measure.BY_TICKETS,
) -> Figures:
    """各项指标，按本地整日统计，默认最近 30 天；承办单位只能看到本单位的指标。

    by 为 unit、street、grid、area、source 之一，每个键一行；key 只看其中一个键（为空即“未定”）；
    unit 即按单位看一个单位。
    under 只列某事项的下级，或某街道的网格；order 为 name、tickets 或某项指标的名称（最好的在前，样本少的在后）。
    """
    asked = _asked(here, since, until, by, key, unit, under=under, order=order)
    with db.reading() as session:
        return measure.figures(session, here.city, asked, now=here.now)


@get("/figures/{rate:str}/tickets", guards=[access.may(*FIGURE_READERS)], sync_to_thread=True)
def counted(
    here: NamedDependency[Here],
    rate: FromPath[str],
    side: FromQuery[Side] = "of",
    ground: FromQuery[str] = "",
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    by: FromQuery[str] = "unit",
    key: FromQuery[str | None] = None,
    unit: FromQuery[str] = "",
    size: Annotated[int, QueryParameter(ge=1, le=lists.LARGEST_PAGE)] = 50,
    after: FromQuery[UUID | None] = None,
) -> CountedPage:
    """某项指标所计的工单，与指标的件数一致。

    rate 为指标名称或 received（受理）；side 为 of（分母）、hits（分子）、misses（分母减分子）、
    excluded（因 ground 这一情形不计入考核的）。
    """
    asked = _asked(here, since, until, by, key, unit)
    with db.reading() as session:
        return measure.counted(
            session, here.city, asked, rate, side, ground=ground, size=size, after=after, sight=here.me.sight
        )


def _asked(
    here: Here,
    since: datetime | None,
    until: datetime | None,
    by: str,
    key: str | None,
    unit: str,
    under: str = "",
    order: str = measure.BY_TICKETS,
) -> Asked:
    """Return what is asked for; a unit asks only for itself.  raises BadValue"""
    end = aware("until", until, here.city) or here.now
    start = aware("since", since, here.city) or end - USUAL_SPAN
    first, last = measure.days_of(here.city, start, end)
    if here.me.role is Role.UNIT:
        by, key = "unit", here.me.unit
    elif unit:
        if by != "unit" or key not in (None, unit):
            raise BadValue("unit", Message("按单位查询时不能再按其他维度统计"))
        key = unit
    return Asked(first=first, last=last, by=by, key=key, under=under, order=order)
