"""The moves a reader may make now, as forms: from the table of moves, with what was typed and what went wrong."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlmodel import Session

from dispatch import lifecycle
from dispatch.errors import RuleBroken
from dispatch.escalation import LEVELS, RANKS
from dispatch.lifecycle import MOVES, Move, State
from dispatch.roles import Role
from dispatch.rulebook import Rulebook
from grids.messages import Message
from hotline import city as cities
from hotline.errors import BadValue, HotlineError, NoSuchTicket, NotAllowed, RuleSaysNo, StaleTicket
from hotline.flow import route
from hotline.flow.acts import attach
from hotline.flow.doors import MOVES_BY_NAME
from hotline.people import Me
from hotline.store import db, facts, sheets
from hotline.store.files import Cleaned
from hotline.web import errors
from hotline.web.access import Here
from hotline.web.pages.form import inputs, keys, limits, moves
from hotline.web.pages.form.inputs import Input
from hotline.web.pages.names import Look
from hotline.web.strings import msgid
from hotline.wire import fields
from hotline.wire.tickets import Line, TicketSheet

YES, NO = "T", "F"  # 同意, 不同意: what stands first in the table of moves agrees


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """A move that did not go through: what the person had typed, why not, and the status that says so."""

    name: str
    said: dict[str, str]
    wrong: str
    path: str = ""
    seen: int | None = None
    status: int = 400


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One move as a form.

    now      a button by itself;  theirs  what others did since the writer loaded the page
    blocked  why the rules do not let it be made now: said instead of the fields
    """

    name: str
    label: str
    key: str = ""
    now: bool = False
    open: bool = False
    hint: str = ""
    blocked: str = ""
    fields: list[Input] = []
    said: dict[str, str] = {}
    wrong: str = ""
    path: str = ""
    theirs: list[Line] = []


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Acts that belong together; the first group has no label and is never folded."""

    name: str
    label: str
    acts: list[Act]
    open: bool = False


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """Everything acts are made from: the ticket, who reads it, the rules it was given."""

    sheet: TicketSheet
    here: Here
    look: Look
    book: Rulebook
    failed: Failed | None = None
    ends: dict[int, datetime] = {}  # working days of an extension -> the limit they lead to

    @property
    def me(self) -> Me:
        """Who reads."""
        return self.here.me


def make(here: Here, number: str, move: str, data: dict[str, str], photos: Sequence[Cleaned] = ()) -> None:
    """Make the move a form asks for, with its photos.  raises what its step raises, BadValue for a wrong field"""
    kind, function = MOVES_BY_NAME[move]
    given: dict[str, object] = {}
    if move == Move.ANSWER:
        given = {"contacted": "contacted" in data, "alone": "alone" in data}
    if "helpers" in kind.__struct_fields__:
        given["helpers"] = tuple(name.removeprefix("helper-") for name in data if name.startswith("helper-"))
    said = fields.read(kind, data, **given)
    with db.transaction() as session:

        def step() -> None:
            ticket = function(session, here.city, number, said, here.me, here.now)
            attach.keep(session, ticket, photos, here.me, here.now)

        keys.once(session, here, number, move, data, step, photos)


def tried(
    here: Here, look: Look, number: str, move: str, data: dict[str, str], photos: Sequence[Cleaned] = ()
) -> Failed | None:
    """Make the move; return what went wrong, None where nothing did.  raises NoSuchTicket, NotAllowed (no such move)"""
    if move not in MOVES_BY_NAME:
        raise NotAllowed(Message("没有这个操作"))
    try:
        make(here, number, move, data, photos)
    except NoSuchTicket:
        raise
    except (HotlineError, RuleBroken) as why:
        return refused(look, move, data, why)
    return None


def refused(look: Look, move: str, data: dict[str, str], why: Exception) -> Failed:
    """Return a move that did not go through, for its form: what was typed, and what others did meanwhile."""
    path = why.path if isinstance(why, BadValue) else ""
    seen = why.seen if isinstance(why, StaleTicket) else None
    if seen is None and not isinstance(why, BadValue | RuleSaysNo):
        seen = fields.number(data.get("seq", ""))
    wrong, status = look.refusal(why) or look.say("请填写必填的内容后再提交"), errors.status(why)
    return Failed(name=move, said=data, wrong=wrong, path=path, seen=seen, status=status)


def offered(db: Session, here: Here, look: Look, number: str, failed: Failed | None = None) -> Offer | None:
    """Return what acts on a ticket are made from, None for no ticket.  raises NoSuchTicket"""
    if not number:
        return None
    sheet = sheets.sheet(db, here.me.sight, number)
    book = cities.rulebook_of(db, here.city, sheet.edition)
    ends = limits.ends(db, here, sheet, book)
    return Offer(sheet=sheet, here=here, look=look, book=book, failed=failed, ends=ends)


def keyed(act: Act, key: str, label: str = "") -> Act:
    """Return the act under another key, and label."""
    return msgspec.structs.replace(act, key=key, label=label or act.label)


def some(offer: Offer, names: Collection[str], likely: str = "") -> list[Act]:
    """Return those of these moves that may be made now, the likely one open."""
    found = [act_of(offer, name) for name in _names(offer) if name in names]
    if any(act.open for act in found):
        return found
    return [msgspec.structs.replace(act, open=act.name == likely) for act in found]


def of_ticket(offer: Offer) -> list[Group]:
    """Return the moves this person may make now, what is next to do first."""
    found = [act_of(offer, name) for name in _names(offer)]
    first = [act.name for act in found if State(offer.sheet.card.state) in moves.of(act.name).first_in]
    urgent = [act for act in found if act.name in first or act.open or _called_for(act.name, offer.sheet)]
    urgent.sort(key=lambda act: (not act.open, act.name in first))
    groups = [Group(name="next", label="", acts=_opened(urgent, offer))] if urgent else []
    for name, label in moves.GROUPS.items():
        acts = [act for act in found if act not in urgent and moves.of(act.name).group == name]
        if acts:
            groups.append(Group(name=name, label=offer.look.say(label), acts=acts, open=any(act.open for act in acts)))
    return groups


def act_of(offer: Offer, name: Move) -> Act:
    """Return one move as a form, its fields filled for this ticket."""
    look, row = offer.look, moves.of(name)
    failed = offer.failed if offer.failed and offer.failed.name == name else None
    given: dict[str, Any] = {}
    if failed:
        given = {"said": failed.said, "wrong": failed.wrong, "path": failed.path, "open": True}
        if failed.seen is not None:
            given["theirs"] = [line for line in offer.sheet.history if line.seq > failed.seen]
    rule = limits.of_move(name, offer)
    return Act(
        name=name,
        label=look.say("确认%(card)s") % {"card": look.move(name)}
        if moves.proposed(offer.sheet, name)
        else look.move(name),
        key=row.key,
        now=not row.fields and not failed,
        hint=look.say(row.hint) if row.hint else rule.hint,
        blocked="" if rule.allowed or failed else rule.hint,
        fields=[_filled(offer, name, field) for field in _fields(offer, name)],
        **given,
    )


def _names(offer: Offer) -> list[Move]:
    card, me = offer.sheet.card, offer.me
    names = [name for name in lifecycle.allowed(State(card.state), me.role, card.pending) if moves.of(name).group]
    if me.role is Role.UNIT and me.unit != card.unit:
        names = [name for name in names if moves.of(name).by_helper]
    names = [name for name in names if moves.of(name).only(offer.sheet, me)]
    names = [name for name in names if name not in LEVELS or _higher(offer.sheet, name)]
    failed = offer.failed
    asked = Move(failed.name) if failed and failed.name in MOVES else None
    if asked and asked not in names and MOVES[asked].decides != card.pending:
        names.append(asked)  # no longer allowed: the words are kept in sight
    return names


def _opened(acts: list[Act], offer: Offer) -> list[Act]:
    """Open the likeliest: what was refused, else what the holder is asked for next."""
    if not acts or any(act.open or act.now for act in acts):
        return acts
    likely = acts[0].name
    told = offer.sheet.card.reported_at or sent_back(offer.sheet)
    if likely == Move.REPORT and told and any(act.name == Move.ANSWER for act in acts):
        likely = Move.ANSWER
    return [msgspec.structs.replace(act, open=act.name == likely) for act in acts]


def _called_for(name: str, sheet: TicketSheet) -> bool:
    """Say whether a card waits for this word."""
    return moves.of(name).called_for or (name in LEVELS and moves.proposed(sheet, name))


def _higher(sheet: TicketSheet, card: str) -> bool:
    """Say whether a card would tell more than the ticket shows already, or waits for a person's word."""
    return RANKS[card] > RANKS[sheet.card.level] or moves.proposed(sheet, card)


