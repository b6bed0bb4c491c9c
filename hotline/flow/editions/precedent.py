"""The ruling of a dispute (会商裁定) becomes a row of the duty table, so that the next such matter is no dispute.

It is put forward as an edition like any other: the files in force, and one row.  A row equally specific that names
another unit would leave every such matter to a person again (a tie); it ends the day before.
Sources: 辽宁 六级联动 2023 (list of disputes); 北京 派单目录, revised round by round by what was disputed.
"""

import csv
import io
from datetime import date, datetime, timedelta

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from dispatch.duty import DutyRow
from dispatch.lifecycle import Move
from grids.messages import Message
from hotline.city import City
from hotline.errors import RuleSaysNo
from hotline.flow.editions import approval
from hotline.flow.editions.approval import Proposed
from hotline.people import Me
from hotline.store import facts, tickets
from hotline.store.columns import col
from hotline.store.tickets import Entry, Ticket

DUTY_COLUMNS = ("id", "area", "place", "unit", "helpers", "basis", "since", "until")
PRECEDENT_MARK = "P"  # of an edition's name


def propose(db: Session, city: City, number: str, me: Me, now: datetime) -> Proposed:
    """Put forward the ruling of a ticket as a row of the duty table; another person approves it.

    raises  NoSuchTicket; RuleSaysNo without a ruling, without an area, or where the table says so already;
            what `editions.propose` raises
    """
    ticket = tickets.by_number(db, city.region, number)
    row = _row(db, city, ticket, city.day(now))
    files = approval.files_in_force(db, city)
    edition = approval.free_name(db, city, PRECEDENT_MARK, number)
    changed = {
        "duty.csv": _with_row(files["duty.csv"], row, _ending(city, row)),
        "city.toml": approval.renamed(files["city.toml"], edition),
    }
    where = city.place_name(row.place) if row.place else "全部地点"
    note = f"会商裁定转责任表：{city.area_label(row.area)}（{where}）由{city.unit_name(row.unit)}承办；{row.basis}"
    return approval.propose(db, city, files | changed, me, now, note)


def ruling(db: Session, ticket: Ticket) -> tuple[str, tuple[str, ...], str] | None:
    """Return (unit, helpers, basis) of the last ruling of a ticket; None where there was none."""
    query = sa.select(col(Entry.facts), col(Entry.why)).where(
        col(Entry.ticket_id) == ticket.id, col(Entry.move) == Move.RULE
    )
    line = db.execute(query.order_by(col(Entry.seq).desc()).limit(1)).first()
    if line is None:
        return None
    known = facts.of(line.facts)
    assert known.unit is not None, "the line of a ruling says whose it is"
    return known.unit, known.helpers or (), line.why.get("basis", "")


def _row(db: Session, city: City, ticket: Ticket, today: date) -> DutyRow:
    ruled = ruling(db, ticket)
    if ruled is None:
        raise RuleSaysNo(Message("工单 %(number)s 没有经会商裁定，不能转为责任表", number=ticket.number))
    if not ticket.area:
        raise RuleSaysNo(Message("工单 %(number)s 事项未定，请先确定事项", number=ticket.number))
    unit, helpers, basis = ruled
    place = ticket.street if ticket.street in city.tree else ""
    for row in city.rulebook.duty:
        if (row.area, row.place, row.unit) == (ticket.area, place, unit) and row.valid(today):
            raise RuleSaysNo(Message("责任表%(id)s已经这样规定，不需要再转", id=row.id))
    return DutyRow(
        id=f"P-{ticket.number}",
        area=ticket.area,
        place=place,
        unit=unit,
        helpers=helpers,
        basis=f"会商裁定 {ticket.number}：{basis}",
        since=today,
    )


def _ending(city: City, row: DutyRow) -> set[str]:
    """Return the ids of rows for the same area and place that name another unit, earlier precedents too."""
    since = row.since or date.min
    found = {
        one.id
        for one in city.rulebook.duty
        if (one.area, one.place) == (row.area, row.place) and one.unit != row.unit and (one.until or since) >= since
    }
    young = [one.id for one in city.rulebook.duty if one.id in found and one.since is not None and one.since >= since]
    if young:
        raise RuleSaysNo(
            Message("责任表%(young)s同样具体、指向另一单位，且今天或以后才生效；请先改这一行", young=young[0])
        )
    return found


def _with_row(text: str, row: DutyRow, ending: set[str]) -> str:
    reader = csv.DictReader(io.StringIO(text))
    held = list(reader)
    columns = list(dict.fromkeys([*(reader.fieldnames or ()), *DUTY_COLUMNS]))
    for one in held:
        if one["id"].strip() in ending and row.since:
            one["until"] = (row.since - timedelta(days=1)).isoformat()
    given = {key: value for key, value in msgspec.to_builtins(row).items() if key in columns and value}
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows([*held, given | {"helpers": "|".join(row.helpers)}])
    return written.getvalue()
