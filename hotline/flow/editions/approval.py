"""Editions of the rules by two people: one puts an edition forward, another approves or rejects it.

Nobody approves their own.

An edition's name is used once: what is stamped on tickets must stay what it was, and a refused edition stays refused.
`alone` is for the first edition of a city and for development; it bypasses the two people and is recorded as such.
"""

import itertools
import re
from collections.abc import Mapping
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from classifiers import succession
from classifiers.taxonomy import Taxonomy
from dispatch import rulebook
from dispatch.findings import Finding
from dispatch.roles import ROLE_NAMES, Role
from grids.messages import Message, chain
from hotline import city as cities
from hotline import rulefiles
from hotline.city import City
from hotline.errors import HotlineError, NotAllowed, RuleSaysNo
from hotline.people import Me
from hotline.store.columns import col, columns_of, table_of
from hotline.store.learning import EditionRow, ProposalRow
from hotline.store.reach import is_open
from hotline.store.tickets import Assignment, TicketRow

PROPOSAL, TICKET = table_of(ProposalRow), table_of(TicketRow)
PROPOSERS = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN})
APPROVERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
DECISIONS = {"": "待审批", "approved": "已批准", "rejected": "已驳回", "alone": "一人启用"}
MOST_SHOWN = 3
_MARKED = re.compile(r"-[A-Z]-")  # what the office added to a city's own name: a precedent, a sheet of people


class RulesFaulty(RuleSaysNo):
    """The rules can be read, but contradict themselves."""

    code = "rules_faulty"


class TwoPeople(NotAllowed):
    """Who put an edition forward does not decide on it."""

    code = "two_people"

    def __init__(self, edition: str) -> None:
        super().__init__(
            Message("规则版本 %(edition)s 由您本人提出；规则须两人启用，请由另一位督办员或管理员审批", edition=edition)
        )


class TakesTwo(NotAllowed):
    """One person may put only a city's first edition into force."""

    code = "two_people"

    def __init__(self) -> None:
        super().__init__(
            Message(
                "已有规则生效，新版本须两人启用：hotline rules propose 文件夹 --by 账号，再由另一人 rules approve；"
                "开发或应急时可用 hotline city apply 文件夹 --alone --by 姓名，会记录为一人启用"
            )
        )


class UnitLost(RuleSaysNo):
    """Units that hold open tickets are not in the table any more, and none names itself their heir (formerly)."""

    code = "unit_without_heir"


class NoSuchProposal(HotlineError):
    """Nobody put forward an edition of that name."""

    code = "no_such_proposal"

    def __init__(self, edition: str) -> None:
        super().__init__(Message("没有待审批的规则版本 %(edition)s", edition=edition))


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """An edition put forward, without its files."""

    edition: str
    digest: str
    proposed_by: str
    proposed_at: datetime
    note: str
    decision: str
    decided_by: str
    decided_at: datetime | None


class InForce(msgspec.Struct, frozen=True, kw_only=True):
    """An edition that is or was in force; `proposed_by` and `decision` are "" for a city's first."""

    edition: str
    active: bool
    applied_at: datetime
    applied_by: str
    proposed_by: str
    decision: str


def checked(files: Mapping[str, str]) -> tuple[City, tuple[Finding, ...]]:
    """Return the city of these files and what a person should look at.  raises RulesUnreadable, RulesFaulty"""
    built = cities.build(files)
    findings = rulebook.check(built.rulebook, built.taxonomy, built.tree)
    errors = [one for one in findings if one.severity == "error"]
    if errors:
        shown = [Message("%(path)s：%(message)s", path=one.where, message=one.message) for one in errors[:MOST_SHOWN]]
        raise RulesFaulty(
            Message(
                "规则有 %(count)s 处错误，没有启用：%(first)s（hotline rules check 可看全部）",
                count=len(errors),
                first=chain(shown),
            )
        )
    return built, findings


def lists(db: Session, region: str, *, sample: bool = True) -> list[Taxonomy]:
    """Return the lists of areas of all editions ever in force, the oldest first and the one in force last.

    sample   also the invented ones of the sample city, whose names no real city took over
    """
    query = sa.select(col(EditionRow.files), col(EditionRow.applied_by)).where(col(EditionRow.region) == region)
    rows = db.execute(query.order_by(col(EditionRow.active), col(EditionRow.applied_at))).all()
    return [rulefiles.taxonomy(row.files) for row in rows if sample or row.applied_by != cities.BY_SAMPLE]


def _follow_names(city: City, new: Taxonomy) -> None:
    """Refuse a list in which an area silently has another code: its tickets and samples would be another area's.

    raises   RulesFaulty
    """
    moved = succession.moved(city.taxonomy, new)
    if moved:
        shown = [
            Message(
                "“%(area)s”的编码由 %(was)s 变成 %(now)s，没有写进原编码（formerly）",
                area=new.label(now),
                was=was,
                now=now,
            )
            for was, now in moved[:MOST_SHOWN]
        ]
        raise RulesFaulty(
            Message("有 %(count)s 个事项换了编码，没有启用：%(first)s", count=len(moved), first=chain(shown))
        )


