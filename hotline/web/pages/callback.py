"""The callback desk (回访台): call, ask three questions, save, next.  The unit that is scored never asks."""

from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from sqlmodel import Session

from dispatch import callbacks
from dispatch.lifecycle import State
from dispatch.roles import Role
from hotline.errors import Unanswered
from hotline.flow import call_back, commitments
from hotline.flow.acts import recheck
from hotline.store import db, sheets
from hotline.web import access, errors
from hotline.web.access import AnyRequest, Here
from hotline.web.pages import lists
from hotline.web.pages.form import dial, keys, recode
from hotline.web.pages.looks import Notice, of_request, office
from hotline.web.pages.names import Look
from hotline.web.strings import msgid
from hotline.wire import fields
from hotline.wire.moves import Asked, Committed
from hotline.wire.tickets import TicketSheet


class CallingBack(Controller):
    """`/callback`."""

    path = "/callback"
    guards = [access.may(Role.CALLER_BACK)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def page(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show the queue, and one ticket with its questions."""
        done, look = request.query_params.get("done", ""), of_request(request)
        notice = Notice(look.say("%(number)s 的回访已保存") % {"number": done[:32]}) if done else None
        return _page(request, here, notice=notice)

    @post("/{number:str}/caller", sync_to_thread=True, status_code=200)
    def caller(
        self,
        request: AnyRequest,
        here: NamedDependency[Here],
        number: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[str]:
        """Show the full number; that it was looked at stands in the ticket's history."""
        asked = dial.look_up(here, number, data, of_request(request))
        return _page(request, here, status=asked.status, number=number, chosen=data.get("list", ""), asked=asked)

    @post("/{number:str}/commit", sync_to_thread=True, status_code=303)
    def commit(
        self,
        request: AnyRequest,
        here: NamedDependency[Here],
        number: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[Any]:
        """Enter what the reply promises; the caller is still on the line, the ticket stays open."""
        reading = partial(fields.read, Committed, data)
        refused = keys.carry_out(here, number, "commit", data, reading, recheck.commit)
        if refused:
            notice = _refused(of_request(request), msgid("承诺没有记下。"), refused)
            status, chosen = errors.status(refused), data.get("list", "")
            return _page(request, here, notice=notice, status=status, number=number, chosen=chosen)
        return Redirect(f"/callback?list={quote(data.get('list', ''))}&ticket={quote(number)}", status_code=303)

    @post("/{number:str}", sync_to_thread=True, status_code=303)
    def save(
        self,
        request: AnyRequest,
        here: NamedDependency[Here],
        number: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[Any]:
        """Write down the call; the next ticket opens by itself."""
        refused = keys.carry_out(here, number, "callback", data, partial(_asked, data), call_back.record)
        if refused:
            notice = _refused(of_request(request), msgid("没有保存成功，填写的内容还在。"), refused)
            status, chosen = errors.status(refused), data.get("list", "")
            return _page(request, here, notice=notice, status=status, number=number, chosen=chosen, said=data)
        return Redirect(f"/callback?list={quote(data.get('list', ''))}&done={quote(number)}", status_code=303)


def _asked(data: dict[str, str]) -> Asked:
    """Return what came of the call.  raises BadValue, Unanswered for a call without a word on the matter"""
    declined, reached = data.get("reached") == "declined", data.get("reached") != "false"
    kept = ("seq", "reason", "contacted") if declined else ("seq", "reason")
    given = data if reached and not declined else {name: data.get(name, "") for name in kept}
    said = fields.read(Asked, given, reached=reached, declined=declined)
    if reached and not declined and said.solved is None and said.satisfaction is None:
        raise Unanswered  # whether somebody had called is no word on the matter
    return said


def _refused(look: Look, what: str, refused: Exception) -> Notice:
    return Notice(look.say(what), "bad", look.refusal(refused) or look.say("有一项填写有误，请核对"))


def _page(
    request: AnyRequest,
    here: Here,
    *,
    notice: Notice | None = None,
    status: int = 200,
    number: str = "",
    chosen: str = "",
    asked: dial.DialAnswer | None = None,
    said: dict[str, str] | None = None,
) -> Response[str]:
    query, look = request.query_params, of_request(request, here.city, here.me)
    named = lists.to_call(here.now)
    with db.reading() as session:
        chips = lists.chips(session, here, named, look.say)
        chosen = lists.chosen(chips, chosen or query.get("list", ""), "today")
        found = lists.page_of(session, here, named[chosen].filters, query.get("after", ""), size=30, order="callback")
        wanted = number or query.get("ticket", "") or (found.items[0].number if found.items else "")
        sheet, main = _sheets(session, here, wanted)
        again = len(commitments.to_check(session, here.city.region, here.now))
    return office(
        request,
        here,
        "callback/page.html",
        "/callback",
        status=status,
        notice=notice,
        filters=chips,
        chosen=chosen,
        cards=found.items,
        after=found.after,
        sheet=sheet,
        main=main,
        again=again,
        dial=_dial(here, look, sheet, asked),
        recode=recode.of_ticket(here, wanted),
        said=said or {},
        done="" if said else query.get("done", ""),
        **_asking(here, look, sheet, main),
    )


def _dial(here: Here, look: Look, sheet: TicketSheet | None, asked: dial.DialAnswer | None) -> dial.Dial | None:
    """Return how the caller is rung."""
    if sheet is None:
        return None
    post = f"/callback/{sheet.card.number}/caller"
    return dial.of_card(sheet.card, here, look.say, post, asked, preset="callback")


def _asking(here: Here, look: Look, sheet: TicketSheet | None, main: TicketSheet | None) -> dict[str, Any]:
    """Return what the caller is told and asked, and the answers there are."""
    answers = {
        "causes": here.city.rulebook.callbacks.reasons,
        "solved_names": look.solved_names(),
        "satisfaction_names": look.satisfaction_names(),
    }
    if sheet is None or main is None:
        return answers | {"refusal": "", "proposed": [], "voiced": "", "script": ""}
    return answers | {
        "refusal": _refusal(look, here, sheet, main),
        "proposed": commitments.proposed(here.city, main.reply, _told_at(main, here), main.commitments),
        "voiced": _voiced(look, sheet, main),
        "script": _script(look, main),
    }


def _sheets(session: Session, here: Here, number: str) -> tuple[TicketSheet | None, TicketSheet | None]:
    """Return the ticket, and the one whose answer its caller is asked about: another one where it was joined."""
    sheet = sheets.sheet(session, here.me.sight, number) if number else None
    main = sheets.sheet(session, here.me.sight, sheet.joined_to) if sheet and _joined(sheet) else sheet
    return sheet, main


def _joined(sheet: TicketSheet) -> bool:
    """Return whether the caller is asked about the answer to another ticket, the one this was joined to."""
    return State(sheet.card.state) is State.JOINED and bool(sheet.joined_to)


def _refusal(look: Look, here: Here, sheet: TicketSheet, main: TicketSheet) -> str:
    """Return why this person may not ask, "" if they may; said before the call, not after it."""
    lines = [*sheet.history, *main.history] if main is not sheet else sheet.history
    handled = any(line.actor == here.me.login and line.role in call_back.HANDS for line in lines)
    return look.sentence(callbacks.may_call(here.me.unit, {main.card.unit, *main.helpers}, handled))


def _voiced(look: Look, sheet: TicketSheet, main: TicketSheet) -> str:
    """Return what the caller has said on the web of the answer that is asked about, "" for nothing."""
    since = main.card.answered_at
    said = [one for one in sheet.calls if one.channel == "web" and one.final and since and one.at >= since]
    words = [look.solved(one.solved) for one in said[-1:] if one.solved]
    return "、".join(words + [look.satisfaction(one.satisfaction) for one in said[-1:] if one.satisfaction])


def _told_at(main: TicketSheet, here: Here) -> datetime:
    return main.card.answered_at or here.now


def _script(look: Look, sheet: TicketSheet) -> str:
    """Return what to say when somebody answers."""
    title = sheet.card.title or look.area_short(sheet.card.area)
    words = look.say("您好，这里是%(city)s热线。您反映的“%(title)s”，%(unit)s已经答复。想请您评价一下办理情况。")
    city = look.city.name if look.city else ""
    return words % {"city": city, "title": title, "unit": look.unit(sheet.card.unit)}
