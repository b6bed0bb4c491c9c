"""The grid leader's own report (上报): a sentence or a category, put right on the spot or to be dispatched."""

from functools import partial
from typing import Any
from uuid import uuid4

from anyio import to_thread
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from dispatch.errors import RuleBroken
from dispatch.roles import Role
from hotline.errors import BadValue, HotlineError, SaidBefore
from hotline.flow.acts import attach, deeds, forestall
from hotline.flow.suggest import SURE
from hotline.store import db, intake, submissions
from hotline.store.files import Cleaned
from hotline.web import access, errors
from hotline.web.access import AnyRequest, Here
from hotline.web.gate import Handed
from hotline.web.pages.form import photos
from hotline.web.pages.form.photos import Posted
from hotline.web.pages.looks import Notice, of_request, page

FEWEST_REPORTED, MOST_CATEGORIES = 4, 6  # characters before anything is proposed; categories one tap away
ELSEWHERE = "-"  # not in the own grids: found by the words


class Reporting(Controller):
    """`/m/report`."""

    path = "/m/report"
    guards = [access.may(Role.GRID_LEADER)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def form(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show the form, empty or with the words of a visit: place and the usual categories are there already."""
        given = {name: request.query_params.get(name, "")[:4000] for name in ("text", "grid")}
        return _form(request, here, {name: text for name, text in given.items() if text})

    @post("/offers", sync_to_thread=True, status_code=200)
    def offers(
        self, request: AnyRequest, here: NamedDependency[Here], data: URLEncodedBody[dict[str, str]]
    ) -> Response[str]:
        """Return the categories, the place and the open tickets proposed for what was said so far; writes nothing."""
        look = of_request(request, here.city, here.me)
        return page(request, "leader/offers.html", look, **_offered(here, data))

    @post("/", status_code=303, request_max_body_size=photos.LARGEST_FORM)
    async def save(
        self, request: AnyRequest, here: NamedDependency[Here], posted: NamedDependency[Posted]
    ) -> Response[Any]:
        """Receive the report, once for one form, and go on with it at once as it says.

        What is open nearby is shown first, to who has not seen it (a browser without scripts).
        """
        data, say = posted.data, of_request(request).say
        try:
            kept = await to_thread.run_sync(photos.cleaned, posted, here.city.rulebook.photos)
            new = await to_thread.run_sync(partial(deeds.new_matter, here, data, shown=bool(kept)))
            key = deeds.key(here, data.get("key") or str(uuid4()))
            await to_thread.run_sync(_new_words, here, data, key)
            if await to_thread.run_sync(_unseen, here, data, key):
                told = say("附近有相似的在办事项；不是同一件的，请再点提交。") + posted.again(say)
                return await to_thread.run_sync(_form, request, here, data, Notice(told, "warn"))
            received = await here.hall.gate.put(Handed(here.city, new, here.me.actor, key, hold=True))
            await to_thread.run_sync(_follow, here, received.number, data, kept, key[1])
        except (HotlineError, RuleBroken) as refused:
            return await to_thread.run_sync(_refused, request, here, posted, refused)
        return Redirect(f"/m?done={received.number}&as={data['end']}", status_code=303)


def _follow(here: Here, number: str, data: dict[str, str], kept: list[Cleaned], key: str) -> None:
    thoughts = deeds.concluded(here, number, data)
    with db.transaction() as session:
        words = submissions.words("report", "", data)
        submissions.note(session, here.me.region, here.me.login, "report", "", words, here.now)
        attach.keep(session, deeds.go_on(session, here, number, data, thoughts), kept, here.me, here.now, key)


def _new_words(here: Here, data: dict[str, str], key: tuple[str, str]) -> None:
    """raises SaidBefore, once, for words of some minutes ago under another form"""
    with db.reading() as session:
        if data.get("again") or intake.known(session.connection(), here.city.region, [key]):
            return
        words = submissions.words("report", "", data)
        if submissions.lately(session, here.me.region, here.me.login, words, here.now):
            data["again"] = "1"
            raise SaidBefore


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
    area, enough = deeds.area(here, data), len(data.get("text", "").strip()) >= FEWEST_REPORTED
    enough = enough or deeds.point(data)[0] is not None
    with db.reading() as session:
        found = deeds.suggested(session, here, data) if enough else None
        usual = forestall.common(session, here.city, here.me)
        similar = [one for one in found.similar if one.open] if found else []
        likely = area or (found.area if found else "")
        grid = deeds.grid(here, data, found)
        near = forestall.near(session, here.city, here.me, similar, likely, grid)
    offered = [one.area for one in found.areas] if found else []
    chips = list(dict.fromkeys([*([likely] if likely else []), *offered, *usual]))[:MOST_CATEGORIES]
    return {
        "chips": [(code, here.city.area_label(code).rpartition("/")[2]) for code in chips],
        "area": likely if area or (found and found.areas and found.areas[0].confidence >= SURE) else "",
        "near": near,
        "place": here.city.place_name(grid) if grid else "",
    }


def _refused(request: AnyRequest, here: Here, posted: Posted, refused: Exception) -> Response[str]:
    path = refused.path if isinstance(refused, BadValue) else ""
    look = of_request(request)
    text = look.refusal(refused) or look.say("有一项填写有误，请核对")
    return _form(
        request, here, posted.data, Notice(text + posted.again(look.say, refused), "bad"), errors.status(refused), path
    )


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
        request,
        "leader/report.html",
        look,
        status=status,
        token=here.csrf,
        notice=notice,
        said=data,
        path=path,
        key=data.get("key") or str(uuid4()),
        grids=grids,
        elsewhere=ELSEWHERE,
        ends=[(name, look.say(label)) for name, label in deeds.ENDS.items()],
        **_offered(here, data),
    )
