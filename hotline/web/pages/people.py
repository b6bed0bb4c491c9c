"""People of the grids (网格人员): who leads, who stands in today and why, leave, open work that passes on.

What a leave or a hand-over would mean is shown before anybody puts it down; nothing here ranks or tracks a person.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from dispatch.errors import RuleBroken
from dispatch.roles import Role
from grids.messages import Message
from grids.tree import Level
from hotline.city import City
from hotline.errors import BadValue, HotlineError
from hotline.flow.editions import staffing
from hotline.flow.editions.staffing import Foreseen, Watch
from hotline.store import db, staff
from hotline.web import access, errors
from hotline.web.access import AnyRequest, Here
from hotline.web.pages.looks import Notice, of_request, office
from hotline.web.strings import msgid
from hotline.wire import fields

PEOPLE_A_PAGE = 50
PEOPLE_CHIPS = {"all": msgid("全部"), "stand": msgid("代班"), "none": msgid("无人")}
WHICH, WHEN = Message("请选择移交人和接收人"), Message("请填写请假的第一天和最后一天")
PEOPLE_DONE = {
    "leave": msgid("请假已登记；首日起新工单派给代班人，已移交在办工单 %(n)s 件"),
    "back": msgid("请假已结束；新工单重新派给本人"),
    "handover": msgid("已移交在办工单 %(n)s 件，每件的经过里都有记录"),
}


class People(Controller):
    """`/people`."""

    path = "/people"
    guards = [access.may(*sorted(staffing.WHO))]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def listed(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show today's cover, and what a leave or a hand-over that is asked about would mean."""
        query, say = request.query_params, of_request(request).say
        done = PEOPLE_DONE.get(query.get("done", ""), "")
        notice = Notice(say(done) % {"n": _number(query.get("n", ""))}) if done else None
        return _page(request, here, dict(query), notice)

    @post("/leave", sync_to_thread=True, status_code=303)
    def leave(
        self, request: AnyRequest, here: NamedDependency[Here], data: URLEncodedBody[dict[str, str]]
    ) -> Response[Any]:
        """Put a leave down."""
        try:
            with db.transaction() as session:
                seen = _foreseen(session, here, data)
                passed = staffing.put(session, here.city, seen, here.me, here.now, hand=data.get("hand") == "1")
        except (HotlineError, RuleBroken) as refused:
            return _page(request, here, data, _refusal(request, refused), errors.status(refused))
        here.hall.forget_city()
        return _done("leave", passed)

    @post("/leave/{leave:uuid}/end", sync_to_thread=True, status_code=303)
    def back(self, request: AnyRequest, here: NamedDependency[Here], leave: FromPath[UUID]) -> Response[Any]:
        """Note that somebody is back, or will not go."""
        try:
            with db.transaction() as session:
                staffing.end(session, here.city, leave, here.me, here.now)
        except (HotlineError, RuleBroken) as refused:
            return _page(request, here, {}, _refusal(request, refused), errors.status(refused))
        here.hall.forget_city()
        return _done("back", 0)

    @post("/handover", sync_to_thread=True, status_code=303)
    def handover(
        self, request: AnyRequest, here: NamedDependency[Here], data: URLEncodedBody[dict[str, str]]
    ) -> Response[Any]:
        """Pass somebody's whole open work on."""
        giver, taker = data.get("from", ""), data.get("to", "")
        try:
            if not giver or not taker:
                raise BadValue("to", WHICH)
            with db.transaction() as session:
                passed = staffing.hand_over(session, here.city, giver, taker, here.me, here.now)
        except (HotlineError, RuleBroken) as refused:
            return _page(request, here, data, _refusal(request, refused), errors.status(refused))
        return _done("handover", passed)


def _refusal(request: AnyRequest, refused: Exception) -> Notice:
    return Notice(of_request(request).refusal(refused), "bad")


def _done(what: str, count: int) -> Response[Any]:
    return Redirect(f"/people?{urlencode({'done': what, 'n': count})}", status_code=303)


def _foreseen(session: Any, here: Here, said: dict[str, str]) -> Foreseen:
    """Return what the leave asked about would mean.  raises BadValue"""
    days = []
    for name in ("first", "last"):
        try:
            days.append(date.fromisoformat(said.get(name, "")))
        except ValueError:
            raise BadValue(name, WHEN) from None
    return staffing.foresee(session, here.city, said.get("login", ""), days[0], days[1], here.now)


def _page(
    request: AnyRequest, here: Here, said: dict[str, str], notice: Notice | None = None, status: int = 200
) -> Response[str]:
    city, look, on = here.city, of_request(request, here.city, here.me), here.city.day(here.now)
    seen = None
    with db.reading() as session:
        watches = staffing.watches(session, city, here.now)
        away, past = staff.leaves(session, city.region, on), staff.recent(session, city.region)
        if notice is None and said.get("login"):
            try:
                seen = _foreseen(session, here, said)
            except BadValue as refused:
                notice, status = _refusal(request, refused), 422
        work = staffing.work(session, city)[said["from"]] if said.get("from") else None
    place = said.get("place", "") if said.get("place", "") in city.tree else ""
    lists = _lists(city, watches, place)
    chosen = said.get("list", "all") if said.get("list") in PEOPLE_CHIPS else "all"
    skip = _number(said.get("skip", ""))
    return office(
        request,
        here,
        "people/page.html",
        "/people",
        status=status,
        notice=notice,
        said=said,
        seen=seen,
        work=work,
        watches=lists[chosen][skip : skip + PEOPLE_A_PAGE],
        more=skip + PEOPLE_A_PAGE if len(lists[chosen]) > skip + PEOPLE_A_PAGE else 0,
        chips=[(name, look.say(label), len(lists[name])) for name, label in PEOPLE_CHIPS.items()],
        chosen=chosen,
        names=staffing.names(city, here.now),
        away=away,
        past=past,
        on=on,
        place=place,
        places=_places(here),
        sheets=here.me.role is not Role.ADMIN,
    )


def _lists(city: City, watches: Sequence[Watch], place: str) -> dict[str, list[Watch]]:
    """Return the grids of a place ("": all) under each filter."""
    mine = [one for one in watches if not place or place in city.above(one.grid).values()]
    return {name: [one for one in mine if name == "all" or _standing(one) == name] for name in PEOPLE_CHIPS}


def _standing(one: Watch) -> str:
    """Return how a grid is held today: by its leader ("lead"), by somebody who stands in, by nobody."""
    if one.answering is None:
        return "none"
    leads = any(post.duty == "leader" and post.login == one.answering.login for post in one.posts)
    return "lead" if leads else "stand"


def _places(here: Here) -> list[tuple[str, str]]:
    tree = here.city.tree.on(here.city.day(here.now))
    wanted = {Level.STREET, Level.COMMUNITY}
    return [(one.code, here.city.place_name(one.code)) for one in tree.places if one.level in wanted]


def _number(text: str) -> int:
    return fields.number(text, 99_999) or 0
