"""Weighs a sheet of who leads which grid against the leaders table, and puts it forward as an edition.

Nothing is taken in while one row is at fault; all faults are named at once.  Whoever leaves a grid leaves by date: the
post ends the day before the next one begins, and stays in the table.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import msgspec
from sqlmodel import Session

from dispatch.roles import Role
from grids.messages import Message
from grids.tree import Level
from hotline import people
from hotline.city import City
from hotline.errors import Refused, RuleSaysNo
from hotline.flow.editions import approval
from hotline.flow.editions.approval import Proposed
from hotline.people import Me

MOST = 20_000
DUTIES = {"leader": "网格长", "deputy": "副网格长"}
LEADER_COLUMNS = ("grid", "login", "name", "duty", "since", "until", "away")
ROSTER_MARK = "N"  # of an edition's name


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One row as it was handed in; `trouble`: why the row cannot be read; `keeps_deputy`: the sheet has no deputies."""

    line: int
    grid: str
    leader: str
    deputy: str = ""
    since: str = ""
    trouble: str = ""
    keeps_deputy: bool = False


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a row: the line, the column's heading, what stands there, why."""

    line: int
    column: str
    value: str
    reason: Message


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One post that changes hands; login and name are "" where nobody had it, or nobody will."""

    grid: str
    duty: str
    before: str
    before_name: str
    after: str
    after_name: str
    since: date


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """What a sheet would change, and what is wrong with it."""

    rows: int
    turns: tuple[Turn, ...]
    faults: tuple[Fault, ...]


class RosterFaulty(RuleSaysNo):
    """Rows of a sheet of people are at fault; nothing of it was taken in."""

    code = "roster_faulty"


class _Known:
    """What rows are read against: grids and grid leaders by code, login and name."""

    def __init__(self, db: Session, city: City, now: datetime) -> None:
        self.city, self.today = city, city.day(now)
        places = [one for one in city.tree.on(self.today).places if one.level is Level.GRID]
        self.grids = _by([(one.code, one.code) for one in places])
        self.named = _by(
            [(name, one.code) for one in places for name in {one.name, city.place_name(one.code), *one.aliases}]
        )
        held = [one for one in people.accounts(db, city.region, now) if one.active and one.role == Role.GRID_LEADER]
        self.name = {one.login: one.name for one in held}
        self.logins = _by([(one.name, one.login) for one in held])

    def grid(self, said: str) -> str:
        """Return the code of a grid written by code or name.  raises Refused"""
        if not said:
            raise Refused(Message("网格"), said, Message("没有写网格"))
        found = self.grids.get(said) or self.named.get(said, set())
        if not found:
            raise Refused(Message("网格"), said, Message("没有这个网格"))
        if len(found) > 1:
            raise Refused(Message("网格"), said, Message("叫这个名称的网格不止一个，请写编码"))
        return next(iter(found))

    def login(self, said: str, column: str) -> str:
        """Return the login of a grid leader written by login or name.  raises Refused"""
        if said in self.name or not said:
            return said
        found = self.logins.get(said, set())
        if not found:
            raise Refused(column, said, Message("没有这样的网格长账号；请管理员先开账号"))
        if len(found) > 1:
            raise Refused(column, said, Message("叫这个名字的网格长有 %(count)s 位，请写账号", count=len(found)))
        return next(iter(found))

    def since(self, said: str) -> date:
        """Return the first day; today where none is written.  raises Refused"""
        if not said:
            return self.today
        try:
            day = date.fromisoformat(said[:10].replace("/", "-"))
        except ValueError:
            raise Refused(Message("起"), said, Message("日期应写成 2026-12-01")) from None
        if day < self.today:
            raise Refused(Message("起"), said, Message("不能早于今天：已派的工单不会改派"))
        return day


def weigh(db: Session, city: City, given: Sequence[Given], now: datetime) -> Weighed:
    """Return what the rows would change and all that is wrong with them; nothing is written."""
    known, turns, faults = _Known(db, city, now), [], []
    lines: dict[str, int] = {}
    for row in given:
        try:
            turns += _turns(known, row, lines)
        except Refused as wrong:
            faults.append(Fault(row.line, wrong.column, wrong.value, wrong.sentence))
    return Weighed(rows=len(given), turns=tuple(turns), faults=tuple(faults))


def propose(db: Session, city: City, given: Sequence[Given], me: Me, now: datetime) -> Proposed:
    """Put the rows forward as an edition; another person approves it.

    raises  RosterFaulty; RuleSaysNo where nothing changes; what `editions.propose` raises
    """
    found = weigh(db, city, given, now)
    if found.faults:
        raise RosterFaulty(Message("%(count)s 行有误，没有提出任何变动；请改正后重新载入", count=len(found.faults)))
    if not found.turns:
        raise RuleSaysNo(Message("与现行责任人员表一致，没有变动"))
    files = approval.files_in_force(db, city)
    edition = approval.free_name(db, city, ROSTER_MARK, f"{city.day(now):%Y%m%d}")
    changed = {
        "leaders.csv": _written(files.get("leaders.csv", ""), found.turns),
        "city.toml": approval.renamed(files["city.toml"], edition),
    }
    grids = len({one.grid for one in found.turns})
    return approval.propose(db, city, files | changed, me, now, f"责任人员表：{grids} 个网格换人")


def _turns(known: _Known, row: Given, lines: dict[str, int]) -> list[Turn]:
    """Return what one row changes, and note the line its grid stands on.  raises Refused"""
    if row.trouble:
        raise Refused("", "", Message(row.trouble))
    grid = known.grid(row.grid)
    if lines.setdefault(grid, row.line) != row.line:
        raise Refused(Message("网格"), row.grid, Message("第%(line)s行已经写过这个网格", line=lines[grid]))
    since = known.since(row.since)
    said = {"leader": known.login(row.leader, Message(DUTIES["leader"]))}
    if not said["leader"]:
        raise Refused(Message(DUTIES["leader"]), "", Message("没有写网格长"))
    if not row.keeps_deputy:
        said["deputy"] = known.login(row.deputy, Message(DUTIES["deputy"]))
        if said["deputy"] == said["leader"]:
            raise Refused(Message(DUTIES["deputy"]), row.deputy, Message("与网格长是同一人"))
    found = []
    for duty, after in said.items():
        held = [post for post in known.city.serving(grid, since) if post.duty == duty]
        if [post.login for post in held] == ([after] if after else []):
            continue
        found.append(
            Turn(
                grid=grid,
                duty=duty,
                before="、".join(post.login for post in held),
                after=after,
                since=since,
                before_name="、".join(post.name for post in held),
                after_name=known.name.get(after, ""),
            )
        )
    return found


def _written(text: str, turns: Sequence[Turn]) -> str:
    """Return leaders.csv with the posts that end, and the new ones."""
    reader = csv.DictReader(io.StringIO(text))
    changed = {(one.grid, one.duty): one.since for one in turns}
    kept = []
    for row in reader:
        since = changed.get((row["grid"].strip(), row["duty"].strip()))
        if since is not None and not (row.get("until") and row["until"] < since.isoformat()):
            if row["since"] >= since.isoformat():
                continue  # a post that would never have begun
            row["until"] = (since - timedelta(days=1)).isoformat()
        kept.append(row)
    new = [
        {"grid": one.grid, "login": one.after, "name": one.after_name, "duty": one.duty, "since": one.since.isoformat()}
        for one in turns
        if one.after
    ]
    out = io.StringIO()
    writer = csv.DictWriter(
        out, list(dict.fromkeys([*(reader.fieldnames or ()), *LEADER_COLUMNS])), restval="", lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows([*kept, *new])
    return out.getvalue()


def _by(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for key, value in pairs:
        found.setdefault(key, set()).add(value)
    return found
