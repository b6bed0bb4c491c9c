import numpy as np
import pytest

from classifiers.features import (
    Starts,
    around_grams,
    grams,
    made_of_words,
    matrix,
    rarity,
    readable,
    row,
    spelled,
    starts,
    vocabulary,
)
from classifiers.samples import Around
from grids.reading import READ


@pytest.mark.parametrize(
    ("text", "title", "found"),
    [
        ("路灯坏", "", ["路", "灯", "坏", "路灯", "灯坏", " 路灯", " 坏", " 路灯 坏"]),
        ("路，灯", "", ["路", " 路", "灯", " 灯"]),
        ("灯", "路灯", ["灯", " 灯", "路", "灯", "路灯", " 路灯", "\t路", "\t灯", "\t路灯", "\t 路灯"]),
        ("电13800000000", "", ["电", " 电"]),
        ("。！ \n", "", []),
        ("", "", []),
        ("😀", "", []),
    ],
)
def test_grams(text: str, title: str, found: list[str]) -> None:
    assert grams(text, title) == found


def test_no_text_is_read_for_ever() -> None:
    assert len(readable("路" * 50_000)) == READ


def test_vocabulary_keeps_the_common_and_the_wanted() -> None:
    documents = [["a", "b", "b"], ["a", "c"], ["a", "c", "z"]]
    assert vocabulary(documents, ["z"], least=2, most=9) == ["z", "a", "c"]
    assert vocabulary(documents, ["z"], least=1, most=2) == ["z", "a"]
    assert vocabulary(documents, [], least=4, most=9) == []


def test_rare_grams_weigh_more_and_rows_have_length_one() -> None:
    columns = {"a": 0, "b": 1}
    idf = rarity([["a"], ["a", "a", "b"], ["a"]], columns)
    assert idf == pytest.approx([1.0, np.log(4 / 2) + 1])
    places, weights = row(["b", "a", "x", "b"], columns, idf, Starts(2, 2))
    assert dict(zip(places.tolist(), weights.tolist(), strict=True)) == pytest.approx(
        {1: 0.94420, 0: 0.32937}, abs=1e-4
    )
    assert float(weights @ weights) == pytest.approx(1.0)


def test_a_matrix_is_float32_and_holds_empty_rows() -> None:
    columns = {"a": 0, "b": 1}
    idf = np.ones(2, dtype=np.float32)
    rows = matrix([["a"], [], ["x"], ["b", "a"]], columns, idf, Starts(2, 2))
    assert rows.dtype == np.float32
    assert rows.toarray() == pytest.approx(np.array([[1, 0], [0, 0], [0, 0], [0.70711, 0.70711]]), abs=1e-4)
    assert matrix([], columns, idf, Starts(2, 2)).shape == (0, 2)


def test_a_feature_is_shown_as_it_stands_in_the_text() -> None:
    shown = [(spelled(gram), made_of_words(gram)) for gram in ("路灯", " 路灯", " 路灯 坏", "\t路", "\t 路灯 坏")]
    assert shown == [("路灯", False), ("路灯", True), ("路灯坏", True), ("路", False), ("路灯坏", True)]
    assert all(spelled(gram) in "门口路灯坏了" for gram in grams("门口路灯坏了"))


def test_columns_made_of_words_come_last() -> None:
    words = vocabulary([[" 路灯", "路", "\t 路灯"], [" 路灯", "灯"]], [], least=1, most=9)
    assert words == ["灯", "路", " 路灯", "\t 路灯"]
    assert starts(words) == Starts(2, 4)
    assert starts([]) == Starts(0, 0)
    assert starts([" 路灯"]) == Starts(0, 1)


def test_words_and_characters_have_length_one_each() -> None:
    columns = {"路": 0, "灯": 1, " 路灯": 2}
    places, weights = row(["路", "灯", " 路灯"], columns, np.ones(3, dtype=np.float32), Starts(2, 3))
    found = dict(zip(places.tolist(), weights.tolist(), strict=True))
    assert found == pytest.approx({0: 0.5**0.5, 1: 0.5**0.5, 2: 1.0})


def test_signs_are_a_block_of_half_the_length_and_come_last() -> None:
    beside = around_grams(Around(places=("01", "0101"), signs=("night",), settled="never a sign"))
    words = vocabulary([["路", " 路", *beside]], [], least=1, most=9)
    assert words[:2] == ["路", " 路"]
    assert sorted(words[2:]) == sorted(beside)
    places, weights = row(beside, {word: k for k, word in enumerate(words)}, np.ones(5, np.float32), starts(words))
    assert sorted(places.tolist()) == [2, 3, 4]
    assert float(weights @ weights) == pytest.approx(0.25)
