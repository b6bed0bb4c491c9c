"""The figures of a span of time."""

from datetime import datetime, timedelta

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from dispatch.roles import Role
from hotline.errors import BadValue
from hotline.flow import measure
from hotline.store import db
from hotline.web import access
from hotline.web.access import Here
from hotline.web.api.tickets import aware
from hotline.wire.figures import Figures

USUAL = timedelta(days=30)
LONGEST = timedelta(days=800)
WHO = (Role.AGENT, Role.DISPATCHER, Role.CALLER_BACK, Role.SUPERVISOR, Role.ADMIN, Role.UNIT)


@get("/figures", guards=[access.may(*WHO)], sync_to_thread=True)
def figures(
    here: NamedDependency[Here],
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    unit: FromQuery[str] = "",
) -> Figures:
    """三率等指标。默认最近 30 天；承办单位只能看到本单位的指标。"""
    end = aware("until", until, here.city) or here.now
    start = aware("since", since, here.city) or end - USUAL
    if not start < end:
        raise BadValue("since", "开始时间应早于结束时间")
    if end - start > LONGEST:
        raise BadValue("since", f"一次最多查询 {LONGEST.days} 天")
    one = here.me.unit if here.me.role is Role.UNIT else unit
    with db.reading() as session:
        return measure.figures(session, here.city, start, end, one or None, now=here.now)
