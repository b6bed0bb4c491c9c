"""The moves of the grid leader's forms: posted by the page, or sent later by the phone.

A form is its fields by name, as text.  Every function raises BadValue with the field's name for what only the leader
can mend, and what the step itself refuses.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol

from sqlmodel import Session

from classifiers import text as words
from dispatch.lifecycle import Move, State
from grids.messages import Message
from hotline.city import City
from hotline.errors import BadValue, SaidBefore, msgid
from hotline.flow import handle, suggest, triage
from hotline.flow.acts import forestall, regrid, together, whistle
from hotline.flow.suggest import Suggestion
from hotline.flow.triage import Thoughts
from hotline.people import Me
from hotline.sealing import Seal
from hotline.store import db, submissions, tickets, visits
from hotline.store.columns import values_of
from hotline.store.ids import new_id
from hotline.store.tickets import Ticket
from hotline.store.visits import VisitRow
from hotline.wire import fields
from hotline.wire.moves import Answer, Plain, Regridded, SentBack, Whistled, Worded
from hotline.wire.tickets import NewTicket

Form = dict[str, str]


class Acting(Protocol):
    """Who fills in a form, in which city, when: what a door knows of one request."""

    @property
    def me(self) -> Me: ...
    @property
    def city(self) -> City: ...
    @property
    def now(self) -> datetime: ...


ANSWERS = {
    "there": msgid("已到现场"),
    "doing": msgid("正在处理"),
    "done": msgid("已办好"),
    "cannot": msgid("办不了"),
    "lack": msgid("请诉求人补充"),
    "review": msgid("已复查，还不能办"),
    "resume": msgid("恢复办理"),
}  # catalogue
DEEDS: dict[str, Callable[..., Ticket]] = {
    Move.LACK: together.lack,
    Move.REVIEW: together.review,
    Move.RESUME: together.resume,
}  # their words are for the citizen
SENTENCE, LONGEST_NAME = 300, 40  # characters of a visit's note, and of whom an errand is for
ENDS = {"handled": msgid("我已当场处理"), "dispatch": msgid("需要派单")}


def once_said(session: Session, here: Acting, kind: str, number: str, data: Form) -> None:
    """Write down what a page's own form says.  raises SaidBefore, once: the form that comes back is meant"""
    words = submissions.words(kind, number, data)
    if not data.get("again") and submissions.lately(session, here.me.region, here.me.login, words, here.now):
        data["again"] = "1"
        raise SaidBefore
    submissions.note(session, here.me.region, here.me.login, kind, number, words, here.now)


def answer(session: Session, here: Acting, number: str, data: Form) -> Ticket:
    """Take one of the answers; who reports on a ticket has taken it in hand."""
    chosen, note = data.get("answer", ""), data.get("note", "").strip()[:4000]
    if chosen not in ANSWERS:
        raise BadValue("answer", Message("请选一项后再提交"))
    if (chosen == "cannot" or chosen in DEEDS) and not note:
        raise BadValue("note", Message("选这一项时请写明理由"))
    seq = fields.number(data.get("seq", ""))
    city, me, now = here.city, here.me, here.now
    if chosen == "cannot":
        said_back = fields.read(SentBack, data, seq=seq, reason=note)
        return handle.send_back(session, city, number, said_back, me, now)
    if chosen in DEEDS:
        return DEEDS[chosen](session, city, number, Worded(seq=seq, note=note), me, now)
    held = tickets.locked(session, city.region, number)
    if held.state == State.ROUTED.value:
        handle.sign(session, city, number, Plain(seq=seq), me, now)
        seq = None
    said = f"{ANSWERS[chosen]}。{note}" if note else ANSWERS[chosen]
    if chosen == "done":
        result = Answer(seq=seq, note=said, contacted=False, alone="alone" in data)
        return handle.answer(session, city, number, result, me, now)
    return handle.report(session, city, number, Worded(seq=seq, note=said), me, now)


def blow(session: Session, here: Acting, number: str, data: Form) -> Ticket:
    """Call units (吹哨); another one a person chose stands over the rule's."""
    if not data.get("reason"):
        raise BadValue("reason", Message("请选一个吹哨理由"))
    units = (data["unit"],) if data.get("unit") else ()
    return whistle.blow(session, here.city, number, fields.read(Whistled, data, units=units), here.me, here.now)


def pass_on(session: Session, here: Acting, number: str, data: Form) -> Ticket:
    """Pass the ticket to the grid it lies in (转网格)."""
    if not data.get("grid"):
        raise BadValue("grid", Message("请选择另一个网格"))
    return regrid.give(session, here.city, number, fields.read(Regridded, data), here.me, here.now)


KINDS: dict[str, Callable[[Session, Acting, str, Form], Ticket]] = {
    "answer": answer,
    "whistle": blow,
    "regrid": pass_on,
}


