"""Lists of tickets: the inbox of a unit (承办单位), and all tickets for who sees the region."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency

from dispatch.roles import Role
from hotline.store import db
from hotline.store.cursors import Order
from hotline.store.lists import Filters, bounded
from hotline.web import access
from hotline.web.access import Here
from hotline.web.pages import lists
from hotline.web.pages.looks import of_request, office
from hotline.web.pages.span import between

NARROWING = ("unit", "area", "place", "level", "source")


class Inbox(Controller):
    """`/unit` and `/tickets`: one page, two sets of filters."""

    @get("/unit", guards=[access.may(Role.UNIT)], sync_to_thread=True)
    def unit(self, request: Request[Any, Any, Any], here: NamedDependency[Here]) -> Response[str]:
        """Show what the unit has in hand."""
        say = of_request(request).say
        named = lists.at_work(here.now, here.me.unit)
        return _page(request, here, "/unit", say("待办"), named, say("今天没有到期的工单"))

    @get("/tickets", guards=[access.may()], sync_to_thread=True)
    def tickets(self, request: Request[Any, Any, Any], here: NamedDependency[Here]) -> Response[str]:
        """Show all tickets this person may know of."""
        say = of_request(request).say
        named = lists.everything(here.now) if lists.sees_all(here.me) else lists.at_work(here.now, here.me.unit)
        return _page(request, here, "/tickets", say("工单"), named, say("没有符合条件的工单"))


def _page(
    request: Request[Any, Any, Any], here: Here, desk: str, heading: str, named: dict[str, lists.Named], nothing: str
) -> Response[str]:
    query, say = request.query_params, of_request(request).say
    chosen = query.get("list", "")
    given = {name: query[name] for name in NARROWING if query.get(name)}
    asked = query.get("q", "")
    spanned = query.get("since") or query.get("until")
    first = next(iter(named)) if not (asked or given or spanned) else ""
    chosen = chosen if chosen in named else first
    filters = named[chosen].filters if chosen else Filters()
    since, until = between(query.get("since", ""), query.get("until", ""), here.city.zone)
    filters = msgspec.structs.replace(filters, **given, since=since, until=until)
    wanted = lists.narrowed(here, filters, asked)
    with db.reading() as session:
        *chips, all_ = lists.chips(session, here, named | {"": lists.Named("", wanted)}, say)
        order: Order = "due" if bounded(wanted) else "newest"
        found = lists.page_of(session, here, wanted, query.get("after", ""), order=order)
    kept = {"list": chosen, "q": asked} | given | {name: query.get(name, "") for name in ("since", "until")}
    more = f"{desk}?{urlencode({name: value for name, value in kept.items() if value} | {'after': found.after or ''})}"
    return office(
        request,
        here,
        "unit/list.html",
        desk,
        heading=heading,
        filters=chips,
        chosen=chosen,
        cards=found.items,
        total=all_.shown,
        after=found.after,
        back_to=found.back_to,
        more=more,
        q=asked,
        nothing=nothing,
        narrowed=_shown(request, here, given),
    )


def _shown(request: Request[Any, Any, Any], here: Here, given: dict[str, str]) -> list[str]:
    """Return what the list was narrowed to, in words."""
    look = of_request(request, here.city)
    say = {"unit": look.unit, "area": look.area, "place": look.place, "level": look.move, "source": look.source}
    query = request.query_params
    days = [f"{query[name]}" for name in ("since", "until") if query.get(name)]
    return [say[name](value) for name, value in given.items()] + (["–".join(days)] if days else [])
