"""Lives of sample tickets: the fate that tickets.csv gives each, lived through the steps of the office.

Times are spread by the words of the ticket, never at random: planted twice, the office looks the same.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from dispatch import callbacks
from dispatch.calendar import Calendar, works
from dispatch.lifecycle import OPEN, State
from dispatch.roles import Role
from hotline.flow import call_back, handle, receive, repeats, route
from hotline.flow.acts import apart, check, reassign, together
from hotline.people import Actor, Me
from hotline.sample.past import Life, Past
from hotline.sample.staff import Staff
from hotline.sealing import Seal
from hotline.store import tickets
from hotline.store.columns import col
from hotline.store.tickets import Ticket, TicketRow
from hotline.wire.moves import Answer, Asked, Corrected, Joined, Plain, Reasoned, Routed, SentBack, Worded
from hotline.wire.tickets import NewTicket

FIRST_WORDS = (
    "已电话联系来电人了解情况，安排工作人员到现场核实。",
    "已与来电人取得联系，约定上门查看时间。",
    "已联系来电人说明办理程序，正在核查。",
)
REPORTS = (
    "现场已核实，问题属实，正在制定整改方案。",
    "已督促责任单位整改，预计两日内完成。",
    "材料已补齐，正在按程序办理。",
)
RETURNS = (
    ("经现场核实，该位置不在我单位管辖范围内。", "责任分解表"),
    ("该事项的执法权限不在我单位，建议转有管辖权的部门。", "权责清单"),
    ("该设施产权单位为其他企业，我单位无处置权限。", "产权登记"),
)
DECIDED = "现场已两次核查处理，其余诉求超出现行规定，已当面说明，由督办员决定结案。"
HELPED = "已按职责配合处理，情况已告知牵头单位。"
BACKSTOP = "zwj"  # whom a unit names that does not know whose it is
CLAIMED = 0.93  # share of answers that say the caller was contacted
LATE = 0.28  # share of those with time for it that were answered after their day
ROUND_THE_CLOCK = "12"  # 水电气热: served at night and on Sundays too
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of tickets.csv."""

    text: str
    title: str
    source: str
    kind: str
    urgency: str
    name: str
    phone: str
    address: str
    lng: str
    lat: str
    area: str
    days_ago: float
    fate: str
    contacted: str = ""
    solved: str = ""
    satisfaction: str = ""
    reply: str = ""

    def share(self, of: str) -> float:
        """Return a number in [0, 1) that follows from the words."""
        return int.from_bytes(hashlib.blake2b(f"{of}{self.text}".encode(), digest_size=6).digest()) / 2**48


class Stage(msgspec.Struct, frozen=True):
    """Where lives are lived: the past, the people, and the seal for phone numbers."""

    past: Past
    staff: Staff
    seal: Seal


class Lived:
    """One ticket and its row; deeds are done at the moment the past has come to."""

    def __init__(self, stage: Stage, row: Row, number: str, turn: int) -> None:
        self.stage, self.row, self.number, self.turn = stage, row, number, turn
        self.born = stage.past.until - DAY * row.days_ago
        self.end = stage.past.until
        self.last = self.born

    def do(self, deed: Callable[..., Ticket], said: Any, me: Me) -> Ticket:
        """Let a person make a move."""
        past = self.stage.past
        return deed(past.db, past.city, self.number, said, me, past.now)

    def ticket(self) -> Ticket:
        """Return the ticket as it is."""
        return tickets.by_number(self.stage.past.db, self.stage.past.city.region, self.number)

    def unit(self) -> Me:
        """Return who acts for the unit that has it."""
        return self.stage.staff.of_unit(self.ticket().unit)

    def one(self, role: Role) -> Me:
        """Return one of the people of a role."""
        return self.stage.staff.first(role, self.turn)

    def at(self, wanted: datetime) -> datetime:
        """Return `wanted`, or the office hours before it, but later than the deed before and earlier than now."""
        moment = wanted
        if self.row.urgency == "normal" and not self.row.area.startswith(ROUND_THE_CLOCK):
            moment = office_hours(self.stage.past.city.rulebook.calendar, wanted)
        if moment <= self.last:
            moment = wanted if wanted > self.last else self.last + 20 * MINUTE
        if moment >= self.end:
            moment = self.last + (self.end - self.last) * (0.3 + 0.4 * self.row.share("when"))
        self.last = moment.astimezone(UTC)
        return self.last

    def call(self, missed: int = 0) -> datetime:
        """Return when the citizen is called: the morning of the next working day; after a miss the next half-day."""
        calendar, minutes = self.stage.past.city.rulebook.calendar, MINUTE * (10 + 130 * self.row.share("call"))
        if missed:
            return self.at(callbacks.next_try(calendar, self.last) + minutes)
        day = calendar.local(self.last).date()
        while not works(calendar, day := day + DAY):
            pass
        return self.at(calendar.at(day, calendar.hours[0][0]) + minutes)

    def within(self, share: float, until: datetime | None = None) -> datetime:
        """Return the moment at a share of the way from the last deed to `until`, by default to now."""
        return self.at(self.last + ((until or self.end) - self.last) * share)


