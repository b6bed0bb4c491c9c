"""`hotline topics find FILE`."""

import json
from pathlib import Path

from hotline.cli.topics import topics
from tests.hotline.channels.cast import write
from tests.hotline.cli.conftest import Run

HEADINGS = ("编号", "主题", "时间", "内容")


def storm(tmp_path: Path) -> Path:
    """Six people of one dark street within two days, and four who say something else each."""
    dark = [
        (f"D{n}", "柳林路路灯不亮", f"2026-11-{17 + n % 2} 08:0{n}", f"柳林路的路灯已经{n}天不亮") for n in range(1, 7)
    ]
    other = ["楼上装修噪音很大", "公交车不按时发车", "自来水发黄有味", "学校门口占道卖早点"]
    rest = [(f"X{n}", text, "2026-11-18 09:00", text) for n, text in enumerate(other)]
    return write(tmp_path / "t.csv", [*dark, *rest], HEADINGS)


def test_what_many_say_is_found_with_its_members(run: Run, tmp_path: Path) -> None:
    columns = ("--text", "内容", "--title", "主题", "--time", "时间", "--id", "编号")
    done = run(topics, "find", storm(tmp_path), *columns, "--json")
    found = json.loads(done.stdout)
    assert (found["rows"], len(found["topics"])) == (10, 1)
    (topic,) = found["topics"]
    assert set(topic["members"]) == {f"D{n}" for n in range(1, 7)}
    assert "路灯" in topic["title"]
    assert "找到 1 个热点" in run(topics, "find", storm(tmp_path), *columns).stdout


def test_a_file_without_texts_is_refused_in_words(run: Run, tmp_path: Path) -> None:
    done = run(topics, "find", write(tmp_path / "t.csv", [("1", "")], ("编号", "内容")), "--text", "内容")
    assert done.exit_code == 2
    assert "没有一行有正文" in done.stderr
