"""`hotline intake`: the closing table, its JSON, and one sentence for what cannot be done."""

import json
import os
import stat
from pathlib import Path

import pytest

from hotline.cli.intake import JSON_KEYS, intake
from tests.hotline.channels.cast import HEADINGS, matter, write
from tests.hotline.cli.conftest import Run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [matter("A-0001", "路灯不亮"), matter("A-0002", "垃圾没收"), matter("A-0003", at="2018/2/30")]
    return write(tmp_path / "甲.csv", rows)


@pytest.mark.usefixtures("city")
def test_the_closing_as_json(run: Run, file: Path) -> None:
    done = run(intake, file, "--source", "12345", "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert set(JSON_KEYS) <= set(told)
    assert {key: told[key] for key in JSON_KEYS if key != "seconds"} == {
        "rows": 3, "accepted": 2, "known": 0, "joined": 0, "rejected": 1, "routed": 0, "left_for_person": 2,
    }  # fmt: skip
    assert told["seconds"] > 0
    assert done.stderr == ""


@pytest.mark.usefixtures("city")
def test_the_closing_in_words(run: Run, file: Path) -> None:
    done = run(intake, file, "--source", "8890")
    assert done.exit_code == 0
    for words in (
        "读取\t        3 行（CSV，UTF-8）",
        "新受理\t        2 件",
        "未导入\t        1 行",
        f"{file}.rejects.csv",
        "每秒",
    ):
        assert words in done.stdout
    again = run(intake, file, "--source", "8890")
    assert "已有\t        2 行" in again.stdout


@pytest.mark.usefixtures("city")
def test_a_clean_run_says_that_the_old_rejects_are_gone(run: Run, file: Path) -> None:
    run(intake, file, "--source", "12345")
    write(file, [matter("A-0001", "路灯不亮")])
    assert "rejects.csv 已删除" in run(intake, file, "--source", "12345").stdout
    assert not Path(f"{file}.rejects.csv").exists()


@pytest.mark.usefixtures("city")
def test_as_of_is_the_now_of_all(run: Run, file: Path) -> None:
    done = run(intake, file, "--source", "12345", "--as-of", "2026-11-02 09:00", "--json")
    assert json.loads(done.stdout)["accepted"] == 2


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_other_encodings(run: Run, tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "乙.csv", [matter("A-0001", "路灯不亮")], encoding=encoding)
    assert json.loads(run(intake, path, "--source", "12345", "--json").stdout)["accepted"] == 1


@pytest.mark.usefixtures("city")
def test_a_map_of_columns(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "乙.csv", [("A-0001", "路灯不亮")], ("序", "说的话"))
    refused = run(intake, path, "--source", "12345")
    assert refused.exit_code == 2
    assert "表头缺少工单编号" in refused.stderr
    assert "序、说的话" in refused.stderr
    said = tmp_path / "map.toml"
    said.write_text('[columns]\nnumber = "序"\ntext = "说的话"\n', encoding="utf-8")
    assert json.loads(run(intake, path, "--source", "12345", "--columns", said, "--json").stdout)["accepted"] == 1
    said.write_text('[columns]\nnumber = "序"\ntxt = "说的话"\n', encoding="utf-8")
    typo = run(intake, path, "--source", "12345", "--columns", said)
    assert typo.exit_code == 2
    assert f"{said} 第3行：没有名为 txt 的字段，是不是要写 text？（bad_columns）\n" == typo.stderr


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("无.csv", None, "没有这个文件"),
        (".", None, "文件夹"),
        ("空.csv", b"", "空的"),
        ("只有表头.txt", "标题,时间\n".encode(), "表头缺少"),
        ("坏.xlsx", b"PK\x03\x04", "打不开"),
    ],
)
def test_unusable_files(run: Run, tmp_path: Path, name: str, raw: bytes | None, words: str) -> None:
    path = tmp_path / name
    if raw is not None:
        path.write_bytes(raw)
    done = run(intake, path, "--source", "12345")
    assert done.exit_code == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1, "one sentence"


@pytest.mark.usefixtures("city")
def test_headings_and_no_rows(run: Run, tmp_path: Path) -> None:
    done = run(intake, write(tmp_path / "表.csv", []), "--source", "12345", "--json")
    assert (done.exit_code, json.loads(done.stdout)["rows"]) == (0, 0)


def test_no_city_and_no_source(run: Run, file: Path) -> None:
    done = run(intake, file, "--source", "12345")
    assert done.exit_code == 2
    assert "还没有生效的城市规则" in done.stderr
    assert run(intake, file, "--source", "110").exit_code == 2


def test_a_database_without_tables(run: Run, file: Path, home: Path) -> None:
    (home / "hotline.db").unlink()
    done = run(intake, file, "--source", "12345")
    assert done.exit_code == 2
    assert "hotline db upgrade" in done.stderr


@pytest.mark.usefixtures("city")
def test_nothing_personal_stands_in_clear(run: Run, tmp_path: Path, home: Path) -> None:
    headings = (*HEADINGS, "联系电话", "备用手机")
    path = write(tmp_path / "乙.csv", [(*matter("A-0001"), "13800001234", "13800005678")], headings)
    assert run(intake, path, "--source", "12345").exit_code == 0
    raw = b"".join(part.read_bytes() for part in home.glob("hotline.db*"))
    assert b"13800001234" not in raw
    assert b"13800005678" not in raw


@pytest.mark.usefixtures("city")
def test_rejects_of_a_read_only_folder_go_home(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "只读"
    folder.mkdir()
    path = write(folder / "甲.csv", [matter("A-0001", at="2018/2/30")])
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    real = os.open

    def refuses(name: str, *rest: int) -> int:  # root may write everywhere
        if Path(name).parent == folder:
            raise PermissionError(13, "Permission denied")
        return int(real(name, *rest))

    monkeypatch.setattr("hotline.channels.rejects.os.open", refuses)
    done = run(intake, path, "--source", "12345")
    assert done.exit_code == 0
    assert f"{home}/rejects/甲.csv." in done.stdout
    assert "不可写" in done.stdout
    folder.chmod(stat.S_IRWXU)
