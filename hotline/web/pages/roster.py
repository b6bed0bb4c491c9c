"""A sheet of people (责任人员表) taken in at the page of people: looked over, then put forward to somebody else."""

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
from litestar import Controller, Response, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import MultipartBody, URLEncodedBody
from litestar.response import Redirect

from dispatch.errors import RuleBroken
from grids.messages import Message
from hotline.channels import roster as sheets
from hotline.errors import BadValue, HotlineError
from hotline.flow.editions import roster, staffing
from hotline.flow.editions.approval import PROPOSERS
from hotline.flow.editions.roster import Given
from hotline.store import db
from hotline.web import access, errors
from hotline.web.access import AnyRequest, Here
from hotline.web.pages.looks import Notice, of_request, office
from hotline.web.strings import msgid

LINES_SHOWN = 200  # lines of changes; of faults, all
NO_FILE, BROKEN = Message("请选择一个 CSV 或 XLSX 文件"), msgid("表格内容不完整，请重新选择文件")
_GIVEN = msgspec.json.Decoder(list[Given])


class Roster(Controller):
    """`/people/sheet`."""

    path = "/people/sheet"
    guards = [access.may(*sorted(PROPOSERS))]  # noqa: RUF012 - Litestar's own way

    @post("/", sync_to_thread=True, status_code=200)
    def look(
        self, request: AnyRequest, here: NamedDependency[Here], data: MultipartBody[dict[str, Any]]
    ) -> Response[str]:
        """Show what a sheet would change, and every row that is at fault; nothing is kept."""
        try:
            given = _read(data.get("sheet"))
        except HotlineError as refused:
            return _page(request, here, None, Notice(of_request(request).refusal(refused), "bad"), 422)
        return _page(request, here, given)

    @post("/propose", sync_to_thread=True, status_code=303)
    def propose(
        self, request: AnyRequest, here: NamedDependency[Here], data: URLEncodedBody[dict[str, str]]
    ) -> Response[Any]:
        """Put the sheet forward as an edition."""
        try:
            given = _GIVEN.decode(data.get("rows", ""))
        except msgspec.MsgspecError:
            return _page(request, here, None, Notice(of_request(request).say(BROKEN), "bad"), 422)
        try:
            with db.transaction() as session:
                proposed = roster.propose(session, here.city, given, here.me, here.now)
        except (HotlineError, RuleBroken) as refusal:
            return _page(
                request, here, given, Notice(of_request(request).refusal(refusal), "bad"), errors.status(refusal)
            )
        return Redirect(f"/rules?edition={proposed.edition}", status_code=303)


def _read(sheet: object) -> list[Given]:
    """Return the rows of what was uploaded.  raises BadValue without a file, Unusable"""
    if not isinstance(sheet, UploadFile) or not sheet.filename:
        raise BadValue("sheet", NO_FILE)
    with tempfile.TemporaryDirectory() as place:
        held = Path(place, "sheet")  # the name that was sent names nothing here; the content decides what it is
        held.write_bytes(sheet.file.read())
        return sheets.read_roster(held)


def _page(
    request: AnyRequest, here: Here, given: list[Given] | None, notice: Notice | None = None, status: int = 200
) -> Response[str]:
    say = of_request(request).say
    found, work = None, Counter[str]()
    if given is not None:
        with db.reading() as session:
            found = roster.weigh(session, here.city, given, here.now)
            work = staffing.work(session, here.city)
    return office(
        request,
        here,
        "people/sheet.html",
        "/people",
        status=status,
        notice=notice,
        found=found,
        work=work,
        shown=LINES_SHOWN,
        rows=msgspec.json.encode(given).decode() if found and found.turns and not found.faults else "",
        duties={name: say(label) for name, label in roster.DUTIES.items()},
    )
