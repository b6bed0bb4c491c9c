import numpy as np
import pytest

from classifiers.features import LONGEST, grams, matrix, rarity, readable, row, vocabulary


@pytest.mark.parametrize(
    ("text", "title", "found"),
    [
        ("路灯坏", "", ["路", "灯", "坏", "路灯", "灯坏", "路灯坏"]),
        ("路，灯", "", ["路", "灯"]),
        ("灯", "路灯", ["灯", "路", "灯", "路灯", "\t路", "\t灯", "\t路灯"]),
        ("电13800000000", "", ["电"]),
        ("。！ \n", "", []),
        ("", "", []),
        ("😀", "", []),
    ],
)
def test_grams(text: str, title: str, found: list[str]) -> None:
    assert grams(text, title) == found


def test_no_text_is_read_for_ever() -> None:
    assert len(readable("路" * 50_000)) == LONGEST


def test_vocabulary_keeps_the_common_and_the_wanted() -> None:
    documents = [["a", "b", "b"], ["a", "c"], ["a", "c", "z"]]
    assert vocabulary(documents, ["z"], least=2, most=9) == ["z", "a", "c"]
    assert vocabulary(documents, ["z"], least=1, most=2) == ["z", "a"]
    assert vocabulary(documents, [], least=4, most=9) == []


def test_rare_grams_weigh_more_and_rows_have_length_one() -> None:
    columns = {"a": 0, "b": 1}
    idf = rarity([["a"], ["a", "a", "b"], ["a"]], columns)
    assert idf == pytest.approx([1.0, np.log(4 / 2) + 1])
    places, weights = row(["b", "a", "x", "b"], columns, idf)
    assert dict(zip(places.tolist(), weights.tolist(), strict=True)) == pytest.approx(
        {1: 0.94420, 0: 0.32937}, abs=1e-4
    )
    assert float(weights @ weights) == pytest.approx(1.0)


def test_a_matrix_is_float32_and_holds_empty_rows() -> None:
    columns = {"a": 0, "b": 1}
    idf = np.ones(2, dtype=np.float32)
    rows = matrix([["a"], [], ["x"], ["b", "a"]], columns, idf)
    assert rows.dtype == np.float32
    assert rows.toarray() == pytest.approx(np.array([[1, 0], [0, 0], [0, 0], [0.70711, 0.70711]]), abs=1e-4)
    assert matrix([], columns, idf).shape == (0, 2)
