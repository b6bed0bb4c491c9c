"""`hotline kpi`: the figures of a month, row by row, and a recount that finds and mends what is wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from dispatch.kpis import RATE_NAMES
from dispatch.lifecycle import State
from hotline import clock
from hotline.cli.figures import kpi
from hotline.store import db
from hotline.store.schema import METADATA
from tests.cast import CALLER_BACK, DAY, HOUR, LAMP, NOW, RUBBISH, Office, unit

TALLY = METADATA.tables["tally"]
Run = Callable[..., Result]


@pytest.fixture
def office(home: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office of twelve answered tickets and one without an answer, not yet counted."""
    made = Office(f"sqlite+pysqlite:///{home / 'hotline.db'}")
    for n in range(12):
        number = made.ticket(State.ANSWERED, area=RUBBISH).number
        said = {"reached": True, "contacted": True, "solved": "yes" if n else "partly", "satisfaction": 4}
        made.do("callback", number, CALLER_BACK, NOW + HOUR, **said)
    made.ticket(State.SIGNED, area=LAMP)
    monkeypatch.setattr(clock, "now", lambda: NOW + DAY)
    return made


def table(result: Result) -> dict[str, list[str]]:
    """Return the rows of the printed table by their first cell."""
    assert result.exit_code == 0, result.output
    return {line.split("\t")[0]: line.split("\t")[1:] for line in result.output.splitlines() if "\t" in line}


def test_a_month(office: Office, run: Run) -> None:
    office.fold(NOW + DAY)
    result = run(kpi, "show", "2026-11")
    assert result.output.splitlines()[:2] == ["受理 13　在办 1　办结 12　逾期在办 0", "截至 2026-11-19 10:00:00"]
    found = table(result)
    assert found["解决率"] == ["91.7%", "11/12", "95%区间 64.6%–98.5%", "样本12件，不足30件，不参与排名"]
    assert found["承诺兑现率"] == ["—", "0/0", "本期没有应计工单，不计算"]
    assert found["综合得分"] == ["97.1"]
    assert found[office.city.unit_name("hwzx")][0] == "12 件"
    assert "受理 0" in run(kpi, "show", "2026-10").output


def test_what_is_not_counted_yet_is_said(office: Office, run: Run) -> None:
    assert office.rows("tally") == []
    assert run(kpi, "show").output.splitlines()[1] == "截至 2026-11-18 10:00:00，另有 13 件变动待计入"


@pytest.mark.parametrize(("words", "keys"), [
    (["--by", "area"], {"01": 12, "02": 1}), (["--by", "area", "--under", "01"], {"0101": 12}),
    (["--by", "source"], {"web": 13}), (["--unit", "szzx"], {"szzx": 1}),
    (["--since", "2026-11-19", "--until", "2026-11-20"], {}), (["--order", "name"], {"hwzx": 12, "szzx": 1}),
])  # fmt: skip
def test_rows(office: Office, run: Run, words: list[str], keys: dict[str, int]) -> None:
    office.fold(NOW + DAY)
    found: dict[str, Any] = json.loads(run(kpi, "show", "--json", *words).output)
    assert {row["key"]: row["tickets"] for row in found["rows"]} == keys
    assert [one["name"] for one in found["rates"]] == list(RATE_NAMES)


@pytest.mark.parametrize("words", [
    ["--unit", "hwzx", "--by", "street"], ["2026-11", "--since", "2026-11-01"], ["--by", "person"],
    ["--since", "2026-11-20", "--until", "2026-11-19"], ["--order", "charm"],
])  # fmt: skip
def test_what_cannot_be_asked(office: Office, home: Path, words: list[str]) -> None:
    assert office.city
    env = {"HOTLINE_HOME": str(home), "HOTLINE_DATABASE_URL": "", "HOTLINE_SECRET_KEY": "0" * 32}
    result = CliRunner(env=env).invoke(kpi, ["show", *words])
    assert result.exit_code == 2
    assert result.output.strip()


def test_a_recount_counts_first_what_waits(office: Office, run: Run) -> None:
    assert run(kpi, "recount", "--check").output == "核对 1 天，汇总数与工单一致\n"
    assert {row.seq - row.counted_seq for row in office.rows("ticket")} == {0}


def test_a_recount_tells_and_mends(office: Office, run: Run) -> None:
    office.fold(NOW + DAY)
    where = TALLY.c.dimension == "unit", TALLY.c.key == "hwzx", TALLY.c.name == "solve+"
    with db.transaction() as session:
        session.execute(sa.update(TALLY).where(*where).values(value=40))
    checked = run(kpi, "recount", "--check")
    assert checked.exit_code == 1
    assert checked.output.splitlines() == [
        "核对 1 天，1 天有差异：0 件工单、1 个汇总数", "  2026-11-18 unit hwzx solve+：汇总 40，重算 11",
    ]  # fmt: skip
    (told,) = json.loads(run(kpi, "recount", "--json").output)
    assert (told["day"], told["tickets"], len(told["sums"])) == ("2026-11-18", 13, 1)
    assert run(kpi, "recount", "--check").exit_code == 0
    office.do("note", office.rows("ticket", unit="hwzx")[0].number, unit("hwzx"), NOW + DAY, note="看过")
    assert run(kpi, "recount", "--check").exit_code == 0


def test_every_option_is_said_in_chinese() -> None:
    context = click.Context(kpi)
    for name in ("show", "recount"):
        command = kpi.get_command(context, name)
        assert command is not None
        assert all(getattr(one, "help", "") for one in command.params if isinstance(one, click.Option))
