"""`hotline db`: the schema, the sample city, and a copy made while others write."""

import sqlite3
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hotline import settings
from hotline.cli.database import database
from hotline.sample import plant
from hotline.store import db
from tests.cast import NOW


def run(monkeypatch: pytest.MonkeyPatch, home: Path, *words: str, url: str = "") -> Result:
    monkeypatch.setenv("HOTLINE_HOME", str(home))
    monkeypatch.setenv("HOTLINE_DATABASE_URL", url)
    return CliRunner().invoke(database, list(words))


def test_upgrade_makes_the_tables_and_again_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "new"
    for _ in range(2):
        done = run(monkeypatch, home, "upgrade")
        assert (done.exit_code, done.stderr) == (0, "")
        current, newest = db.schema_state(f"sqlite+pysqlite:///{home}/hotline.db")
        assert current == newest
        assert f"结构版本：{current}（最新 {newest}）" in done.stdout


@pytest.mark.parametrize(("planted", "known", "code", "said"), [
    (True, [("话务员", "hua01", "shili-hua01")], 0, "话务员\thua01\tshili-hua01"),
    (False, [("话务员", "hua01", "shili-hua01")], 0, "没有改动"),
    (False, [], 2, "没有改动"),
])  # fmt: skip
def test_sample_says_what_it_did(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, planted: bool, known: list[object], code: int, said: str
) -> None:
    monkeypatch.setattr(plant, "ensure", lambda given: planted)
    monkeypatch.setattr(plant, "accounts", lambda: known)
    done = run(monkeypatch, tmp_path, "sample")
    assert (done.exit_code, said in done.stdout) == (code, True)


def test_sample_without_tables_says_what_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = run(monkeypatch, tmp_path, "sample")
    assert done.exit_code == 2
    assert "hotline db upgrade" in done.stderr


def test_backup_copies_all_while_somebody_writes_and_is_private(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run(monkeypatch, tmp_path, "upgrade")
    db.bind(settings.load({"HOTLINE_HOME": str(tmp_path)}).database_url)
    with db.transaction() as session:
        table = db.SQLModel.metadata.tables["login_try"]
        session.execute(table.insert(), {"key": "committed", "fails": 1, "until": NOW})
    with db.transaction() as session:
        session.execute(table.insert(), {"key": "not yet", "fails": 1, "until": NOW})
        done = run(monkeypatch, tmp_path, "backup", str(tmp_path / "copy.db"))
    assert done.exit_code == 0, done.stderr
    assert "secret.key" in done.stdout
    copy = tmp_path / "copy.db"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with sqlite3.connect(copy) as held:
        assert held.execute("SELECT key FROM login_try").fetchall() == [("committed",)]
        assert held.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    held.close()
    assert sorted(path.name for path in tmp_path.iterdir() if "copy" in path.name) == ["copy.db"]


@pytest.mark.parametrize(("target", "said"), [("there.db", "已存在"), ("no/copy.db", "没有文件夹")])
def test_backup_overwrites_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, target: str, said: str) -> None:
    run(monkeypatch, tmp_path, "upgrade")
    (tmp_path / "there.db").write_text("mine")
    done = run(monkeypatch, tmp_path, "backup", str(tmp_path / target))
    assert (done.exit_code, said in done.stderr) == (2, True)
    assert (tmp_path / "there.db").read_text() == "mine"


def test_backup_without_a_database_says_what_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = run(monkeypatch, tmp_path / "empty", "backup", str(tmp_path / "copy.db"))
    assert (done.exit_code, "hotline db upgrade" in done.stderr) == (2, True)


def test_postgresql_has_tools_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = run(monkeypatch, tmp_path, "backup", str(tmp_path / "copy.db"), url="postgresql://u:geheim@h/d")
    assert (done.exit_code, "pg_dump" in done.stderr) == (2, True)
    assert "geheim" not in done.output
