"""The citizen's page: the ticket's number and its query code, no login.  Public lines only, no names of handlers.

A wrong number, a wrong code and a ticket that has none get one same answer, so that numbers cannot be walked.
"""

from datetime import datetime

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import URLEncodedBody
from sqlmodel import Session

from dispatch import callbacks
from dispatch.callbacks import Answers, CallbackRules
from dispatch.errors import RuleBroken
from dispatch.lifecycle import MOVES, Move, State
from hotline import clock
from hotline.city import City
from hotline.errors import HotlineError, NoSuchTicket
from hotline.flow import call_back, query
from hotline.sealing import Seal
from hotline.store import db, facts, sheets
from hotline.store.lists import Sight
from hotline.web import access, peers
from hotline.web.access import AnyRequest
from hotline.web.pages.form import moves
from hotline.web.pages.looks import of_request, page
from hotline.web.pages.names import Look
from hotline.web.pages.slow import Brake
from hotline.web.pages.words import RUNNING
from hotline.web.strings import msgid
from hotline.wire import fields
from hotline.wire.moves import Asked
from hotline.wire.tickets import Line, TicketSheet

STEPS = (msgid("已受理"), msgid("已派单"), msgid("办理中"), msgid("办结"))
REACHED = {
    State.RECEIVED: 0,
    State.RETURNED: 1,
    State.DISPUTED: 1,
    State.ROUTED: 1,
    State.SIGNED: 2,
    State.LACKING: 2,
    State.PARKED: 2,
    State.REVIEWING: 2,
    State.ANSWERED: 2,
    State.CLOSED: 3,
    State.ARCHIVED: 3,
    State.JOINED: 1,
}
EARLY = {  # ended without the four steps
    State.REFUSED: msgid("不予受理"),
    State.WITHDRAWN: msgid("已撤回"),
    State.VOIDED: msgid("登记有误，已作废；如有疑问请拨打 12345。"),
}


class HistoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line as a citizen reads it."""

    at: datetime
    title: str
    words: str


class CitizenTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as its citizen sees it.

    ended  how it ended where it did not go the four steps;  asks  what the citizen is asked for, by when
    live   it may still be taken back;  open  it is not over yet
    """

    number: str
    code: str
    title: str
    steps: list[tuple[str, str]]
    promise: str
    lines: list[HistoryLine]
    may_rate: bool
    ended: str
    asks: HistoryLine | None
    live: bool
    open: bool
    rated: str  # what was said before, in words


class Citizen(Controller):
    """`/progress`."""

    path = "/progress"
    guards = [access.anyone]  # noqa: RUF012 - Litestar's own way

    @get("/")
    async def form(self, request: AnyRequest) -> Response[str]:
        """Show the two questions."""
        return await _page(request, number=request.query_params.get("number", "")[:32])

    @post("/", sync_to_thread=True, status_code=200)
    def look_up(self, request: AnyRequest, data: URLEncodedBody[dict[str, str]]) -> Response[str]:
        """Show the progress, or the one answer that tells nothing."""
        return _answer(request, data)

    @post("/rating", sync_to_thread=True, status_code=200)
    def rate(self, request: AnyRequest, data: URLEncodedBody[dict[str, str]]) -> Response[str]:
        """Take the citizen's rating."""
        return _answer(request, data, rating=True)


def _answer(request: AnyRequest, data: dict[str, str], rating: bool = False) -> Response[str]:
    city = access.hall_of(request).look_up_city()
    look, now = of_request(request, city), clock.now()
    number, code = query.plain_code(data.get("number", "")), query.plain_code(data.get("code", ""))
    brake, seal = Brake(peers.network(request), number, now), access.hall_of(request).seal
    if minutes := brake.wait():
        return _slowed(request, look, number, minutes)
    try:
        with db.reading() as session:
            sheet, into = _own(session, seal, city, number, code)
    except NoSuchTicket:
        brake.wrong()
        problem = look.say("没有查到。请核对工单号和查询码；查询码不对或忘了，请拨打 12345。")
        return _shown(request, look, 404, number, problem=problem)
    brake.right()
    problem = _take_rating(look, city, sheet, data, now) if rating else ""
    if rating and not problem:
        with db.reading() as session:
            sheet, into = _own(session, seal, city, number, code)
    found = _citizen_ticket(look, sheet, into, code, city.rulebook.callbacks)
    return _shown(
        request,
        look,
        422 if problem else 200,
        number,
        found=found,
        problem=problem,
        thanks=rating and not problem,
        said=data if problem else {},
        causes=city.rulebook.callbacks.reasons,
    )


