"""The grid leader's own report (上报): a sentence or a category, put right on the spot or to be dispatched."""

from typing import Any
from uuid import uuid4

from anyio import to_thread
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from litestar.response import Redirect
from sqlmodel import Session

from dispatch.errors import RuleBroken
from dispatch.lifecycle import State
from dispatch.roles import Role
from hotline.errors import BadValue, HotlineError
from hotline.flow import forestall, suggest, triage
from hotline.flow.suggest import Suggestion
from hotline.store import db, intake, tickets
from hotline.web import access, errors
from hotline.web.access import Here
from hotline.web.gate import Handed
from hotline.web.pages import fields
from hotline.web.pages.looks import Notice, of_request, page
from hotline.web.strings import msgid
from hotline.wire.moves import Worded
from hotline.wire.tickets import NewTicket

AnyRequest = Request[Any, Any, Any]
ENDS = {"handled": msgid("我已当场处理"), "dispatch": msgid("需要派单")}
FEWEST, CHIPS = 4, 6  # characters before anything is proposed; categories one tap away
ELSEWHERE = "-"  # not in the own grids: found by the words


class Reporting(Controller):
    """`/m/report`."""

    path = "/m/report"
    guards = [access.may(Role.GRID_LEADER)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def form(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show the empty form: place and the usual categories are there already."""
        return _form(request, here, {})

    @post("/offers", sync_to_thread=True, status_code=200)
    def offers(
        self, request: AnyRequest, here: NamedDependency[Here], data: URLEncodedBody[dict[str, str]]
    ) -> Response[str]:
        """Return the categories, the place and the open tickets proposed for what was said so far; writes nothing."""
        look = of_request(request, here.city, here.me)
        return page(request, "leader/offers.html", look, **_offered(here, data))

    @post("/", status_code=303)
    async def save(
        self, request: AnyRequest, here: NamedDependency[Here], data: URLEncodedBody[dict[str, str]]
    ) -> Response[Any]:
        """Receive the report, once for one form, and go on with it at once as it says.

        What is open nearby is shown first, to who has not seen it (a browser without scripts).
        """
        try:
            new = await to_thread.run_sync(_checked, here, data)
            key = ("m", f"{here.me.login}:{data.get('key') or uuid4()}")
            if await to_thread.run_sync(_unseen, here, data, key):
                told = Notice(of_request(request).say("附近有相似的在办事项；不是同一件的，请再点提交。"), "warn")
                return await to_thread.run_sync(_form, request, here, data, told)
            received = await here.hall.gate.put(Handed(here.city, new, here.me.actor, key, hold=True))
            await to_thread.run_sync(_follow, here, received.number, data)
        except (HotlineError, RuleBroken) as refused:
            return await to_thread.run_sync(_refused, request, here, data, refused)
        return Redirect(f"/m?done={received.number}&as={data['end']}", status_code=303)


def _checked(here: Here, data: dict[str, str]) -> NewTicket:
    """Return the matter as it is received.  raises BadValue for what only the leader can say"""
    if data.get("end") not in ENDS:
        raise BadValue("end", msgid("请选“我已当场处理”或“需要派单”"))
    found = _suggested(here, data) if data.get("text", "").strip() else None
    area, grid = _area(here, data), _grid(here, data, found)
    text = forestall.wording(here.city, data.get("text", ""), area)
    if data["end"] == "handled":
        if not grid:
            raise BadValue("grid", msgid("当场处理的事项请选择您的网格；其他地方的事项请选“需要派单”"))
        if not area and not (found and found.area):
            raise BadValue("area", msgid("这件事的类别拿不准，请选一个类别"))
    return fields.read(
        NewTicket, {"address": data.get("address", "")[:500]}, source=forestall.SOURCE, text=text, area=area, grid=grid
    )


def _follow(here: Here, number: str, data: dict[str, str]) -> None:
    """Go on with a report just received; one that came twice has gone on already."""
    with db.transaction() as session:
        ticket = tickets.locked(session, here.city.region, number)
        if ticket.state != State.RECEIVED.value:
            return
        if data["end"] == "handled":
            note = Worded(note=forestall.handled(data.get("text", "")))
            forestall.close(session, here.city, number, note, here.me, here.now)
        elif ticket.seq == 1:
            triage.batch(session, here.city, [ticket], here.now)


def _area(here: Here, data: dict[str, str]) -> str:
    code = data.get("other") or data.get("area", "")
    return code if code and here.city.taxonomy.find(code) else ""


def _grid(here: Here, data: dict[str, str], found: Suggestion | None = None) -> str:
    """Return the own grid a report is about: the chosen one, the one its words name, else the first.

    "" where it is elsewhere: as chosen, or as the words say.
    """
    chosen, own = data.get("grid", ""), here.me.grids
    if chosen:
        return chosen if chosen in own else ""
    named = found.place.grid if found else ""
    return own[0] if own and not named else named if named in own else ""


def _suggested(here: Here, data: dict[str, str]) -> Suggestion:
    with db.reading() as session:
        return _suggest(session, here, data)


def _suggest(session: Session, here: Here, data: dict[str, str]) -> Suggestion:
    return suggest.suggest(
        session, here.city, text=data.get("text", "")[:20_000], address=data.get("address", "")[:500],
        area=_area(here, data), now=here.now,
    )  # fmt: skip


def _unseen(here: Here, data: dict[str, str], key: tuple[str, str]) -> bool:
    """Say whether something like it is open nearby that the form has not shown; a form that came before has."""
    with db.statement() as connection:
        if intake.known(connection, here.city.region, [key]):
            return False
    near = _offered(here, data)["near"]
    seen = data.get("seen", "").split()
    return bool({one.number for one in near} - set(seen))


def _offered(here: Here, data: dict[str, str]) -> dict[str, Any]:
    """Return what is proposed for a form: categories (one may be ticked), the place the words name, what is open."""
    area, enough = _area(here, data), len(data.get("text", "").strip()) >= FEWEST
    with db.reading() as session:
        found = _suggest(session, here, data) if enough else None
        usual = forestall.common(session, here.city, here.me)
        similar = [one for one in found.similar if one.open] if found else []
        likely = area or (found.area if found else "")
        grid = _grid(here, data, found)
        near = forestall.near(session, here.city, here.me, similar, likely, grid)
    offered = [one.area for one in found.areas] if found else []
    chips = list(dict.fromkeys([*([likely] if likely else []), *offered, *usual]))[:CHIPS]
    return {
        "chips": [(code, here.city.area_label(code).rpartition("/")[2]) for code in chips], "area": likely,
        "near": near, "place": here.city.place_name(grid) if grid else "",
    }  # fmt: skip


def _refused(request: AnyRequest, here: Here, data: dict[str, str], refused: Exception) -> Response[str]:
    path = refused.path if isinstance(refused, BadValue) else ""
    say = of_request(request).say
    text = say(str(refused)) if str(refused) else say("有一项填写有误，请核对")
    return _form(request, here, data, Notice(text, "bad"), errors.told(refused)[0], path)


def _form(
    request: AnyRequest,
    here: Here,
    data: dict[str, str],
    notice: Notice | None = None,
    status: int = 200,
    path: str = "",
) -> Response[str]:
    look = of_request(request, here.city, here.me)
    grids = [(code, look.place(code)) for code in here.me.grids]
    return page(
        request, "leader/report.html", look, status=status, token=here.csrf, notice=notice, said=data, path=path,
        key=data.get("key") or str(uuid4()), grids=grids, elsewhere=ELSEWHERE,
        ends=[(name, look.say(label)) for name, label in ENDS.items()], **_offered(here, data),
    )  # fmt: skip
