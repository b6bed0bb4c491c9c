"""`hotline replies check FILE`."""

import json
from pathlib import Path

from hotline.cli.replies import replies
from tests.hotline.channels.cast import write
from tests.hotline.cli.conftest import Run

ROWS = [
    ("1", "柳林路的路灯不亮，请修复", "感谢您对我们工作的支持！"),
    ("2", "柳林路的路灯不亮，请修复", "已于11月18日电话联系您，柳林路的路灯当天已修复，现已恢复照明。"),
    ("3", "柳林路的路灯不亮", ""),
]


def test_each_reply_gets_its_findings(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "r.csv", ROWS, ("编号", "诉求", "答复"))
    columns = ("--text", "诉求", "--reply", "答复", "--id", "编号")
    found = json.loads(run(replies, "check", file, *columns, "--json").stdout)
    assert (found["rows"], found["checked"]) == (3, 2)
    codes = {one["id"]: {note["code"] for note in one["findings"]} for one in found["replies"]}
    assert "empty" in codes["1"]
    assert codes["2"] == set()
    said = run(replies, "check", file, *columns).stdout
    assert "检查 2 件，1 件没有提示" in said


def test_without_replies_it_is_refused_in_words(run: Run, tmp_path: Path) -> None:
    done = run(replies, "check", write(tmp_path / "r.csv", ROWS, ("编号", "诉求", "备注")), "--text", "诉求")
    assert done.exit_code == 2
    assert "--reply" in done.stderr