def _slowed(request: AnyRequest, look: Look, number: str, minutes: int) -> Response[str]:
    """Return the page of who has guessed too often: nothing was looked at."""
    problem = look.say("输错的次数太多了，请过%(n)s分钟再试。着急的话，请拨打 12345。") % {"n": minutes}
    answer = _shown(request, look, 429, number, problem=problem)
    answer.headers["Retry-After"] = str(minutes * 60)
    return answer


def _own(session: Session, seal: Seal, city: City, number: str, code: str) -> tuple[TicketSheet, TicketSheet | None]:
    """Return the ticket, and the one it was joined to.  raises NoSuchTicket unless the code is its own"""
    if not query.opens(session, seal, city.region, number, code):
        raise NoSuchTicket(number)
    sight = Sight(region=city.region, everything=True)
    sheet = sheets.sheet(session, sight, number)
    into = sheets.sheet(session, sight, sheet.joined_to) if sheet.joined_to else None
    while into and State(into.card.state) is State.JOINED and into.joined_to not in ("", number):
        into = sheets.sheet(session, sight, into.joined_to)
    return sheet, into


def _take_rating(look: Look, city: City, sheet: TicketSheet, data: dict[str, str], now: datetime) -> str:
    """Write the rating down; return what is wrong with it, "" if nothing."""
    given = {name: data.get(name, "") for name in ("solved", "satisfaction", "cause", "reason")}
    if not given["solved"] or not given["satisfaction"]:
        return look.say("请选择是否解决和是否满意。")
    contacted = {"yes": True, "no": False}.get(data.get("contacted", ""))
    try:
        said = fields.read(Asked, given, reached=True, contacted=contacted, channel="web")
        unhappy = callbacks.unhappy(Answers(reached=True, solved=said.solved, satisfaction=said.satisfaction))
        if unhappy and not said.cause and not said.reason:
            return look.say("请告诉我们不满意的原因，我们会退回重新办理或督办。")
        with db.transaction() as session:
            call_back.citizen_rating(session, city, sheet.card.number, said, now)
    except (HotlineError, RuleBroken):
        return look.say("这件诉求现在不能评价，可能已过评价期限。")
    return ""


def _citizen_ticket(
    look: Look, sheet: TicketSheet, into: TicketSheet | None, code: str, rules: CallbackRules
) -> CitizenTicket:
    """Return what a citizen sees.  A joined ticket goes its matter's way until its own caller has been heard."""
    lead = into if into and State(sheet.card.state) is State.JOINED else sheet
    reached = REACHED.get(State(lead.card.state), 0)
    steps = [
        (look.say(name), "here" if place == reached else "done" if place < reached else "")
        for place, name in enumerate(STEPS)
    ]
    lines = [_history_line(look, line, sheet) for line in sheet.history if line.public and moves.of(line.move).heading]
    if into:
        theirs = [line for line in into.history if line.public and moves.of(line.move).heading]
        lines += [_history_line(look, line, into) for line in theirs if _decides(line) or moves.of(line.move).quoted]
    state = State(lead.card.state)
    return CitizenTicket(
        number=sheet.card.number,
        code=code,
        steps=[] if state in EARLY else steps,
        title=sheet.card.title or look.area_short(sheet.card.area),
        promise=_promise(look, lead),
        lines=sorted(lines, key=lambda line: line.at)[::-1],
        may_rate=_may_rate(look, sheet, lead, rules),
        rated=_rated(look, sheet),
        asks=_asks(look, lead),
        ended=look.say(EARLY[state]) if state in EARLY else "",
        live=State(sheet.card.state) in MOVES[Move.WITHDRAW].origins,
        open=sheet.card.closed_at is None,
    )


