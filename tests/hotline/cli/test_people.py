"""`hotline people`, as somebody types it."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hotline import city, clock, people, rulefiles
from hotline.city import City
from hotline.cli.people import people as command
from hotline.store import db

Run = Callable[..., Result]
SAMPLE = Path(city.__file__).with_name("sample") / "city"
PASSWORD = "correct-horse-7\n"


@pytest.fixture
def rules(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    """The sample city in a database of its own."""
    path = tmp_path / "hotline.db"
    path.write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    monkeypatch.setenv("HOTLINE_DATABASE_URL", f"sqlite:///{path}")
    db.bind(f"sqlite+pysqlite:///{path}")
    with db.transaction() as session:
        return city.apply(session, rulefiles.read_folder(SAMPLE), "test", clock.now())


@pytest.fixture
def run(rules: City) -> Run:
    """A function that types a command."""
    assert rules.region

    def typed(*words: str, typing: str = "") -> Result:
        return CliRunner().invoke(command, words, input=typing)

    return typed


def who(rules: City, token: str) -> people.Me:
    with db.reading() as session:
        return people.find(session, people.token_hash(token), clock.now(), lambda _: ()).me


def test_a_life_of_an_account(rules: City, run: Run) -> None:
    added = run("add", "zhou", "--role", "unit", "--unit", "cgj", "--password-stdin", typing=PASSWORD)
    assert added.exit_code == 0, added.output
    token = json.loads(run("token", "zhou", "--device", "pbx", "--json").stdout)["token"]
    assert (who(rules, token).role.value, who(rules, token).unit) == ("unit", "cgj")
    assert run("role", "zhou", "dispatcher").exit_code == 0
    assert who(rules, token).role.value == "dispatcher"
    assert run("password", "zhou", "--password-stdin", typing="another-horse-8\n").exit_code == 0
    signed_in = people.log_in(rules.region, "zhou", "another-horse-8", address="", device="", now=clock.now())
    listed = json.loads(run("list", "--json").stdout)
    assert [(one["login"], one["role"], one["active"]) for one in listed] == [("zhou", "dispatcher", True)]
    assert "2" in run("logout", "zhou").output
    for ended in (token, signed_in):
        with pytest.raises(people.NoSession):
            who(rules, ended)
    assert run("close", "zhou").exit_code == 0
    assert "已停用" in run("list").output


@pytest.mark.parametrize(
    ("words", "typing", "code", "said"),
    [
        (["add", "zhou", "--role", "unit", "--unit", "nowhere", "--password-stdin"], PASSWORD, 2, "nowhere"),
        (["add", "zhou", "--role", "unit", "--password-stdin"], PASSWORD, 2, "bad_value"),
        (["add", "zhou", "--role", "agent", "--password-stdin"], "short\n", 2, "bad_value"),
        (["add", "zhou", "--role", "citizen"], "", 2, "citizen"),
        (["role", "nobody", "agent"], "", 2, "no_such_person"),
        (["token", "nobody"], "", 2, "no_such_person"),
        (["close", "nobody"], "", 2, "no_such_person"),
    ],
)
def test_refusals(run: Run, words: list[str], typing: str, code: int, said: str) -> None:
    answer = run(*words, typing=typing)
    assert answer.exit_code == code
    assert said in answer.output
    assert json.loads(run("list", "--json").stdout) == []


def test_open_work_is_handed_over(run: Run) -> None:
    for login in ("zhang", "wang"):
        assert run("add", login, "--role", "grid_leader", "--no-password").exit_code == 0
    done = run("handover", "zhang", "wang", "--by", "wang")
    assert done.exit_code == 0
    assert "已移交 0 件在办工单：zhang → wang" in done.output
    refused = run("handover", "zhang", "nobody", "--by", "wang")
    assert refused.exit_code != 0
    assert "没有账号 nobody" in refused.output


def test_a_leave_is_looked_at_and_put_down(rules: City, run: Run) -> None:
    assert run("add", "du", "--role", "supervisor", "--no-password").exit_code == 0
    first, last = rules.day(clock.now()), rules.day(clock.now()) + timedelta(days=2)
    days = (first.isoformat(), last.isoformat())
    seen = run("leave", "wu.haoran", *days, "--by", "du", "--dry-run")
    assert seen.exit_code == 0, seen.output
    assert "由副网格长周春燕代为负责" in seen.output
    assert "没有登记" in seen.output
    assert "已登记 吴浩然" in run("leave", "wu.haoran", *days, "--by", "du").output
    with db.reading() as session:
        found = city.current(session).leader_of("990101001001001", last)
    assert found
    assert found.login == "zhou.chunyan"
    again = run("leave", "wu.haoran", *days, "--by", "du")
    assert again.exit_code != 0
    assert "已登记请假" in again.output