def units_still_used(db: Session, built: City) -> Message | None:
    """Return which units an edition leaves out that still hold open tickets without an heir, None for none."""
    known = {*built.units, *(code for unit in built.rulebook.units for code in unit.formerly), ""}
    open_ = col(TicketRow.region) == built.region, is_open()
    led = sa.select(col(TicketRow.unit), col(TicketRow.id)).where(*open_)
    helped = sa.select(col(Assignment.unit), col(TicketRow.id)).join(
        TICKET, col(TicketRow.id) == col(Assignment.ticket_id)
    )
    held = sa.union(led, helped.where(*open_, col(Assignment.ended_at).is_(None))).subquery()
    unit = col(TicketRow.unit, held)
    counts = db.execute(sa.select(unit, sa.func.count()).group_by(unit).order_by(unit))
    gone = [(code, count) for code, count in counts if code not in known]
    if not gone:
        return None
    names = _unit_names(db, built.region)
    units = tuple(
        Message("%(unit)s（%(code)s）%(n)s件", unit=names.get(code, code), code=code, n=count) for code, count in gone
    )
    return Message(
        "单位表中没有了仍有在办工单的单位：%(units)s；请在接续的单位一行的 formerly 写明原编码，或先改派、办结这些工单",
        units=units,
    )


def _unit_names(db: Session, region: str) -> dict[str, str]:
    held = db.execute(
        sa.select(col(EditionRow.files)).where(col(EditionRow.region) == region, col(EditionRow.active))
    ).scalar_one_or_none()
    if held is None:
        return {}
    return {unit.code: unit.name for unit in rulefiles.rulebook(held, rulefiles.head(held)).units}


def _keeps_units(db: Session, built: City) -> None:
    if gone := units_still_used(db, built):
        raise UnitLost(gone)


def propose(db: Session, city: City, files: dict[str, str], me: Me, now: datetime, note: str = "") -> Proposed:
    """Put an edition forward.  Nothing is in force before another person approves it.

    raises  NotAllowed; RulesUnreadable, RulesFaulty; RuleSaysNo for another region, a name used before, no change
    """
    _may(me, PROPOSERS, Message("提出规则版本"))
    built, _ = checked(files)
    if built.region != city.region:
        raise RuleSaysNo(
            Message(
                "这份规则的区域代码是 %(region)s，现在生效的是 %(here)s，不能互相替换",
                region=built.region,
                here=city.region,
            )
        )
    _follow_names(city, built.taxonomy)
    mark = cities.digest(files)
    if db.get(EditionRow, (city.region, built.edition)) or db.get(ProposalRow, (city.region, built.edition)):
        raise RuleSaysNo(
            Message("版本 %(edition)s 已经启用或提出过；请在 city.toml 中改一个新的 edition", edition=built.edition)
        )
    _keeps_units(db, built)
    row = ProposalRow(
        region=city.region,
        edition=built.edition,
        digest=mark,
        files=files,
        proposed_by=me.login,
        proposed_at=now,
        note=note,
    )
    db.add(row)
    db.flush()
    return Proposed(**{name: getattr(row, name) for name in Proposed.__struct_fields__})


def approve(db: Session, me: Me, edition: str, now: datetime, seen: str = "") -> City:
    """Put a proposed edition into force; what follows for open tickets is `hotline.jobs.follow`.

    seen    the edition that was in force when the person looked at the differences
    raises  NotAllowed, TwoPeople, NoSuchProposal; RuleSaysNo if it is decided, or another edition came into force
    """
    row = _deciding(db, me, edition, Message("批准规则版本"))
    where = col(EditionRow.region) == me.region, col(EditionRow.active)
    held = db.execute(sa.select(col(EditionRow.edition)).where(*where).with_for_update()).scalar_one_or_none()
    if held is None or (seen and seen != held):
        raise RuleSaysNo(Message("您核对以后已有另一个规则版本启用，请重新核对差异后再批准"))
    _follow_names(cities.current(db), rulefiles.taxonomy(row.files))
    _keeps_units(db, cities.build(row.files))
    _decide(row, "approved", me, now)
    db.add(row)
    return cities.apply(db, dict(row.files), me.login, now)


def reject(db: Session, me: Me, edition: str, now: datetime, reason: str) -> None:
    """Turn a proposed edition down, and say why.  raises as `approve`; RuleSaysNo without a reason"""
    row = _deciding(db, me, edition, Message("驳回规则版本"))
    if not reason.strip():
        raise RuleSaysNo(Message("驳回须写明理由"))
    row.note = f"{row.note}\n驳回理由：{reason.strip()}".strip()
    _decide(row, "rejected", me, now)
    db.add(row)
    db.flush()


