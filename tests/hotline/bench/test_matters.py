"""Invented matters: the same from the same seed, none twice, and a file the import reads."""

import csv
from pathlib import Path

from hotline.bench import intake, matters


def test_equal_starts_give_equal_matters_and_no_two_are_alike() -> None:
    first, again = list(matters.matters(300)), list(matters.matters(300))
    assert first == again
    assert len({one.text for one in first}) == 300
    assert len({one.phone for one in first}) == 300
    assert {one.phone[:5] for one in first} == {"0000-"}
    assert all(matters.LENGTH <= len(one.text) <= 400 for one in first)


def test_another_start_gives_others() -> None:
    assert not {one.text for one in matters.matters(50)} & {one.text for one in matters.matters(50, start=50)}


def test_the_file_has_a_row_a_matter(tmp_path: Path) -> None:
    matters.write_csv(tmp_path / "t.csv", 30)
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["工单编号"] for row in rows}) == 30
    assert tuple(rows[0]) == matters.HEADINGS


def test_a_body_leaves_the_phone_to_the_client() -> None:
    found = intake.body(next(matters.matters(1)))
    assert found.count(b"@@@@@@@@") == 1
    assert b'"phone":"0000-@@@@@@@@"' in found