def new_matter(here: Acting, data: Form, occurred_at: datetime | None = None, *, shown: bool = False) -> NewTicket:
    """Return the matter a report (上报) is received as.  shown: photos or a recording follow it"""
    if data.get("end") not in ENDS:
        raise BadValue("end", Message("请选“我已当场处理”或“需要派单”"))
    found, (lng, lat) = None, point(data)
    if data.get("text", "").strip() or lng is not None:
        with db.reading() as session:
            found = suggested(session, here, data)
    code, own = area(here, data), grid(here, data, found)
    text = forestall.wording(here.city, data.get("text", ""), code, shown)
    if data["end"] == "handled":
        if not own:
            raise BadValue("grid", Message("当场处理的事项请选择您的网格；其他地方的事项请选“需要派单”"))
        if not code and not (found and found.area):
            raise BadValue("area", Message("这件事的类别拿不准，请选一个类别"))
    return fields.read(
        NewTicket,
        {"address": data.get("address", "")[:500]},
        source=forestall.GRID_SOURCE,
        text=text,
        area=code,
        grid=own,
        occurred_at=occurred_at,
        lng=lng,
        lat=lat,
    )


def point(data: Form) -> tuple[float | None, float | None]:
    """Return where the phone stood (longitude, latitude, WGS-84), if the leader let it say so."""
    try:
        lng, lat = float(data.get("lng", "")), float(data.get("lat", ""))
    except ValueError:
        return None, None
    return (lng, lat) if abs(lng) <= 180 and abs(lat) <= 90 else (None, None)


def concluded(here: Acting, number: str, data: Form) -> Thoughts | None:
    """Conclude what a report that is to be sent out is about, before the writing transaction begins."""
    if data["end"] == "handled":
        return None
    with db.reading() as session:
        return triage.of_number(session, here.city, number, here.now)


def go_on(session: Session, here: Acting, number: str, data: Form, thoughts: Thoughts | None) -> Ticket:
    """Go on with a report just received, as it says; one that came twice has gone on already."""
    ticket = tickets.locked(session, here.city.region, number)
    if ticket.state != State.RECEIVED.value:
        return ticket
    if data["end"] == "handled":
        note = Worded(note=forestall.handled_text(data.get("text", "")))
        return forestall.close(session, here.city, number, note, here.me, here.now)
    if triage.is_untouched(ticket):
        triage.batch(session, here.city, [ticket], here.now, thoughts)
    return ticket


def visit(session: Session, here: Acting, seal: Seal, data: Form, at: datetime) -> None:
    """Keep a visit or an errand (走访、代办), noted at a moment."""
    city, kind, note = here.city, here.city.rulebook.visit.of(data.get("kind", "")), data.get("note", "").strip()
    if kind is None:
        raise BadValue("kind", Message("请选一类"))
    if not note:
        raise BadValue("note", Message("请写一句"))
    if (own := data.get("grid") or next(iter(here.me.grids), "")) not in here.me.grids:
        raise BadValue("grid", Message("请选择您的网格"))
    try:
        until = date.fromisoformat(data["until"]) if data.get("until") else None
    except ValueError:
        raise BadValue("until", Message("日期请按年-月-日填写")) from None
    whom = data.get("whom", "").strip()[:LONGEST_NAME] if kind.errand else ""
    row = values_of(
        VisitRow,
        id=new_id(here.now),
        region=city.region,
        grid=own,
        login=here.me.login,
        kind=kind.code,
        note=words.mask(note[:SENTENCE]),
        until=until,
        at=at,
        done_at=None,
        whom_sealed=seal.seal(whom, f"{city.region}:visit") if whom else "",
    )
    visits.put(session, row)


def key(here: Acting, given: str) -> tuple[str, str]:
    """Return the key a report is received once under, whichever way the form came."""
    return "m", f"{here.me.login}:{given}"


def area(here: Acting, data: Form) -> str:
    """Return the area a leader chose, "" for none."""
    code = data.get("other") or data.get("area", "")
    return code if code and here.city.taxonomy.find(code) else ""


def grid(here: Acting, data: Form, found: Suggestion | None = None) -> str:
    """Return the own grid a report is about: the chosen one, the one its words name, else the first.

    "" where it is elsewhere: as chosen, or as the words say.
    """
    chosen, own = data.get("grid", ""), here.me.grids
    if chosen:
        return chosen if chosen in own else ""
    named = found.place.grid if found else ""
    return own[0] if own and not named else named if named in own else ""


def suggested(session: Session, here: Acting, data: Form) -> Suggestion:
    """Return what the words of a report are likely about, and where."""
    lng, lat = point(data)
    return suggest.suggest(
        session,
        here.city,
        text=data.get("text", "")[:20_000],
        address=data.get("address", "")[:500],
        lng=lng,
        lat=lat,
        area=area(here, data),
        handles=here.me.handles,
        now=here.now,
    )
