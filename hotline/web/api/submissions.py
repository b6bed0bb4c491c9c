"""The endpoint of the phone's outbox: each form is carried out once, however often it is sent."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from anyio import to_thread
from litestar import put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response.base import ASGIResponse
from sqlmodel import Session

from dispatch.roles import Role
from grids.messages import Message
from hotline import clock
from hotline.errors import BadValue, KeyReused, MovedOn, NoSuchTicket, SaidBefore
from hotline.flow.acts import attach, deeds
from hotline.flow.moves import CLOCKWORK
from hotline.store import db, intake, submissions, tickets
from hotline.store.columns import col
from hotline.store.tickets import Entry
from hotline.web import access, bodies
from hotline.web.access import AnyRequest, Here
from hotline.web.bodies import ENCODER
from hotline.web.gate import Handed
from hotline.wire import fields
from hotline.wire.submissions import Accepted, Submission

SUBMISSION_DECODER = msgspec.json.Decoder(Submission)
SENT_LATE = timedelta(minutes=10)  # between filling in and receiving: from here on the history says so
ADDS = ("there", "doing")  # answers that take nothing back: true whatever others wrote meanwhile
BRIEF = (*ADDS, "done")  # answers that need no further words


@put("/submissions/{key:uuid}", guards=[access.may(Role.GRID_LEADER)], status_code=201)
async def submit(
    key: FromPath[UUID], request: AnyRequest, here: NamedDependency[Here], again: FromQuery[bool] = False
) -> ASGIResponse:
    """手机补传一张填好的表单。编号由手机生成：首次提交返回 201，再次提交返回 200 和同样的结果，内容不同返回 409。

    结果中的 id 就是这个编号，没有它的应答不是回执。同一人 10 分钟内对同一工单说过同样的话返回 409（said_before），
    确要再次提交的加 again=true。
    files 中的照片和录音随后逐个上传。工单已转走返回 409，表单有误返回 422，均不改动任何内容。
    """
    said = await bodies.read_body(request, SUBMISSION_DECODER)
    known = await to_thread.run_sync(_known, here, key, said)
    if known is not None:
        return _answer(known, 200)
    photos = here.city.rulebook.photos
    if photos.too_many(len(said.files)):
        raise BadValue("files", Message("一次最多附 %(n)s 个照片和录音，请减少后重新提交", n=photos.most))
    if said.kind == "report":
        number = await _received(here, key, said, again)
        done, status = await to_thread.run_sync(_follow, here, key, said, number)
    else:
        done, status = await to_thread.run_sync(_make, here, key, said, again)
    return _answer(done, status)


def _answer(done: Accepted, status: int) -> ASGIResponse:
    return ASGIResponse(body=ENCODER.encode(done), status_code=status, media_type=bodies.JSON)


def _known(here: Here, key: UUID, said: Submission) -> Accepted | None:
    with db.reading() as session:
        return _before(session, here, key, said)


def _before(session: Session, here: Here, key: UUID, said: Submission) -> Accepted | None:
    """Return what was answered to the same words before.  raises KeyReused for other words"""
    kept = submissions.find(session, here.me.region, here.me.login, key)
    if kept is None:
        return None
    if kept.digest != submissions.digest(said):
        raise KeyReused(str(key), kept.number)
    return kept.answer


async def _received(here: Here, key: UUID, said: Submission, again: bool) -> str:
    """Return the number the report has, or gets now.  raises SaidBefore"""
    name = deeds.key(here, str(key))

    def seen() -> str:
        with db.statement() as connection:
            known = intake.known(connection, here.me.region, [name])
        return known[name].number if name in known else ""

    number = await to_thread.run_sync(seen)
    if number:
        return number
    if not again:
        await to_thread.run_sync(_new_words, here, key, said)
    matter = partial(deeds.new_matter, here, said.said, _occurred(said), shown=bool(said.files))
    new = await to_thread.run_sync(matter)
    received = await here.hall.gate.put(Handed(here.city, new, here.me.actor, name, hold=True))
    return received.number


def _follow(here: Here, key: UUID, said: Submission, number: str) -> tuple[Accepted, int]:
    thoughts = deeds.concluded(here, number, said.said)
    with db.transaction() as session:
        return _once(session, here, key, said, lambda: deeds.go_on(session, here, number, said.said, thoughts))


def _make(here: Here, key: UUID, said: Submission, again: bool) -> tuple[Accepted, int]:
    with db.transaction() as session:
        return _once(session, here, key, said, lambda: _step(session, here, said), again=again)


def _new_words(here: Here, key: UUID, said: Submission) -> None:
    with db.reading() as session:
        _refuse_same(session, here, key, said)


def _refuse_same(session: Session, here: Here, key: UUID, said: Submission) -> None:
    """raises SaidBefore where this person said the same about the same some minutes before or after"""
    words, at = submissions.words(said.kind, said.number, said.said, said.files), _occurred(said) or clock.now()
    if submissions.lately(session, here.me.region, here.me.login, words, at, but=key):
        raise SaidBefore


def _once(
    session: Session, here: Here, key: UUID, said: Submission, step: Any, *, again: bool = True
) -> tuple[Accepted, int]:
    """Take the identifier, then make the step: who comes second meanwhile waits, and finds the answer."""
    region, login, now = here.me.region, here.me.login, clock.now()
    if not submissions.begin(session, region, login, key, said, _occurred(said) or now, now):
        known = _before(session, here, key, said)
        if known is None:
            raise RuntimeError("an identifier is taken and not there")
        return known, 200
    if not again:
        _refuse_same(session, here, key, said)
    ticket = step()
    if ticket is None:
        return Accepted(id=key, number="", seq=0), 201
    attach.announce(session, ticket, said.files, here.me, now)
    submissions.end(session, region, login, key, ticket.number, ticket.id, ticket.seq)
    return Accepted(id=key, number=ticket.number, seq=ticket.seq), 201


def _step(session: Session, here: Here, said: Submission) -> Any:
    form = dict(said.said)
    try:
        if said.kind == "visit":
            return deeds.visit(session, here, here.hall.seal, form, _occurred(said) or clock.now())
        ticket = tickets.locked(session, here.me.region, said.number)
        if said.said.get("answer") in ADDS or _alone(session, ticket.id, form.get("seq", ""), here.me.login):
            form.pop("seq", None)
        form["note"] = _dated(here, said)
        return deeds.KINDS[said.kind](session, here, said.number, form)
    except NoSuchTicket:
        raise MovedOn(said.number) from None
    except BadValue as wrong:
        raise BadValue(wrong.path, wrong.sentence or Message("有一项填写有误，请核对后再提交")) from None


def _alone(session: Session, ticket: UUID, seq: str, login: str) -> bool:
    """Say whether no other person touched the ticket since: two forms filled in on the way come one by one."""
    seen = fields.number(seq)
    if seen is None:
        return False
    since = sa.select(col(Entry.actor)).where(col(Entry.ticket_id) == ticket, col(Entry.seq) > seen).distinct()
    return set(session.execute(since).scalars()) <= {login, CLOCKWORK.login}


def _dated(here: Here, said: Submission) -> str:
    """Return the note, with the moment it was written where it comes late: the history's own times are ours."""
    note, at = said.said.get("note", "").strip(), _occurred(said)
    if at is None or clock.now() - at < SENT_LATE or not (note or said.said.get("answer") in BRIEF):
        return note
    return f"{note}（{at.astimezone(here.city.zone):%m月%d日%H:%M}填写，网络恢复后补传）"[:4000]


def _occurred(said: Submission) -> datetime | None:
    """Return when the form was filled in, by our clock; None where the phone says no time that could be.

    A phone's clock may be a year off; how long ago it was by the same clock is what can be believed.
    """
    ago = said.sent_at - said.occurred_at
    return clock.now() - ago if timedelta(0) <= ago <= timedelta(days=30) else None
