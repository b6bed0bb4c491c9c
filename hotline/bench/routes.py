"""The product's application with two reference routes beside its own: what its speed is compared with.

/bench/decode  reads the same body into the same struct, and answers; no login, no rule, no database
/bench/orm     the same endpoint, its rows written the plain way: one SQLModel session a request
"""

from typing import Any

import msgspec
from litestar import Litestar, Request, post
from litestar.response.base import ASGIResponse
from sqlmodel import Session

from dispatch.roles import Role
from hotline import clock
from hotline.flow import receive
from hotline.store import db, numbers
from hotline.store.callers import Caller, IntakeKey
from hotline.store.intake import Arrival
from hotline.store.outbox import OutboxRow
from hotline.store.tickets import Entry, TicketRow
from hotline.web import access, app, bodies
from hotline.web.api.tickets import Taken
from hotline.wire.tickets import NewTicket

NEW = msgspec.json.Decoder(NewTicket)


def create_app() -> Litestar:
    """Return the product's application, and the two routes."""
    office = app.create_app()
    office.register(decode)
    office.register(orm)
    return office


@post("/bench/decode", status_code=201, include_in_schema=False)
async def decode(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Read the body and answer."""
    new = await bodies.read_body(request, NEW)
    body = msgspec.json.encode(Taken(number=f"{request.headers.get('idempotency-key')}-{len(new.text)}"))
    return ASGIResponse(body=body, status_code=201, media_type=bodies.JSON)


@post("/bench/orm", guards=[access.may(Role.AGENT)], status_code=201, sync_to_thread=True, include_in_schema=False)
def orm(request: Request[Any, Any, Any], data: NewTicket) -> Taken:
    """Receive a matter as one would without thinking of speed."""
    hall, me, now = access.hall_of(request), access.me(request), clock.now()
    found = hall.look_up_city()
    number = numbers.take(found.region, found.short, found.day(now))[0]
    key = (f"api:{me.login}", request.headers["idempotency-key"])
    arrival = receive.arrive(found, hall.seal, data, me.actor, now, number, key)
    with db.transaction() as session:
        _write(session, arrival)
    return Taken(number=number)


def _write(session: Session, arrival: Arrival) -> None:
    held = session.get(IntakeKey, (arrival.key["region"], arrival.key["source"], arrival.key["key"]))
    if held is not None:
        raise ValueError(held.number)
    if arrival.caller and session.get(Caller, arrival.caller["id"]) is None:
        session.add(Caller(**arrival.caller))
    session.add(IntakeKey(**arrival.key))
    session.add(TicketRow(**arrival.ticket))
    session.add(Entry(**arrival.entry))
    if arrival.outbox:
        session.add(OutboxRow(**arrival.outbox))
