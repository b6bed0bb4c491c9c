"""`hotline rules diff|trial|propose|approve|reject|proposals|precedent`: from one edition of the rules to the next."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from sqlmodel import Session, select
from tqdm import tqdm

from dispatch.comparison import TABLE_NAMES
from dispatch.trial import WHAT_NAMES, Trial
from grids.messages import Message
from hotline import city as cities
from hotline import clock, people, rulefiles
from hotline.city import City
from hotline.cli import opening
from hotline.errors import HotlineError, NoCity
from hotline.flow.editions import approval
from hotline.flow.editions import contrast as sides
from hotline.flow.editions import precedent as precedents
from hotline.flow.editions import trial as trials
from hotline.flow.editions.approval import DECISIONS, Proposed
from hotline.flow.editions.contrast import Contrast
from hotline.jobs import follow
from hotline.jobs.follow import Followed
from hotline.people import Me
from hotline.store import db
from hotline.store.columns import col
from hotline.store.learning import EditionRow, ProposalRow

_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
_by = click.option("--by", required=True, help="操作人的账号。")
_folder = click.argument("folder", type=click.Path(path_type=Path))


class NoSuchEdition(HotlineError):
    """Neither a folder nor an edition ever applied or put forward."""

    code = "no_such_edition"

    def __init__(self, name: str) -> None:
        super().__init__(Message("没有名为 %(name)s 的规则文件夹或规则版本", name=name))
        self.name = name


@click.command("diff")
@click.argument("old")
@click.argument("new", required=False)
@click.option("--text", "as_text", is_flag=True, help="逐行比较文件，不作解释。")
@_json
def diff(old: str, new: str | None, as_text: bool, as_json: bool) -> None:
    """比较两个规则版本或文件夹：哪些规则新增、删除、修改；不写 NEW 则与现在生效的比较。"""
    with opening.opened(), db.reading() as session:
        before, after = _files(session, old), _files(session, new)
        found = sides.lines(before, after) if as_text else sides.contrast(before, after)
    if as_json:
        click.echo(msgspec.json.encode(found))
    elif isinstance(found, Contrast):
        click.echo(contrast_text(found))
    else:
        click.echo("\n".join(f"== {name}\n" + "\n".join(lines) for name, lines in found.items()) or "没有不同")


@click.command("trial")
@_folder
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="用最近多少天受理的工单试。")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="新责任表按哪一天试；默认今天。")
@_json
def trial(folder: Path, days: int, on: datetime | None, as_json: bool) -> None:
    """用最近受理的工单试 FOLDER 的规则：哪些会改派、时限或催办会不同。只读，不改动任何数据。"""
    with opening.opened():
        new = cities.build(rulefiles.read_folder(folder))
        city, now = opening.city_in_force(), clock.now()
        with db.reading() as session:
            total = trials.size(session, city, now, days)
            with _bar("试算", total, as_json) as bar:
                day: date | None = on.date() if on else None
                found = trials.run(session, city, new, now, days, on=day, moved=lambda done: bar.update(done - bar.n))
    click.echo(msgspec.json.encode(found) if as_json else trial_text(found, days))


@click.command("propose")
@_folder
@_by
@click.option("--note", default="", help="为什么改。")
@_json
def propose(folder: Path, by: str, note: str, as_json: bool) -> None:
    """提出规则文件夹 FOLDER，待另一人批准后启用。有错误的不能提出。"""
    with opening.opened():
        files, now = rulefiles.read_folder(folder), clock.now()
        city = opening.city_in_force()
        with db.transaction() as session:
            found = approval.propose(session, city, files, _person(session, city, by, now), now, note)
    _print_proposed(found, as_json, f"规则版本 {found.edition} 已提出，待另一位督办员或管理员批准")


@click.command("approve")
@click.argument("edition")
@_by
@_json
def approve(edition: str, by: str, as_json: bool) -> None:
    """批准并启用规则版本 EDITION；批准人不能是提出人。"""
    with opening.opened():
        now, before = clock.now(), opening.city_in_force()
        with db.transaction() as session:
            me = _person(session, before, by, now)
            city = approval.approve(session, me, edition, now, seen=before.edition)
        done = _follow(as_json)
    if as_json:
        click.echo(msgspec.json.encode({"edition": city.edition, "followed": done}))
    else:
        click.echo(f"规则版本 {city.edition} 已启用，此后受理的工单按新版本办理{followed_text(done)}")


@click.command("reject")
@click.argument("edition")
@_by
@click.option("--reason", required=True, help="为什么不采用。")
def reject(edition: str, by: str, reason: str) -> None:
    """驳回规则版本 EDITION；驳回人不能是提出人。"""
    with opening.opened():
        now, city = clock.now(), opening.city_in_force()
        with db.transaction() as session:
            approval.reject(session, _person(session, city, by, now), edition, now, reason)
    click.echo(f"规则版本 {edition} 已驳回")


@click.command("proposals")
@click.option("--all", "everything", is_flag=True, help="连同已批准、已驳回的。")
@_json
def proposals(everything: bool, as_json: bool) -> None:
    """列出待审批的规则版本，新的在前。"""
    with opening.opened():
        city = opening.city_in_force()
        with db.reading() as session:
            found = approval.proposals(session, city.region, waiting=not everything)
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    lines = [
        f"{one.edition}\t{DECISIONS[one.decision]}\t{one.proposed_by} 于 "
        f"{one.proposed_at.astimezone(city.zone):%Y-%m-%d %H:%M} 提出\t{one.note}"
        for one in found
    ]
    click.echo("\n".join(lines) or "没有待审批的规则版本")


@click.command("precedent")
@click.argument("number")
@_by
@_json
def precedent(number: str, by: str, as_json: bool) -> None:
    """把工单 NUMBER 的会商裁定提为责任表的一行，待另一人批准后启用。"""
    with opening.opened():
        now, city = clock.now(), opening.city_in_force()
        with db.transaction() as session:
            found = precedents.propose(session, city, number, _person(session, city, by, now), now)
    _print_proposed(found, as_json, f"规则版本 {found.edition} 已提出，待另一位督办员或管理员批准：{found.note}")


EDITION_COMMANDS: Sequence[click.Command] = (diff, trial, propose, approve, reject, proposals, precedent)


def contrast_text(found: Contrast) -> str:
    """Return what changes from one edition to another, table by table."""
    lines = []
    for table, label in TABLE_NAMES.items():
        told = [one.text for one in found.differences if one.table == table]
        lines += [f"== {label}（{len(told)}）", *told] if told else []
    if found.others:
        lines.append("== 其他文件（--text 看逐行）")
        lines += [f"{one.name}：新增{one.added}行，删去{one.removed}行" for one in found.others]
    return "\n".join(lines) or "没有不同"


def trial_text(found: Trial, days: int) -> str:
    """Return a trial in words: counts, and a few tickets of each kind."""
    lines = [f"试算最近 {days} 天受理的工单 {found.tickets:,} 件"]
    for what, label in WHAT_NAMES.items():
        lines.append(f"{label}\t{found.counts[what]:,} 件")
        lines += [
            f"  {one.number} {one.title}\n      {one.before} → {one.after}\n      {one.why}"
            for one in found.examples[what]
        ]
    return "\n".join(lines)


def followed_text(done: Followed) -> str:
    """Return what followed for tickets under way, in words."""
    said = [
        (done.transferred, f"{done.transferred} 件在办工单转到更名后的单位"),
        (done.relabelled, f"{done.relabelled} 件在办工单改用新事项"),
        (done.posts, f"{done.posts} 个岗位转到更名后的单位"),
        (done.recounted, f"{done.recounted} 件工单的暂估时限已重算"),
    ]
    return "".join(f"；{text}" for count, text in said if count)


def _follow(quiet: bool) -> Followed:
    with _bar("在办工单", 0, quiet) as bar:

        def moved(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return follow.up(moved)


def _bar(label: str, total: int, quiet: bool) -> AbstractContextManager["tqdm[Any]"]:
    return tqdm(total=total, desc=label, disable=quiet and not sys.stderr.isatty(), leave=False, file=sys.stderr)


def _print_proposed(found: Proposed, as_json: bool, said: str) -> None:
    click.echo(msgspec.json.encode(found) if as_json else said)


def _person(session: Session, city: City, login: str, now: datetime) -> Me:
    return people.serving(session, city.region, login, now)


def _files(session: Session, name: str | None) -> dict[str, str]:
    """Return the files of a folder, of an edition, of one put forward, or (None) of the edition in force."""
    if name is not None and Path(name).is_dir():
        return rulefiles.read_folder(Path(name))
    query = select(EditionRow).where(col(EditionRow.active) if name is None else EditionRow.edition == name)
    row = session.exec(query).first() or session.exec(select(ProposalRow).where(ProposalRow.edition == name)).first()
    if row is None:
        raise NoCity if name is None else NoSuchEdition(name)
    return row.files
