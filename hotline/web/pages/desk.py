"""The operator's desk (接线台): the intake form, suggestions while typing, the number to read out."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

import msgspec
from anyio import to_thread
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody

from classifiers.danger import Heard
from dispatch.deadlines import URGENCY_NAMES
from dispatch.errors import RuleBroken
from dispatch.lifecycle import State
from dispatch.roles import Role
from grids.messages import Message
from hotline.errors import AnswerWaits, BadValue, HotlineError
from hotline.flow import handle, query, suggest, triage
from hotline.flow.acts import apart
from hotline.flow.suggest import SURE, Suggestion
from hotline.store import db, sheets, tickets
from hotline.store import lists as store
from hotline.store.lists import Filters
from hotline.web import access, callers, errors
from hotline.web.access import AnyRequest, Here
from hotline.web.gate import Handed
from hotline.web.pages.looks import Notice, of_request, office, page
from hotline.web.pages.span import between, last_days
from hotline.web.strings import msgid
from hotline.wire import fields, nothing
from hotline.wire.moves import Joined, Worded
from hotline.wire.tickets import NewTicket, Received

KINDS = (
    msgid("求助"),
    msgid("投诉"),
    msgid("咨询"),
    msgid("举报"),
    msgid("建议"),
    msgid("表扬"),
    msgid("其他"),
)
FEWEST_TYPED = 4  # characters before anything is suggested
MINE = 6


class Desk(Controller):
    """`/desk`."""

    path = "/desk"
    guards = [access.may(Role.AGENT, Role.ADMIN)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def page(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show the empty form."""
        return _form(request, here, {})

    @post("/suggestions", sync_to_thread=True, status_code=200)
    def suggestions(
        self, request: AnyRequest, here: NamedDependency[Here], data: URLEncodedBody[dict[str, str]]
    ) -> Response[str]:
        """Return the panel of suggestions for what was typed so far; writes nothing."""
        look = of_request(request, here.city, here.me)
        found = _suggested(here, data) if len(data.get("text", "").strip()) >= FEWEST_TYPED else None
        grid = found.place.grid if found else ""
        answering = here.city.leader_of(grid, here.city.day(here.now)) if grid else None
        leader = answering.name if answering else ""
        codes = {label: name.value for name, label in URGENCY_NAMES.items()}
        return page(
            request,
            "desk/suggestions.html",
            look,
            offer=found,
            leader=leader,
            problem="",
            codes=codes,
            heard=_heard(here, data),
            sure=SURE,
        )

    @post("/", status_code=200)
    async def save(
        self, request: AnyRequest, here: NamedDependency[Here], data: URLEncodedBody[dict[str, str]]
    ) -> Response[str]:
        """Register the matter, once for one form; then settle, join or triage it as the button said."""
        act = data.get("act", "save")
        try:
            if act == "settle" and not data.get("answer", "").strip():
                raise BadValue("answer", Message("请先填写当场答复的内容"))
            if act != "settle" and data.get("answer", "").strip():
                raise AnswerWaits
            form = data | {"phone": nothing.meaningful(data.get("phone", ""))}
            new = fields.read(NewTicket, form, source="desk", confidential="confidential" in data)
            key = ("desk", f"{here.me.login}:{data.get('key') or uuid4()}")
            received = await here.hall.gate.put(Handed(here.city, new, here.me.actor, key, hold=True, chosen=True))
        except (HotlineError, RuleBroken) as refused:
            return await to_thread.run_sync(_refused, request, here, data, refused)
        problem = await to_thread.run_sync(_follow, here, received.number, act, data)
        unsent = data["answer"].strip() if problem and act == "settle" else ""
        if unsent:
            await to_thread.run_sync(_noted, here, received.number, unsent)
        return await to_thread.run_sync(_saved, request, here, received, problem, unsent)


def _heard(here: Here, data: dict[str, str]) -> Heard:
    """Return the danger in the form's words, however few they are."""
    return here.city.ears.hear(data.get("text", ""), data.get("title", "")[:300])


def _suggested(here: Here, data: dict[str, str]) -> Suggestion:
    """Return what the rules say of the form so far; an area a person has chosen decides the unit."""
    caller = callers.typed(here, data.get("phone", ""))
    with db.reading() as session:
        return suggest.suggest(
            session,
            here.city,
            text=data["text"][:20_000],
            title=data.get("title", "")[:300],
            address=data.get("address", "")[:500],
            caller=caller,
            area=_known_area(here, data),
            now=here.now,
        )


def _known_area(here: Here, data: dict[str, str]) -> str:
    code = data.get("area", "")
    return code if code and here.city.taxonomy.find(code) else ""


