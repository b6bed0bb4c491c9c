"""Step 1, intake: a matter becomes a ticket.

`arrive` turns what a door handed in into the rows of the one intake statement; `put_all` runs it.  Received once per
outside key: the upstream number (source, source_ref), or the client's Idempotency-Key.
"""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.engine import Connection

from classifiers import text as words
from dispatch.lifecycle import Move, State
from grids.geometry import Datum, Reading, read_point
from grids.messages import Message
from hotline.city import City
from hotline.errors import BadValue, KeyReused
from hotline.flow import danger, moves, query
from hotline.flow.locate import MAINLAND
from hotline.people import Actor
from hotline.sealing import Seal
from hotline.store import intake
from hotline.store.callers import Caller, IntakeKey
from hotline.store.columns import values_of
from hotline.store.ids import new_id
from hotline.store.intake import Arrival, Known
from hotline.store.tickets import Ticket, TicketRow
from hotline.wire import nothing
from hotline.wire.tickets import NewTicket, Received

TITLE_LENGTH = 30
NOTED = "填写说明"  # in `extra`: which fields held a word that says nothing
FIELD_LABELS = {"title": "标题", "kind": "类型", "name": "姓名", "phone": "电话", "address": "地址"}
# The columns of a ticket not yet triaged, as the schema's own defaults give them.
BLANK: dict[str, Any] = {
    name: field.get_default(call_default_factory=True) if not field.is_required() else None
    for name, field in TicketRow.model_fields.items()
}


def arrive(
    city: City,
    seal: Seal,
    new: NewTicket,
    actor: Actor,
    now: datetime,
    number: str,
    key: tuple[str, str] | None = None,
    *,
    quiet: bool = False,
    hold: bool = False,
    coded: bool = False,
    chosen: bool = False,
) -> Arrival:
    """Return the rows of a matter received `now` as `number`.

    key     (scope, key) that makes it received once; by default (source, source_ref), or the number where there is none
    quiet   loaded from history: nobody is told
    chosen  how urgent it is was a person's choice at the desk, the words of danger before the eyes
    hold    whoever handed it in goes on with it at once (settles, joins, triages): the queue is told if they do not
    coded   the citizen gets a query code, told with the answer; what comes from files has nobody to be told it
    raises  BadValue with the field's path for an area, grid or unit the city does not know
    """
    area = _check(city, new)
    body, new = fingerprint(new), _meant(new)
    point = reading(city, new)
    caller, label = _caller(city, seal, new)
    code = query.new_code() if coded else ""
    urgency, grave = (new.urgency or "normal", "") if quiet else danger.weigh(city, new, chosen=chosen)
    why = ({"point": point.why} if point.why else {}) | ({"urgency": grave} if grave else {})
    hashed = query.hashed(seal, city.region, number, code) if code else ""
    known = _Known(area, urgency, why, caller["id"] if caller else None, label, hashed, quiet)
    ticket = _drafted(city, new, point, known, number, now)
    entry = moves.opening(ticket, actor, now)
    event = moves.event(city.region, ticket["id"], number, Move.RECEIVE, now) | ({"sent_at": now} if hold else {})
    scope, name = key or ((new.source, new.source_ref) if new.source_ref else ("number", number))
    keyed = values_of(IntakeKey, region=city.region, source=scope, key=name, number=number, body_hash=body, at=now)
    return Arrival(key=keyed, ticket=ticket, entry=entry, caller=caller, outbox=None if quiet else event, code=code)


class _Known(msgspec.Struct, frozen=True):
    """What is known of a matter beside what was said of it."""

    area: str
    urgency: str
    why: dict[str, str]
    caller_id: UUID | None
    label: str
    query_hash: str
    quiet: bool


def _drafted(city: City, new: NewTicket, point: Reading, known: _Known, number: str, now: datetime) -> dict[str, Any]:
    """Return the columns of a ticket that has only just come."""
    return BLANK | values_of(
        TicketRow,
        state=State.DRAFT.value,
        id=new_id(now),
        region=city.region,
        number=number,
        received_at=now,
        occurred_at=new.occurred_at,
        source=new.source,
        source_ref=new.source_ref,
        kind=new.kind,
        urgency=known.urgency,
        title=new.title.strip() or headline(new.text),
        text=new.text.strip(),
        address=new.address.strip(),
        lng=point.point.lng if point.point else None,
        lat=point.point.lat if point.point else None,
        datum=_datum(new, point),
        coordinates=_as_written(new),
        caller_id=known.caller_id,
        caller_label=known.label,
        confidential=new.confidential,
        query_hash=known.query_hash,
        area=known.area,
        area_confidence=1.0 if new.area else 0.0,
        grid=new.grid,
        unit=new.unit,
        quiet=known.quiet,
        why=known.why,
        extra=new.extra,
    )


def put_all(connection: Connection, arrivals: list[Arrival]) -> list[Received | KeyReused]:
    """Store what is new, in one statement; say of each, in order, what became of it."""
    accepted = intake.put_many(connection, arrivals)
    if len(accepted) == len(arrivals):
        return [_accepted(one) for one in arrivals]
    old = [_key(one) for one in arrivals if one.key["number"] not in accepted]
    held = intake.known(connection, arrivals[0].key["region"], old)
    return [_outcome(one, accepted, held) for one in arrivals]


