"""A mistyped name at a seam is stopped by the type checker: columns, rows, a ticket, what a move changes and knows.

All are planted at once in a copy of the tree, far from each other; each must be among what is complained of.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("hotline", "dispatch", "classifiers", "grids")
CALL = 5  # lines: a wrong keyword is complained of where its call begins
TYPOS = [
    # kind      as it stands, once in the tree                           mistyped
    ("column", "col(Alarm.answered_at).is_(None)]", "col(Alarm.answerd_at).is_(None)]"),
    ("column", "since = col(CallbackRow.at) >= (main", "since = col(CallbackRow.moment) >= (main"),
    ("column", "col(Notice.read_at): self.until - READ_AFTER", "col(Notice.read): self.until - READ_AFTER"),
    ("column", "col(TicketRow.reported_at).is_(None)]", "col(TicketRow.report_at).is_(None)]"),
    ("column", 'col(OutboxRow.move) == "receive"', 'col(OutboxRow.event) == "receive"'),
    ("row", "PostRow, id=new_id(now), region=region,", "PostRow, key=new_id(now), region=region,"),
    (
        "row",
        "satisfaction=said.satisfaction, reason=reason, final=valid",
        "satisfaction=said.satisfaction, reason=reason, last=valid",
    ),
    ("row", 'role=actor.role.value, move="receive"', 'rolle=actor.role.value, move="receive"'),
    ("row", "owner=one.owner, promise=one.promise", "owner=one.owner, promises=one.promise"),
    ("ticket", "may_see(db, me, one) for one in into", "may_see(db, me, one.parent) for one in into"),
    ("ticket", "ticket.joiners and ticket.state in FINAL", "ticket.joiner and ticket.state in FINAL"),
    ("changes", 'changes={"reported_at": now}', 'changes={"report_at": now}'),
    ("changes", '"returns": ticket.returns + 1', '"return": ticket.returns + 1'),
    ("changes", 'changes["hard"] = said.hard', 'changes["complex"] = said.hard'),
    ("changes", '"redos": ticket.redos + 1', '"redo": ticket.redos + 1'),
    ("facts", "Facts(by=me.unit, owner=said.unit)", "Facts(by=me.unit, onwer=said.unit)"),
    ("facts", "unsampled=told.unsampled or False", "unsampled=told.unsampeld or False"),
    ("facts", "facts.of(row.facts).renamed or {}", "facts.of(row.facts).rename or {}"),
    (
        "facts",
        "sure = facts.text(Facts.guess), facts.text(Facts.sure)",
        "sure = facts.text(Facts.guess), facts.text(Facts.certain)",
    ),
    ("facts", "Facts(days=granted, extended=True)", "Facts(day=granted, extended=True)"),
]


def planted(tree: Path) -> dict[tuple[str, int], str]:
    """Plant them all in a copy of the tree; return (file, line) -> which."""
    files = {path: path.read_text(encoding="utf-8") for name in PACKAGES for path in (tree / name).rglob("*.py")}
    found = {}
    for kind, right, wrong in TYPOS:
        [path] = [path for path, text in files.items() if right in text]
        line = files[path][: files[path].index(right)].count("\n") + 1
        files[path] = files[path].replace(right, wrong)
        path.write_text(files[path], encoding="utf-8")
        found[str(path.relative_to(tree)), line] = f"{kind}: {wrong}"
    return found


@pytest.mark.processes
def test_a_mistyped_name_at_a_seam_is_stopped(tmp_path: Path) -> None:
    spare = shutil.ignore_patterns("node_modules", "static", "*.pyc")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=spare)
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)
    if (ROOT / ".mypy_cache").exists():  # what is known of libraries need not be read again
        shutil.copytree(ROOT / ".mypy_cache", tmp_path / ".mypy_cache")
    typos = planted(tmp_path)
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=tmp_path, capture_output=True, text=True, check=False)
    said = re.findall(r"(?m)^(\S+?):(\d+): error:", done.stdout)
    stopped = {(path, int(line) + below) for path, line in said for below in range(CALL)}
    assert [typo for place, typo in typos.items() if place not in stopped] == [], done.stdout[-4000:]