def _refused(request: AnyRequest, here: Here, data: dict[str, str], refused: Exception) -> Response[str]:
    look = of_request(request)
    path = refused.path if isinstance(refused, BadValue) else ""
    nothing_said = look.say("请先写下诉求内容") if path == "text" else look.say("有一项填写有误，请核对")
    text = look.refusal(refused) or nothing_said
    notice = Notice(look.say("没有保存成功，内容还在，请再点提交。"), "bad", text)
    return _form(request, here, data, notice, errors.status(refused), {path: text} if path else {})


def _follow(here: Here, number: str, act: str, data: dict[str, str]) -> Exception | None:
    """Do what the button said with a ticket just received; return what went wrong, None if nothing did.

    A form that came before has been followed as a rule: then nothing is left to do, and nothing of it is lost.
    """
    thoughts = None
    try:
        if act != "settle" and not act.startswith("join:"):
            with db.reading() as session:
                thoughts = triage.of_number(session, here.city, number, here.now)
        with db.transaction() as session:
            ticket = tickets.by_number(session, here.city.region, number)
            if (act == "settle" and ticket.reply == data["answer"].strip()) or (
                act.startswith("join:") and ticket.state == State.JOINED.value
            ):
                return None
            if act == "settle":
                handle.settle(session, here.city, number, Worded(note=data["answer"].strip()), here.me, here.now)
                return None
            if act.startswith("join:"):
                apart.join(session, here.city, number, Joined(to=act.removeprefix("join:")), here.me, here.now)
                return None
            ticket = tickets.locked(session, here.city.region, number)
            if triage.is_untouched(ticket):
                triage.batch(session, here.city, [ticket], here.now, thoughts)
    except (HotlineError, RuleBroken) as refused:
        return refused
    return None


def _noted(here: Here, number: str, answer: str) -> None:
    """Keep an answer that could not end its ticket, where those who go on with it read it."""
    note = Worded(note=f"{msgid('当场答复（未办结）：')}{answer}"[:4000])
    with suppress(HotlineError, RuleBroken), db.transaction() as session:
        handle.note(session, here.city, number, note, here.me, here.now)


def _saved(
    request: AnyRequest, here: Here, received: Received, problem: Exception | None, unsent: str = ""
) -> Response[str]:
    number, known = received.number, received.status == "known"
    look = of_request(request, here.city, here.me)
    with db.reading() as session:
        card = sheets.sheet(session, here.me.sight, number)
    outcome = _outcome(look.say, State(card.card.state), look.unit(card.card.unit), card.joined_to)
    notice = Notice(look.say("已登记，但后一步没有完成"), "warn", look.refusal(problem)) if problem else None
    return office(
        request,
        here,
        "desk/saved.html",
        "/desk",
        notice=notice,
        number=number,
        spaced=_spaced(number, here.city.short),
        known=known,
        outcome=outcome,
        whys=look.whys(card.why),
        code=query.spaced(received.code),
        unsent=unsent,
    )


def _outcome(say: Any, state: State, unit: str, into: str) -> str:
    told = {
        State.ROUTED: say("已派给 %(unit)s。") % {"unit": unit},
        State.CLOSED: say("已直接答复办结。"),
        State.JOINED: say("已并入 %(into)s，时限随该工单。") % {"into": into},
    }
    return str(told.get(state, say("已转派单员人工派单。")))


def _spaced(number: str, short: str) -> str:
    """Return the number as it is read out, in groups: SL 2026 1122 000 213."""
    digits = number.removeprefix(short)
    parts = [digits[:4], digits[4:8], digits[8:11], digits[11:]]
    return " ".join([short, *(part for part in parts if part)]) if number.startswith(short) else number


def _form(
    request: AnyRequest,
    here: Here,
    said: dict[str, str],
    notice: Notice | None = None,
    status: int = 200,
    wrong: dict[str, str] | None = None,
) -> Response[str]:
    say = of_request(request).say
    today = last_days(1, here.now, here.city.zone)[0].isoformat()
    since, _ = between(today, "", here.city.zone)
    with db.reading() as session:
        mine = store.tickets(
            session,
            here.me.sight,
            msgspec.structs.replace(Filters(source="desk"), since=since),
            now=here.now,
            size=MINE,
        )
    return office(
        request,
        here,
        "desk/page.html",
        "/desk",
        status=status,
        notice=notice,
        said=said,
        wrong=wrong or {},
        key=said.get("key") or str(uuid4()),
        mine=mine.items,
        offer=None,
        leader="",
        problem="",
        codes={},
        sure=SURE,
        heard=_heard(here, said),
        kinds=[("", say("未定")), *((one, say(one)) for one in KINDS)],
        urgencies=[("", say("按内容判断")), *((name.value, say(label)) for name, label in URGENCY_NAMES.items())],
    )