def _fields(offer: Offer, name: Move) -> list[Input]:
    """Return the fields of a move, for this ticket and reader."""
    found = list(moves.of(name).fields)
    if name == Move.CLASSIFY and offer.me.role is Role.DISPATCHER:
        found.insert(2, Input(name="hard", label=msgid("难易"), kind="select"))
    if name == Move.CLASSIFY and offer.failed and offer.failed.name == name and offer.failed.path == "then":
        found.append(Input(name="then", label=msgid("承办单位"), kind="choices"))
    if name == Move.ANSWER and silent(offer.sheet):
        found.append(Input(name="alone", label=msgid("仍要办结（%(names)s尚未协办答复）"), kind="tick"))
    if name in LEVELS and not moves.proposed(offer.sheet, name):
        found = [inputs.NOTE]
    return found


def _filled(offer: Offer, name: str, field: Input) -> Input:
    """Return a field in the reader's words, with the values that may be chosen."""
    look, card, rules = offer.look, offer.sheet.card, offer.book.returns
    helpers = "、".join(look.unit(unit) for unit in silent(offer.sheet))
    told = {"names": helpers, "n": offer.here.city.rulebook.photos.most}
    hint = look.say(field.hint) % told if field.hint else ""
    given: dict[str, Any] = {"label": look.say(field.label) % told, "hint": hint}
    if name == Move.RETURN and field.name in ("basis", "unit"):
        given["required"] = rules.needs_basis if field.name == "basis" else rules.needs_owner
    if name == Move.ANSWER:
        given |= _answer(offer, field)
    if field.name == "hard":
        options = [("false", look.say("一般事项")), ("true", look.say("复杂事项"))]
        given |= {"options": options, "now": "true" if card.hard else "false"}
    if field.name in ("area", "grid", "then"):
        given |= _corrected(offer, field.name)
    if field.name == "ground":
        given["options"] = [(one.code, one.label) for one in offer.book.exclusions]
    if field.name == "days":
        given |= limits.days(name, offer)
    if field.kind == "unit":
        given |= _units(offer, name, field.besides)
    if field.kind == "date":
        given["now"] = (offer.here.city.day(offer.here.now) + timedelta(days=1)).isoformat()
    return msgspec.structs.replace(field, **given)


