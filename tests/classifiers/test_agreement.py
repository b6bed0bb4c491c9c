import numpy as np
import pytest
from scipy.sparse import csr_matrix

from classifiers import agreement as one
from classifiers.agreement import agreement

MATTERS = csr_matrix(
    [
        [1.0, 1.0, 0.0, 0.0],
        [1.0, 0.9, 0.0, 0.0],
        [0.9, 1.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
        [0.0, 0.0, 0.2, 1.0],
        [0.0, 0.0, 0.0, 0.0],
    ]
)


def test_whom_its_likes_contradict_teaches_less() -> None:
    found = agreement(MATTERS, np.array([0, 0, 1, 0, 1, 1]))
    assert found == pytest.approx([2 / 3, 2 / 3, 1 / 3, 1.0, 1.0, 1.0])


def test_likes_of_one_area_all_teach_in_full() -> None:
    assert agreement(MATTERS, np.zeros(6, dtype=np.intp)) == pytest.approx([1.0] * 6)
    assert agreement(csr_matrix((0, 4)), np.zeros(0, dtype=np.intp)).shape == (0,)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = np.array([0, 0, 1, 0, 1, 1])
    whole = agreement(MATTERS, truth)
    monkeypatch.setattr(one, "BLOCK", 2)
    assert agreement(MATTERS, truth) == pytest.approx(whole)


def test_words_everybody_uses_make_nobody_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one, "COMMON", 2)
    assert agreement(MATTERS, np.array([0, 0, 1, 0, 1, 1])) == pytest.approx([1.0] * 6)
