"""`hotline rules check|diff`: what is wrong with rule files, and what changed between two editions."""

import difflib
import sys
from pathlib import Path

import click
import msgspec
from sqlmodel import Session, col, select

from dispatch import rulebook
from hotline import city as cities
from hotline import rulefiles
from hotline.city import City
from hotline.cli import opening
from hotline.errors import HotlineError, NoCity
from hotline.store import db
from hotline.store.learning import EditionRow

SEVERITIES = {"error": "错误", "warning": "提醒", "note": "说明"}


class NoSuchEdition(HotlineError):
    """Neither a folder nor an edition ever applied."""

    code = "no_such_edition"

    def __init__(self, name: str) -> None:
        super().__init__(f"没有名为 {name} 的规则文件夹或规则版本")
        self.name = name


@click.group("rules")
def rules() -> None:
    """规则文件：检查，比较。"""


@rules.command("check")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def check(folder: Path | None, as_json: bool) -> None:
    """检查规则文件夹 FOLDER；不写则检查现在生效的规则。有错误时退出码为 1。"""
    with opening.opened() if folder is None else opening.refusals():
        held: City = cities.build(rulefiles.read_folder(folder)) if folder else opening.city_in_force()
        findings = rulebook.check(held.rulebook, held.taxonomy, held.tree)
    if as_json:
        click.echo(msgspec.json.encode({"edition": held.edition, "findings": findings}))
    else:
        lines = [f"{SEVERITIES[one.severity]}\t{one.where}\t{one.message}" for one in findings]
        click.echo("\n".join([*lines, f"规则版本 {held.edition}：共 {len(findings)} 条"]))
    sys.exit(1 if any(finding.severity == "error" for finding in findings) else 0)


@rules.command("diff")
@click.argument("old")
@click.argument("new", required=False)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def diff(old: str, new: str | None, as_json: bool) -> None:
    """比较两个规则版本或文件夹；不写 NEW 则与现在生效的比较。"""
    with opening.opened(), db.reading() as session:
        before, after = _files(session, old), _files(session, new)
    changes = {
        name: _changed(before.get(name, ""), after.get(name, "")) for name in sorted(before.keys() | after.keys())
    }
    changed = {name: lines for name, lines in changes.items() if lines}
    if as_json:
        click.echo(msgspec.json.encode(changed))
    else:
        click.echo("\n".join(f"== {name}\n" + "\n".join(lines) for name, lines in changed.items()) or "没有不同")


def _files(session: Session, name: str | None) -> dict[str, str]:
    """Return the files of a folder, of an edition, or (None) of the edition in force."""
    if name is not None and Path(name).is_dir():
        return rulefiles.read_folder(Path(name))
    query = select(EditionRow).where(col(EditionRow.active) if name is None else EditionRow.edition == name)
    row = session.exec(query).first()
    if row is None:
        raise NoCity if name is None else NoSuchEdition(name)
    return row.files


def _changed(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]