def _corrected(offer: Offer, name: str) -> dict[str, Any]:
    """Return what stands in the form of a correction: what is known, and what may become of the unit."""
    say = offer.look.say
    if name == "then":
        return {"options": [("reassign", say("改派")), ("keep", say("仍由原单位承办"))]}
    return {"now": getattr(offer.sheet.card, name)}


def _answer(offer: Offer, field: Input) -> dict[str, Any]:
    """Return what stands in the form of a result: of one that was sent back, what was written."""
    was = sent_back(offer.sheet)
    if field.name == "outcome":
        return {"options": offer.look.outcomes(), "now": facts.of(was.facts).outcome if was else "solved"}
    return {"now": was.note} if was and field.name == "note" else {}


def _units(offer: Offer, name: str, besides: str) -> dict[str, Any]:
    """Return the units that come to mind: who was named as the owner, and who the duty table names."""
    sheet, city = offer.sheet, offer.here.city
    card, on = sheet.card, city.day(offer.here.now)
    found = [owner(sheet), *(one.owner for one in sheet.opinions)]
    text, kind = f"{card.title}\n{sheet.text}", route.caller_kind(sheet.extra)
    rules = route.by_rule(city, card.area, place_of(sheet), on, at=card.received_at, text=text, caller_kind=kind)
    found += [one.unit for one in rules.candidates]
    taken = {card.unit, *(sheet.helpers if besides == "hands" else ())} if besides else set()
    codes = [code for code in dict.fromkeys(found) if code in city.units and code not in taken]
    chosen = found[0] if name == Move.ROUTE and card.state == State.RETURNED else ""
    return {"options": [(code, city.unit_name(code)) for code in codes], "now": chosen}


def place_of(sheet: TicketSheet) -> str | None:
    """Return the smallest place known of a ticket, as triage asked the duty table about it."""
    return sheet.card.grid or sheet.card.community or sheet.street or sheet.district or None


def owner(sheet: TicketSheet) -> str:
    """Return the unit that the last return named as the owner, "" where it named none."""
    returned = next((line for line in reversed(sheet.history) if line.move == Move.RETURN), None)
    return facts.of(returned.facts).owner or "" if returned else ""


def sent_back(sheet: TicketSheet) -> Line | None:
    """Return the result that who read it sent back (审核退回) and the unit is to better, None where there is none."""
    turns = (Move.SUBMIT, Move.REJECT, Move.ANSWER, Move.PASS, Move.REDO)
    lines = [line for line in sheet.history if line.move in turns]
    waits = bool(lines) and lines[-1].move == Move.REJECT and sheet.card.state == State.SIGNED
    return lines[-2] if waits else None


def silent(sheet: TicketSheet) -> list[str]:
    """Return the helpers that have not answered."""
    open_ = [hand for hand in sheet.hands if hand.role == "help" and not hand.ended_at and not hand.answered_at]
    return sorted(hand.unit for hand in open_)
