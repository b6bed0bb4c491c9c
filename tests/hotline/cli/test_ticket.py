"""`hotline ticket show|trace|list|index`."""

import json
from pathlib import Path

import pytest

from hotline.cli.intake import intake
from hotline.cli.ticket import ticket
from tests.hotline.channels.cast import write
from tests.hotline.cli.conftest import Run

HEADINGS = (
    "工单编号",
    "工单标题",
    "诉求内容",
    "受理时间",
    "派件时间",
    "处置单位",
    "工单状态",
    "办结时间",
    "联系人",
    "联系电话",
)


@pytest.fixture
def number(run: Run, tmp_path: Path, city: str) -> str:
    row = (
        "H-0001", "路灯", "3号楼前路灯坏了", "2026-03-02 08:00", "2026-03-02 09:00", "甲区路灯所",
        "已办结", "2026-03-05 10:00", "某某", "13800001234",
    )  # fmt: skip
    run(intake, write(tmp_path / "史.csv", [row], HEADINGS), "--source", "12345", "--replay")
    return str(json.loads(run(ticket, "list", "--json").stdout)["items"][0]["number"])


def test_trace_tells_every_why(run: Run, number: str) -> None:
    said = run(ticket, "trace", number).stdout
    for words in (
        f"{number}（办结）路灯",
        "承办\t甲区路灯所",
        "2026-03-02 08:00  受理",
        "派单",
        "历史归档",
        "什么事：",
        "在哪里：",
        "谁来办：",
        "报结果  至",
        "按时",
    ):
        assert words in said
    told = json.loads(run(ticket, "trace", number, "--json").stdout)
    assert [leg["move"] for leg in told["journey"]] == ["receive", "classify", "route", "archive"]


def test_show_masks_the_caller(run: Run, number: str) -> None:
    said = run(ticket, "show", number).stdout
    assert "3号楼前路灯坏了" in said
    assert "13800001234" not in said
    assert "138****1234" in said
    assert "导入位置\t史.csv 第2行" in said
    assert json.loads(run(ticket, "show", number, "--json").stdout)["card"]["number"] == number


def test_list(run: Run, number: str) -> None:
    assert number in run(ticket, "list", "--state", "closed").stdout
    assert run(ticket, "list", "--state", "routed").stdout == "没有符合条件的工单\n"


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("verb", ["show", "trace"])
def test_no_such_ticket(run: Run, verb: str) -> None:
    done = run(ticket, verb, "JS000")
    assert done.exit_code == 2
    assert done.stderr == "没有查到工单 JS000，请核对编号（no_such_ticket）\n"


def test_index_takes_in_what_is_older_and_may_run_again(run: Run, number: str) -> None:
    for _ in range(2):
        assert "相似索引完成：近 365 天的 1 件工单" in run(ticket, "index").stdout


def test_the_upstream_number_is_shown_and_found(run: Run, number: str) -> None:
    assert "上级编号\tH-0001" in run(ticket, "show", number).stdout
    assert json.loads(run(ticket, "show", "H - 0001", "--json").stdout)["card"]["number"] == number
    assert f"{number}（" in run(ticket, "trace", "h-0001").stdout
    assert "H-0001" in run(ticket, "list").stdout
    assert number in run(ticket, "list", "--ref", "H-0001").stdout
    assert number not in run(ticket, "list", "--ref", "H-0002").stdout
    assert run(ticket, "show", "H-0002").exit_code == 2