def put(connection: Connection, arrivals: list[Arrival]) -> list[Received]:
    """Store what is new.  raises KeyReused for the first key that came back with another body"""
    outcomes = put_all(connection, arrivals)
    for outcome in outcomes:
        if isinstance(outcome, KeyReused):
            raise outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Received)]


def fingerprint(new: NewTicket) -> str:
    """Return the digest that tells whether a key came back with the same body.

    Under an upstream number that is the text alone: another export of the same ticket has more columns, or fewer.
    """
    if new.source_ref:
        return words.digest(new.text)
    # As it was called when nothing could be left out.
    said = msgspec.structs.replace(new, urgency=new.urgency or "normal")
    return hashlib.blake2b(msgspec.json.encode(said, order="deterministic"), digest_size=16).hexdigest()


def headline(text: str) -> str:
    """Return the first sentence of a text, at most 30 characters, for tickets that came without a title."""
    first = text.strip().splitlines()[0] if text.strip() else ""
    for stop in "。！？；":
        first = first.partition(stop)[0]
    return first if len(first) <= TITLE_LENGTH else f"{first[: TITLE_LENGTH - 1]}…"


def reading(city: City, new: NewTicket) -> Reading:
    """Return the point of a matter in WGS-84, repaired where certain, refused with a reason where not."""
    if new.lng is None and new.lat is None:
        return Reading(point=None, how="none", why="")
    plane = city.where.plane.to_wgs84 if city.where.plane else None
    return read_point(new.lng, new.lat, Datum(new.datum), city.tree.bounds() or MAINLAND, plane)


def _datum(new: NewTicket, point: Reading) -> str:
    """Return what the sender's coordinates are in; "" where there are none."""
    if new.lng is None and new.lat is None:
        return ""
    return "plane" if point.how == "plane" else new.datum


def _as_written(new: NewTicket) -> str:
    """Return the coordinates as they came, first column first: nothing that was refused or repaired is lost."""
    said = ["" if value is None else repr(value) for value in (new.lng, new.lat)]
    return ", ".join(said)[:64] if any(said) else ""


def _check(city: City, new: NewTicket) -> str:
    """Return the code of the area a person chose, "" for none.  raises BadValue"""
    area = city.taxonomy.find(new.area) if new.area else None
    if new.area and area is None:
        raise BadValue(
            "area", Message("事项“%(area)s”不在责任清单（%(edition)s）中", area=new.area, edition=city.edition)
        )
    if new.grid and new.grid not in city.tree:
        raise BadValue(
            "grid", Message("网格编码“%(grid)s”不在网格库（%(edition)s）中", grid=new.grid, edition=city.edition)
        )
    if new.unit and new.unit not in city.units:
        raise BadValue(
            "unit", Message("承办单位编码“%(code)s”不在单位表（%(edition)s）中", code=new.unit, edition=city.edition)
        )
    if not new.text.strip():
        raise BadValue("text", Message("诉求内容不能为空"))
    for name, label in (("text", Message("诉求内容")), ("source_ref", Message("上级编号"))):
        said = getattr(new, name).strip()
        if said and not nothing.meaningful(said):
            raise BadValue(name, Message("%(label)s写的是“%(text)s”，等于没有填", label=label, text=said))
    return area.code if area else ""


def _meant(new: NewTicket) -> NewTicket:
    """Return a matter without words that say nothing; what stood there is kept."""
    given = {name: getattr(new, name) for name in FIELD_LABELS}
    empty = {name: said for name, said in given.items() if said.strip() and not nothing.meaningful(said)}
    if not empty:
        return new
    noted = "；".join(f"{FIELD_LABELS[name]}写的是“{said.strip()}”，按没有填处理" for name, said in empty.items())
    return msgspec.structs.replace(new, **dict.fromkeys(empty, ""), extra={NOTED: noted, **new.extra})


def _caller(city: City, seal: Seal, new: NewTicket) -> tuple[dict[str, Any] | None, str]:
    """Return the caller's row (None without a phone) and the masked label for lists."""
    digits = "".join(char for char in new.phone if char.isdigit())
    name = f"{new.name[0]}**" if new.name else ""
    if len(digits) < 7:
        return None, name
    key = seal.find_key(city.region, digits)
    mask = f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else f"***{digits[-4:]}"
    row = values_of(
        Caller,
        id=seal.caller_id(key),
        region=city.region,
        phone_hash=key,
        phone_mask=mask,
        phone_sealed=seal.seal(digits, f"{city.region}:phone"),
        name_sealed=seal.seal(new.name, f"{city.region}:name"),
    )
    return row, f"{name} {mask}".strip()


def _key(one: Arrival) -> tuple[str, str]:
    return one.key["source"], one.key["key"]


def _accepted(one: Arrival) -> Received:
    return Received(number=one.key["number"], status="accepted", code=one.code)


def _outcome(one: Arrival, accepted: set[str], held: dict[tuple[str, str], Known]) -> Received | KeyReused:
    if one.key["number"] in accepted:
        return _accepted(one)
    known = held[_key(one)]
    if known.body_hash != one.key["body_hash"]:
        return KeyReused(one.key["key"], known.number)
    return Received(number=known.number, status="known")


def ticket_of(arrival: Arrival) -> Ticket:
    """Return the row just inserted as triage takes it, without asking the database for it."""
    return Ticket(**arrival.ticket)