def alone(db: Session, files: dict[str, str], by: str, now: datetime) -> City:
    """Put an edition into force by one person, and write down that it was so.  raises RulesUnreadable, RulesFaulty"""
    built, _ = checked(files)
    held = cities.current(db)
    if built.region == held.region:
        _follow_names(held, built.taxonomy)
    _keeps_units(db, built)
    city = cities.apply(db, files, by, now)
    row = db.get(ProposalRow, (city.region, city.edition)) or ProposalRow(
        region=city.region, edition=city.edition, digest="", files=files, proposed_by=by, proposed_at=now
    )
    row.digest, row.files = cities.digest(files), files
    row.decision, row.decided_by, row.decided_at = "alone", by, now
    db.add(row)
    db.flush()
    return city


def is_first(db: Session) -> bool:
    """Say whether the next edition would be the city's first: nothing is in force, or the sample is."""
    by = db.execute(sa.select(col(EditionRow.applied_by)).where(col(EditionRow.active))).scalar_one_or_none()
    return by in (None, cities.BY_SAMPLE)


def holds(db: Session, files: Mapping[str, str]) -> bool:
    """Say whether exactly these files are in force already."""
    return db.execute(
        sa.select(col(EditionRow.digest)).where(col(EditionRow.active))
    ).scalar_one_or_none() == cities.digest(files)


def proposals(db: Session, region: str, *, waiting: bool = True) -> list[Proposed]:
    """Return the editions put forward, newest first, in one statement: those that wait, or all."""
    where = [col(ProposalRow.region) == region] + ([col(ProposalRow.decision) == ""] if waiting else [])
    query = sa.select(*columns_of(ProposalRow, Proposed.__struct_fields__)).where(*where)
    return [Proposed(**row._mapping) for row in db.execute(query.order_by(col(ProposalRow.proposed_at).desc()))]


def files_of(db: Session, region: str, edition: str) -> dict[str, str]:
    """Return the files of an edition put forward.  raises NoSuchProposal"""
    row = db.get(ProposalRow, (region, edition))
    if row is None:
        raise NoSuchProposal(edition)
    return dict(row.files)


def files_in_force(db: Session, city: City) -> dict[str, str]:
    """Return the files of the edition this process holds to be in force."""
    row = db.get(EditionRow, (city.region, city.edition))
    return dict(row.files) if row else {}


def free_name(db: Session, city: City, mark: str, what: str) -> str:
    """Return a name nobody used: that of the edition in force without its own mark, then this mark and `what`.

    raises RuleSaysNo where the same waits for approval already
    """
    base = f"{_MARKED.split(city.edition)[0]}-{mark}-{what}"
    names = (base if turn == 1 else f"{base}-{turn}" for turn in itertools.count(1))
    return next(name for name in names if not _used(db, city, name))


def renamed(text: str, edition: str) -> str:
    """Return `city.toml` under another edition's name."""
    return re.sub(r"""^edition\s*=\s*(["']).*?\1""", f'edition = "{edition}"', text, count=1, flags=re.MULTILINE)


def _used(db: Session, city: City, edition: str) -> bool:
    proposed = db.get(ProposalRow, (city.region, edition))
    if proposed is not None and not proposed.decision:
        raise RuleSaysNo(Message("规则版本 %(edition)s 已经提出，正等另一人审批", edition=edition))
    return proposed is not None or db.get(EditionRow, (city.region, edition)) is not None


def history(db: Session, region: str) -> list[InForce]:
    """Return the editions that are or were in force, newest first, in one statement."""
    same = sa.and_(
        col(ProposalRow.region) == col(EditionRow.region), col(ProposalRow.edition) == col(EditionRow.edition)
    )
    query = (
        sa.select(
            col(EditionRow.edition),
            col(EditionRow.active),
            col(EditionRow.applied_at),
            col(EditionRow.applied_by),
            sa.func.coalesce(col(ProposalRow.proposed_by), "").label("proposed_by"),
            sa.func.coalesce(col(ProposalRow.decision), "").label("decision"),
        )
        .join(PROPOSAL, same, isouter=True)
        .where(col(EditionRow.region) == region)
        .order_by(col(EditionRow.applied_at).desc(), col(EditionRow.edition).desc())
    )
    return [InForce(**row._mapping) for row in db.execute(query)]


def _may(me: Me, roles: frozenset[Role], what: Message) -> None:
    if me.role not in roles:
        names = tuple(Message(ROLE_NAMES[one]) for one in Role if one in roles)
        given = {"what": what, "roles": names, "role": Message(ROLE_NAMES[me.role])}
        raise NotAllowed(Message("%(what)s由%(roles)s操作，%(role)s不能操作", **given))


def _deciding(db: Session, me: Me, edition: str, what: Message) -> ProposalRow:
    _may(me, APPROVERS, what)
    row = db.get(ProposalRow, (me.region, edition), with_for_update=True)
    if row is None:
        raise NoSuchProposal(edition)
    if row.decision:
        raise RuleSaysNo(
            Message(
                "规则版本 %(edition)s %(decision)s（%(decided_by)s），不能再审批",
                edition=edition,
                decision=Message(DECISIONS[row.decision]),
                decided_by=row.decided_by,
            )
        )
    if row.proposed_by == me.login:
        raise TwoPeople(edition)
    return row


def _decide(row: ProposalRow, decision: str, me: Me, now: datetime) -> None:
    row.decision, row.decided_by, row.decided_at = decision, me.login, now
