"""The grid leader calls others: units by a whistle (吹哨), rated after; or the grid a ticket lies in (转网格)."""

from functools import partial
from typing import Any
from urllib.parse import quote

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from dispatch.deadlines import limit_text
from dispatch.lifecycle import MOVES, Move
from dispatch.roles import Role
from hotline.errors import BadValue
from hotline.flow.acts import regrid, whistle
from hotline.store import db, sheets
from hotline.web import access, errors
from hotline.web.access import AnyRequest, Here
from hotline.web.pages.form import keys, photos
from hotline.web.pages.form.photos import Posted
from hotline.web.pages.looks import Notice, of_request, page
from hotline.web.pages.phone.taking import Form, take
from hotline.wire import fields
from hotline.wire.moves import Graded


class Whistling(Controller):
    """`/m/{number}/whistle`."""

    path = "/m/{number:str}"
    guards = [access.may(Role.GRID_LEADER)]  # noqa: RUF012 - Litestar's own way

    @get("/whistle", sync_to_thread=True)
    def form(self, request: AnyRequest, here: NamedDependency[Here], number: FromPath[str]) -> Response[str]:
        """Show the reasons, each with the units it calls to this ticket."""
        return _form(request, here, number, {})

    @post("/whistle", sync_to_thread=True, status_code=303, request_max_body_size=photos.LARGEST_FORM)
    def blow(
        self, request: AnyRequest, here: NamedDependency[Here], number: FromPath[str], posted: NamedDependency[Posted]
    ) -> Response[Any]:
        """Call the units."""
        say = of_request(request).say
        refused = take(here, number, "whistle", posted)
        if refused:
            return _form(request, here, number, posted.data, refused, posted.again(say, refused))
        return Redirect(f"/m/{quote(number)}?whistled=1", status_code=303)

    @post("/grade", sync_to_thread=True, status_code=303)
    def grade(
        self, request: AnyRequest, here: NamedDependency[Here], number: FromPath[str], data: Form
    ) -> Response[Any]:
        """Take the grid's word on a unit that was called: one tap."""
        del request
        said = fields.read(Graded, data)
        with db.transaction() as session:
            step = partial(whistle.grade, session, here.city, number, said, here.me, here.now)
            keys.once(session, here, number, "grade", data, step)
        return Redirect(f"/m/{quote(number)}#whistles", status_code=303)

    @get("/grid", sync_to_thread=True)
    def elsewhere(self, request: AnyRequest, here: NamedDependency[Here], number: FromPath[str]) -> Response[str]:
        """Show the grids the ticket may lie in, the likeliest chosen."""
        return _grids(request, here, number, {})

    @post("/grid", sync_to_thread=True, status_code=303)
    def regrid(
        self, request: AnyRequest, here: NamedDependency[Here], number: FromPath[str], data: Form
    ) -> Response[Any]:
        """Pass the ticket to the grid it lies in."""
        refused = take(here, number, "regrid", Posted(data=data))
        if refused:
            return _grids(request, here, number, data, refused)
        return Redirect(f"/m?done={quote(number)}&as=passed", status_code=303)


def _grids(
    request: AnyRequest, here: Here, number: str, data: dict[str, str], refused: Exception | None = None
) -> Response[str]:
    look = of_request(request, here.city, here.me)
    with db.reading() as session:
        sheet = sheets.sheet(session, here.me.sight, number)
    card = sheet.card
    found = regrid.offers(
        here.city, text=sheet.text, address=card.address, lng=sheet.lng, lat=sheet.lat, grid=card.grid, now=here.now
    )
    notice = Notice(look.refusal(refused), "bad") if refused else None
    return page(
        request,
        "leader/grid.html",
        look,
        status=errors.status(refused) if refused else 200,
        token=here.csrf,
        notice=notice,
        card=card,
        grids=found,
        said=data,
        may=card.state in MOVES[Move.REGRID].origins,
    )


def _form(
    request: AnyRequest,
    here: Here,
    number: str,
    data: dict[str, str],
    refused: Exception | None = None,
    again: str = "",
) -> Response[str]:
    look = of_request(request, here.city, here.me)
    with db.reading() as session:
        sheet = sheets.sheet(session, here.me.sight, number)
    card = sheet.card
    place = card.grid or card.community
    offers = whistle.offers(here.city, area=card.area, place=place, busy=(card.unit, *sheet.helpers))
    path = refused.path if isinstance(refused, BadValue) else ""
    notice = None
    if refused is not None:
        notice = Notice(look.refusal(refused) + again, "bad")
    return page(
        request,
        "leader/whistle.html",
        look,
        status=errors.status(refused) if refused else 200,
        token=here.csrf,
        notice=notice,
        card=card,
        offers=offers,
        said=data,
        path=path,
        limits=_limits(here),
        may=card.state in MOVES[Move.WHISTLE].origins,
        others=[one for one in here.city.rulebook.units if one.code not in (card.unit, *sheet.helpers)],
    )


def _limits(here: Here) -> list[str]:
    """Return by when whoever is called answers, as the promises say it."""
    return [str(limit_text(one)) for one in here.city.rulebook.promises if one.clock == "whistle"][:1]
