"""The list of commitments to look at again (回头看): what, by whom, until when; kept, broken, or let off."""

from functools import partial
from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from dispatch.lifecycle import Move
from dispatch.roles import Role
from hotline.flow import commitments
from hotline.flow.acts import recheck
from hotline.store import db
from hotline.web import access, errors
from hotline.web.access import AnyRequest, Here
from hotline.web.pages.form import keys
from hotline.web.pages.looks import Notice, of_request, office
from hotline.wire import fields
from hotline.wire.moves import Settled


class Rechecks(Controller):
    """`/recheck`."""

    path = "/recheck"
    guards = [access.may(Role.CALLER_BACK, Role.SUPERVISOR, Role.DISPATCHER)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def page(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show what is due, the oldest first."""
        done, look = request.query_params.get("done", ""), of_request(request)
        notice = Notice(look.say("%(number)s 的核查结果已保存") % {"number": done[:32]}) if done else None
        return _page(request, here, notice=notice)

    @post("/{number:str}", sync_to_thread=True, status_code=303)
    def settle(
        self,
        request: AnyRequest,
        here: NamedDependency[Here],
        number: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[Any]:
        """Write down how it ended."""
        look, result = of_request(request), data.get("result", "")
        reading = partial(fields.read, Settled, data, waived=result == "waived")
        step = recheck.settling(Move.BREAK if result == "broken" else Move.FULFIL)
        refused = keys.carry_out(here, number, "recheck", data, reading, step)
        if refused:
            text = look.refusal(refused) or look.say("请写明核查情况")
            notice = Notice(look.say("没有保存成功，填写的内容还在。"), "bad", text)
            return _page(request, here, notice=notice, status=errors.status(refused), said=data)
        return Redirect(f"/recheck?done={number}", status_code=303)


def _page(
    request: AnyRequest,
    here: Here,
    *,
    notice: Notice | None = None,
    status: int = 200,
    said: dict[str, str] | None = None,
) -> Response[str]:
    with db.reading() as session:
        waiting = commitments.to_check(session, here.city.region, here.now)
    return office(
        request, here, "recheck/page.html", "/recheck", status=status, notice=notice, waiting=waiting, said=said or {}
    )