def _promise(look: Look, lead: TicketSheet) -> str:
    """Return by when the citizen is answered, or why the time stands still."""
    card, days = lead.card, look.city.rulebook.extensions.park_days if look.city else 0
    if State(card.state) is State.PARKED:
        return look.say("已列入挂账，暂停计时；至少每%(n)s天复查一次，并在这里告诉您。") % {"n": days}
    if State(card.state) is State.REVIEWING:
        return look.say("承办单位已报送办理结果，正在审核；审核通过后在这里答复您。")
    if card.due_at is None or State(card.state) not in RUNNING:
        return ""
    if card.extended_days:
        words = look.say("已延期%(n)s个工作日，承诺在 %(at)s 前答复您。")
        return words % {"n": card.extended_days, "at": look.when(card.due_at)}
    return look.say("承诺在 %(at)s 前答复您。") % {"at": look.when(card.due_at)}


def _asks(look: Look, lead: TicketSheet) -> HistoryLine | None:
    """Return what the citizen is asked for, and by when."""
    if State(lead.card.state) is not State.LACKING:
        return None
    line = next(line for line in reversed(lead.history) if line.move == Move.LACK)
    due = next((one.due_at for one in reversed(lead.clocks) if one.clock == "supply"), None)
    until = look.say("请在 %(at)s 前补充，到期未补充的按现有材料办理。") % {"at": look.when(due)} if due else ""
    return HistoryLine(at=line.at, title=until, words=line.note)


def _may_rate(look: Look, sheet: TicketSheet, lead: TicketSheet, rules: CallbackRules) -> bool:
    """Return whether the form is shown; whether a rating is taken, the step says."""
    rateable = State(sheet.card.state) in {State.ANSWERED, State.CLOSED, State.JOINED}
    answered = rateable and lead.card.answered_at is not None
    return callbacks.may_rate(rules, answered=answered, closed_at=sheet.card.closed_at, now=look.now)


def _rated(look: Look, sheet: TicketSheet) -> str:
    """Return what the citizen said before, in words."""
    words = [look.solved(sheet.solved)] if sheet.solved else []
    return "、".join(words + ([look.satisfaction(sheet.satisfaction)] if sheet.satisfaction else []))


def _decides(line: Line) -> str:
    """Return the request that a line decides, "" for none."""
    return MOVES[Move(line.move)].decides if line.move in MOVES else ""


def _history_line(look: Look, line: Line, sheet: TicketSheet) -> HistoryLine:
    row = moves.of(line.move)
    heading, words = look.say(row.heading), line.note if row.quoted else ""
    if "%(unit)s" in heading:
        heading %= {"unit": look.unit(facts.of(line.facts).unit or sheet.card.unit)}
    if kind := _decides(line):
        reasons = [one.reason for one in sheet.petitions if one.kind == kind and one.decided_at == line.at]
        words = "\n".join(filter(None, (line.why.get("decision", ""), *reasons)))
    if line.move == Move.REFUSE:
        words = "\n".join((words, look.say("请向%(guide)s反映。") % {"guide": line.why.get("guide", "")}))
    return HistoryLine(at=line.at, title=heading, words=words)


async def _page(request: AnyRequest, number: str) -> Response[str]:
    city = await access.hall_of(request).city()
    return _shown(request, of_request(request, city), 200, number)


def _shown(
    request: AnyRequest,
    look: Look,
    status: int,
    number: str,
    *,
    found: CitizenTicket | None = None,
    problem: str = "",
    thanks: bool = False,
    said: dict[str, str] | None = None,
    causes: tuple[str, ...] = (),
) -> Response[str]:
    hashed = request.scope.get("auth")
    token = access.hall_of(request).csrf(hashed) if hashed else ""
    return page(
        request,
        "citizen/page.html",
        look,
        status=status,
        token=token,
        number=number,
        found=found,
        problem=problem,
        thanks=thanks,
        said=said or {},
        causes=causes,
        solved_names=look.solved_names(),
        satisfaction_names=look.satisfaction_names(),
    )