def office_hours(calendar: Calendar, moment: datetime) -> datetime:
    """Return `moment` if the office is open, else a moment of the last time it was (by its minutes and seconds)."""
    here = calendar.local(moment)
    day = here.date()
    spans = [(calendar.at(day, opens), calendar.at(day, closes)) for opens, closes in calendar.hours]
    if works(calendar, day):
        for opens, closes in reversed(spans):
            if opens <= moment < closes:
                return moment
            if closes <= moment:
                return closes - timedelta(minutes=here.minute, seconds=here.second + 1)
    while not works(calendar, day := day - DAY):
        pass
    return calendar.at(day, calendar.hours[-1][1]) - timedelta(minutes=here.minute, seconds=here.second + 1)


def life(lived: Lived) -> Life:
    """Live the row's fate."""
    yield lived.born
    _arrive(lived)
    if lived.row.fate == "settled":
        lived.do(handle.settle, Worded(note=lived.row.reply), lived.one(Role.AGENT))
    elif lived.row.fate == "joined":
        _join(lived)
    elif lived.row.fate in FATES:
        yield from _dispatched(lived)
        yield from FATES[lived.row.fate](lived)


def _arrive(lived: Lived) -> None:
    row, past = lived.row, lived.stage.past
    point = (float(row.lng), float(row.lat)) if row.lng else (None, None)
    chosen = row.area if row.fate == "settled" else ""
    new = NewTicket(
        text=row.text,
        title=row.title,
        source=row.source,
        kind=row.kind,
        urgency=row.urgency,  # type: ignore[arg-type]  # checked by msgspec
        name=row.name,
        phone=row.phone,
        address=row.address,
        lng=point[0],
        lat=point[1],
        area=chosen,
    )
    arrival = receive.arrive(past.city, lived.stage.seal, new, _mouth(lived), past.now, lived.number, chosen=True)
    receive.put(past.db.connection(), [arrival])


def _mouth(lived: Lived) -> Actor:
    """Return who wrote it down: the citizen on the web, the grid leader on the round, else the desk."""
    if lived.row.source == "web":
        return Actor("citizen", Role.CITIZEN)
    if lived.row.source == "grid":
        return lived.stage.staff.walker(lived.row.name).actor
    return lived.one(Role.AGENT).actor


def _join(lived: Lived) -> None:
    """Leave it to the machine where its rule sees the repeat; else the desk, which talks to the caller, sees it."""
    past, ticket = lived.stage.past, lived.ticket()
    if repeats.find(past.db, past.city, [ticket], past.now):
        return
    alike = (
        col(TicketRow.state).in_(sorted(OPEN)),
        col(TicketRow.id) != ticket.id,
        col(TicketRow.address) == ticket.address,
    )
    known = past.db.execute(
        sa.select(col(TicketRow.number)).where(*alike).order_by(col(TicketRow.id).desc()).limit(1)
    ).scalar()
    if known is not None:
        lived.do(apart.join, Joined(to=known), lived.one(Role.AGENT))


def _dispatched(lived: Lived) -> Life:
    """See that it is with the right unit: a dispatcher chooses where the rules could not, or chose another matter."""
    ticket, city = lived.ticket(), lived.stage.past.city
    if ticket.unit and ticket.area[:4] == lived.row.area[:4]:
        return
    yield lived.at(lived.born + MINUTE * (6 + 40 * lived.row.share("dispatch")))
    desk, place = lived.one(Role.DISPATCHER), ticket.grid or ticket.community or ticket.street or ticket.district
    lived.do(reassign.correct, Corrected(area=lived.row.area, then="reassign"), desk)
    chosen = route.by_rule(
        city, lived.row.area, place or None, city.day(lived.stage.past.now), at=ticket.received_at, text=ticket.text
    )
    unit = chosen.unit or (chosen.candidates[0].unit if chosen.candidates else "zwj")
    if unit != lived.ticket().unit:
        lived.do(handle.route, Routed(unit=unit), desk)


def _sign(lived: Lived) -> Life:
    fast = lived.row.urgency != "normal" or lived.row.area.startswith(ROUND_THE_CLOCK)
    longest = 28 * MINUTE if fast else 5 * HOUR
    yield lived.within(1, lived.last + longest * (0.1 + 0.9 * lived.row.share("sign")))
    if lived.ticket().state == State.ROUTED:  # where nobody signed in time it counts as signed (默认签收)
        lived.do(handle.sign, Plain(), lived.unit())


def _signed(lived: Lived) -> Life:
    yield from _sign(lived)


def _reported(lived: Lived) -> Life:
    yield from _sign(lived)
    yield from _contact(lived, min(DAY, (lived.end - lived.born) * 0.6))


