"""`hotline rules diff|trial|propose|approve|reject|proposals|precedent`, as two people type them."""

import json
from pathlib import Path

import pytest

from dispatch.lifecycle import State
from dispatch.roles import Role
from hotline import clock, people
from hotline.cli.city import city as cities
from hotline.cli.rules import rules
from hotline.store import db
from tests.cast import ADMIN, DISPATCHER, NOW, SAMPLE, SUPERVISOR, Office
from tests.hotline.cli.conftest import Run

PASSWORD = "correct-horse-7"
ROW = "D003,010101,,hwzx"


@pytest.fixture
def office(home: Path) -> Office:
    """The sample city in force, and the three who may touch its rules."""
    held = Office(f"sqlite+pysqlite:///{home / 'hotline.db'}")
    with db.transaction() as session:
        for me in (DISPATCHER, SUPERVISOR, ADMIN):
            people.add(session, me.region, me.login, me.name, PASSWORD, NOW)
            people.appoint(session, me.region, me.login, Role(me.role), "", NOW)
        people.add(session, "sample", "cgj01", "石磊", PASSWORD, NOW)
        people.appoint(session, "sample", "cgj01", Role.UNIT, "cgj", NOW)
    return held


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The next edition: another owner of rubbish, and a shorter limit."""
    made = tmp_path / "新规则"
    made.mkdir()
    for file in SAMPLE.iterdir():
        if file.suffix in {".toml", ".csv", ".tsv", ".geojson"} and file.name != "people.toml":
            (made / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    swap(made, "city.toml", 'edition = "2026.1"', 'edition = "2026.2"')
    swap(made, "duty.csv", ROW, "D003,010101,,cgj")
    return made


def swap(folder: Path, name: str, old: str, new: str) -> None:
    """Change one place of a file."""
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.usefixtures("office")
def test_two_people_put_an_edition_into_force(run: Run, folder: Path) -> None:
    done = run(rules, "propose", folder, "--by", "pai01", "--note", "城管接手")
    assert done.exit_code == 0, done.stderr
    assert "2026.2 已提出" in done.stdout
    assert "pai01" in run(rules, "proposals").stdout
    assert json.loads(run(cities, "show", "--json").stdout)["edition"] == "2026.1"  # nothing is in force yet
    refused = run(rules, "approve", "2026.2", "--by", "pai01")
    assert (refused.exit_code, "派单员不能操作" in refused.stderr) == (2, True)
    done = run(rules, "approve", "2026.2", "--by", "du01")
    assert done.exit_code == 0, done.stderr
    assert "规则版本 2026.2 已启用" in done.stdout
    assert json.loads(run(cities, "show", "--json").stdout)["edition"] == "2026.2"
    assert run(rules, "proposals").stdout == "没有待审批的规则版本\n"
    (one,) = json.loads(run(rules, "proposals", "--all", "--json").stdout)
    assert (one["edition"], one["decision"], one["decided_by"], one["note"]) == (
        "2026.2", "approved", "du01", "城管接手",
    )  # fmt: skip


@pytest.mark.usefixtures("office")
def test_nobody_approves_or_rejects_their_own(run: Run, folder: Path) -> None:
    run(rules, "propose", folder, "--by", "du01")
    for words in (("approve", "2026.2", "--by", "du01"), ("reject", "2026.2", "--by", "du01", "--reason", "算了")):
        refused = run(rules, *words)
        assert refused.exit_code == 2
        assert "由您本人提出" in refused.stderr
        assert "（two_people）" in refused.stderr
    assert "已驳回" in run(rules, "reject", "2026.2", "--by", "admin", "--reason", "依据不足").stdout
    assert "依据不足" in run(rules, "proposals", "--all").stdout
    again = run(rules, "propose", folder, "--by", "du01")
    assert (again.exit_code, "已经启用或提出过" in again.stderr) == (2, True)


@pytest.mark.usefixtures("office")
def test_what_cannot_be_put_forward(run: Run, folder: Path) -> None:
    assert "没有账号 nobody" in run(rules, "propose", folder, "--by", "nobody").stderr
    assert "承办单位不能操作" in run(rules, "propose", folder, "--by", "cgj01").stderr
    swap(folder, "city.toml", 'region = "sample"', 'region = "other"')
    assert "区域代码" in run(rules, "propose", folder, "--by", "du01").stderr
    swap(folder, "city.toml", 'region = "other"', 'region = "sample"')
    swap(folder, "duty.csv", "D003,010101,", "D003,010101,000000")
    refused = run(rules, "propose", folder, "--by", "du01")
    assert (refused.exit_code, "duty.csv" in refused.stderr) == (2, True)
    assert "没有待审批" in run(rules, "approve", "2026.2", "--by", "du01").stderr


@pytest.mark.usefixtures("office")
def test_one_person_alone_says_so_and_is_written_down(run: Run, folder: Path) -> None:
    refused = run(cities, "apply", folder)
    assert refused.exit_code == 2
    assert "须两人启用" in refused.stderr
    assert "写明操作人" in run(cities, "apply", folder, "--alone").stderr
    done = run(cities, "apply", folder, "--alone", "--by", "值班员")
    assert done.exit_code == 0
    assert "未经第二人批准，由“值班员”一人启用" in done.stderr
    (one,) = json.loads(run(rules, "proposals", "--all", "--json").stdout)
    assert (one["decision"], one["decided_by"]) == ("alone", "值班员")
    assert run(cities, "apply", folder).exit_code == 0  # it is in force: nothing changes


@pytest.mark.usefixtures("office")
def test_diff_in_sentences(run: Run, folder: Path) -> None:
    assert run(rules, "diff", SAMPLE).stdout == "没有不同\n"
    areas = folder / "areas.csv"
    areas.write_text(areas.read_text(encoding="utf-8") + "0299,道路照明,02,,,\n", encoding="utf-8")
    told = run(rules, "diff", "2026.1", folder).stdout
    assert "== 责任分解表（1）" in told
    assert "责任表D003（市容环卫/垃圾清运/生活垃圾清运）：承办单位由示例区环境卫生服务中心改为" in told
    assert "areas.csv：新增1行，删去0行" in told
    assert "edition" not in told
    found = json.loads(run(rules, "diff", "2026.1", folder, "--json").stdout)
    assert (found["old"], found["new"], found["others"]) == (
        "2026.1", "2026.2", [{"name": "areas.csv", "added": 1, "removed": 0}],
    )  # fmt: skip
    (one,) = found["differences"]
    assert (one["table"], one["how"], one["key"]) == ("duty", "changed", "D003")
    assert [(field["field"], field["before"]) for field in one["fields"]] == [("unit", "示例区环境卫生服务中心")]
    run(rules, "propose", folder, "--by", "du01")
    assert json.loads(run(rules, "diff", "2026.1", "2026.2", "--json").stdout) == found


@pytest.mark.usefixtures("office")
def test_diff_line_by_line(run: Run, folder: Path) -> None:
    found = json.loads(run(rules, "diff", "2026.1", folder, "--text", "--json").stdout)
    assert found["city.toml"] == ['-edition = "2026.1"', '+edition = "2026.2"']
    assert "== duty.csv" in run(rules, "diff", "2026.1", folder, "--text").stdout
    swap(folder, "city.toml", "示例区", "样板区")
    swap(folder, "city.toml", 'name = "示例区"', 'name = "样板区"')
    assert "city.toml：新增" in run(rules, "diff", "2026.1", folder).stdout


def test_no_such_edition(run: Run) -> None:
    done = run(rules, "diff", "无")
    assert done.exit_code == 2
    assert "没有名为 无" in done.stderr


def test_trial_counts_and_writes_nothing(run: Run, folder: Path, office: Office) -> None:
    office.triaged(clock.now())
    office.triaged(clock.now(), area="0201")
    before = [office.rows(table) for table in ("ticket", "entry", "clock", "edition", "proposal", "outbox")]
    found = json.loads(run(rules, "trial", folder, "--json").stdout)
    assert (found["tickets"], found["counts"]) == (2, {"unit": 1, "due": 0, "rungs": 0})
    assert found["examples"]["unit"][0]["after"] == "示例区城市管理局（综合行政执法局）"
    assert "改派其他单位\t1 件" in run(rules, "trial", folder, "--days", "1").stdout
    assert [office.rows(table) for table in ("ticket", "entry", "clock", "edition", "proposal", "outbox")] == before


def test_precedent(run: Run, office: Office) -> None:
    number = office.ticket(State.ROUTED).number
    refused = run(rules, "precedent", number, "--by", "pai01")
    assert (refused.exit_code, "没有经会商裁定" in refused.stderr) == (2, True)