def _contact(lived: Lived, longest: timedelta) -> Life:
    """Tell that the caller was spoken to, mostly on the first day."""
    far = longest * (0.35 + 0.6 * lived.row.share("report"))
    yield lived.at(max(lived.born + far, lived.last + 10 * MINUTE))
    lived.do(handle.report, Worded(note=FIRST_WORDS[lived.turn % len(FIRST_WORDS)]), lived.unit())


def _returned(lived: Lived) -> Life:
    yield lived.within(0.2 + 0.5 * lived.row.share("return"))
    reason, basis = RETURNS[lived.turn % len(RETURNS)]
    lived.do(handle.send_back, SentBack(reason=reason, basis=basis, unit=BACKSTOP), lived.unit())


def _answered(lived: Lived) -> Life:
    yield from _reported(lived)
    yield lived.within(0.8 + 0.15 * lived.row.share("answer"))
    _answer(lived, lived.row.reply)


def _reviewing(lived: Lived) -> Life:
    """Hand in what was explained, to be read first (待审核): in the last hours, so that it still waits."""
    yield from _reported(lived)
    yield lived.at(max(lived.end - HOUR * (1 + 2 * lived.row.share("answer")), lived.last + HOUR))
    _answer(lived, lived.row.reply, "explained")


def _closed(lived: Lived) -> Life:
    yield from _result(lived)
    if lived.row.solved == "no" or lived.row.satisfaction in {"1", "2"}:
        yield from _redone(lived, worked=True)
    yield from _asked(lived)
    if lived.ticket().state == State.SIGNED:  # "no" again: a supervisor decides (督办结案)
        yield lived.at(lived.last + HOUR * (1 + 6 * lived.row.share("decided")))
        lived.do(call_back.conclude, Reasoned(reason=DECIDED), lived.one(Role.SUPERVISOR))


def _redo(lived: Lived) -> Life:
    yield from _result(lived)
    yield from _redone(lived, worked=False)


def _result(lived: Lived) -> Life:
    """Answer in time, a few after their day."""
    row, ticket = lived.row, lived.ticket()
    due = ticket.due_at or lived.end
    if lived.end - due > 2 * DAY and row.share("late") < LATE:
        wanted = due + HOUR * (4 + 20 * row.share("how late"))
    else:
        wanted = lived.born + (due - lived.born) * (0.2 + 0.65 * row.share("answer"))
        wanted = min(wanted, lived.born + (lived.end - lived.born) * 0.7)
    yield from _sign(lived)
    if wanted - lived.last > 20 * HOUR:
        yield from _contact(lived, DAY)
    if wanted - lived.last > 2 * DAY:
        yield lived.at(lived.last + (wanted - lived.last) * (0.4 + 0.2 * row.share("news")))
        lived.do(handle.report, Worded(note=REPORTS[lived.turn % len(REPORTS)]), lived.unit())
    yield lived.at(wanted)
    _answer(lived, row.reply)


def _redone(lived: Lived, *, worked: bool) -> Life:
    """Hear that the citizen is not content; do it again if that was `worked` on, else it has only just been heard."""
    yield lived.call() if worked else lived.at(lived.end - DAY * (0.3 + lived.row.share("heard")))
    lived.do(call_back.record, _survey_answers(lived.row), lived.one(Role.CALLER_BACK))
    if worked:
        yield lived.at(lived.last + DAY * (1 + lived.row.share("again")))
        _answer(lived, f"经再次核查，{lived.row.reply}")
    if lived.ticket().state == State.REVIEWING:
        yield lived.at(lived.last + HOUR * (0.5 + 2 * lived.row.share("check")))
        lived.do(check.accept, Plain(), lived.one(Role.DISPATCHER))


def _asked(lived: Lived) -> Life:
    """Call the citizen: heard at the first try, or not at all in three half-days."""
    said = _survey_answers(lived.row)
    for attempt in range(1 if said.reached else 3):
        yield lived.call(attempt)
        lived.do(call_back.record, said, lived.one(Role.CALLER_BACK))


def _answer(lived: Lived, reply: str, outcome: Literal["solved", "explained"] = "solved") -> None:
    for helper in lived.ticket().helpers:
        lived.do(together.help_answer, Worded(note=HELPED), lived.stage.staff.of_unit(helper))
    said = Answer(note=reply, outcome=outcome, contacted=lived.row.share("claim") < CLAIMED)
    lived.do(handle.answer, said, lived.unit())


def _survey_answers(row: Row) -> Asked:
    if not row.solved and not row.satisfaction:
        return Asked(reached=False)
    return msgspec.convert(
        {
            "reached": True,
            "contacted": {"yes": True, "no": False}.get(row.contacted),
            "solved": row.solved or None,
            "satisfaction": int(row.satisfaction) if row.satisfaction else None,
        },
        Asked,
    )


FATES: dict[str, Callable[[Lived], Life]] = {
    "routed": lambda _: iter(()),
    "signed": _signed,
    "reported": _reported,
    "returned": _returned,
    "reviewing": _reviewing,
    "answered": _answered,
    "closed": _closed,
    "redone": _redo,
    "overdue_progress": _signed,
    "overdue_result": _signed,
}
