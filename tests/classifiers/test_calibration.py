import numpy as np
import pytest

from classifiers.calibration import (
    DEFAULT_THRESHOLD,
    Chosen,
    Scale,
    choose_threshold,
    closed_areas,
    confidences,
    cross_trusted,
    error_bound,
    fit_scale,
    fit_trust,
    plain_trust,
    trusted,
)


def test_confidences_are_shares_and_keep_the_order_of_the_margins() -> None:
    found = confidences(np.array([[1.0, -1.0, -1.0], [-1.0, -1.0, -1.0]]), Scale(4.0, 0.0))
    assert found[0] == pytest.approx([0.96466, 0.01767, 0.01767], abs=1e-4)
    assert found[1] == pytest.approx([1 / 3] * 3), "what nobody claims stays open"
    assert confidences(np.empty((0, 3)), Scale(4.0, 0.0)).shape == (0, 3)


def test_absurd_margins_stay_numbers() -> None:
    found = confidences(np.array([[1e9, -1e9], [-1e9, -1e9]]), Scale(9.0, 3.0))
    assert np.isfinite(found).all()
    assert found[0, 0] == pytest.approx(1.0)


def test_the_scale_follows_how_often_a_margin_is_right() -> None:
    margins = np.tile([[0.2, -0.2]], (1000, 1))
    for right in (600, 800, 950):
        truth = np.array([0] * right + [1] * (1000 - right))
        found = confidences(margins, fit_scale(margins, truth))
        assert found[0, 0] == pytest.approx(right / 1000, abs=0.03)


def test_a_few_right_guesses_do_not_make_a_certainty() -> None:
    few, many = (fit_scale(np.tile([[0.1, -0.9]], (n, 1)), np.zeros(n, dtype=np.intp)) for n in (30, 30_000))
    doubtful = np.array([[-0.4, -0.5]])
    assert confidences(doubtful, few)[0, 0] < 0.8
    assert confidences(doubtful, few)[0, 0] < confidences(doubtful, many)[0, 0]


@pytest.mark.parametrize(
    ("errors", "n", "bound"),
    [(0, 45, 0.0499), (0, 44, 0.0510), (0, 1, 0.9), (1, 1, 1.0), (0, 0, 1.0), (5, 200, 0.0459)],
)
def test_error_bound(errors: int, n: int, bound: float) -> None:
    assert error_bound(errors, n) == pytest.approx(bound, abs=1e-4)


def held_out(*groups: tuple[float, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Groups of (confidence, right guesses, wrong guesses)."""
    sure = [confidence for confidence, right, wrong in groups for _ in range(right + wrong)]
    good = [k < right for _, right, wrong in groups for k in range(right + wrong)]
    return np.array(sure, dtype=float), np.array(good, dtype=bool)


@pytest.mark.parametrize(
    ("groups", "chosen"),
    [
        ([(0.99, 59, 0)], Chosen(DEFAULT_THRESHOLD, "default")),
        ([], Chosen(DEFAULT_THRESHOLD, "default")),
        ([(0.9, 400, 4), (0.7, 50, 50)], Chosen(0.705, "bound")),
        ([(0.9, 400, 5), (0.7, 96, 0)], Chosen(0.6, "bound")),
        ([(0.9, 400, 4), (0.7, 96, 0)], Chosen(DEFAULT_THRESHOLD, "bound")),
        ([(0.9, 39, 1), (0.7, 10, 50)], Chosen(0.705, "observed")),
        ([(0.9, 18, 0), (0.7, 10, 50)], Chosen(1.01, "none_safe")),
        ([(0.9, 39, 1), (0.7, 10, 500)], Chosen(1.01, "none_safe")),
    ],
)
def test_the_lowest_threshold_that_keeps_the_floor(groups: list[tuple[float, int, int]], chosen: Chosen) -> None:
    found = choose_threshold(*held_out(*groups), 0.95)
    assert found.how == chosen.how
    assert found.threshold == pytest.approx(chosen.threshold)


def test_a_lower_floor_lets_more_through() -> None:
    sure, right = held_out((0.9, 400, 4), (0.7, 80, 20))
    assert choose_threshold(sure, right, 0.95).threshold == pytest.approx(0.705)
    assert choose_threshold(sure, right, 0.90).threshold == pytest.approx(0.6)


def two_kinds(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Equal margins for two areas: where the first is named it is right nine times in ten, the second, six."""
    margins = np.tile([[0.3, -0.3, -0.9], [-0.3, 0.3, -0.9]], (n // 2, 1))
    truth = np.array([k % 2 if (k // 2) % 10 < (9, 6)[k % 2] else 2 for k in range(n)])
    return margins, truth


def test_trust_learns_how_often_each_area_is_right() -> None:
    margins, truth = two_kinds(2000)
    plain = confidences(margins, Scale(9.0, 3.0))
    found = trusted(margins, plain, fit_trust(margins, plain, truth))
    assert found[0, 0] == pytest.approx(0.9, abs=0.01)
    assert found[1, 1] == pytest.approx(0.6, abs=0.01)
    assert (found.argmax(axis=1) == plain.argmax(axis=1)).all(), "trust says how sure, never what"
    assert (found.sum(axis=1) <= 1.0 + 1e-9).all()
    crossed = cross_trusted(margins, plain, truth)
    assert crossed[:2] == pytest.approx(found[:2], abs=0.02)


def test_a_few_samples_hardly_move_the_trust_in_an_area() -> None:
    margins, truth = two_kinds(20)
    plain = confidences(margins, Scale(9.0, 3.0))
    few, many = (trusted(margins, plain, fit_trust(m, confidences(m, Scale(9.0, 3.0)), t))
                 for m, t in ((margins, truth), two_kinds(2000)))  # fmt: skip
    assert few[0, 0] - few[1, 1] < (many[0, 0] - many[1, 1]) / 2


def test_plain_trust_leaves_the_shares_alone() -> None:
    margins = np.array([[0.4, -0.2, -1.0], [-0.9, -0.8, -1.0]])
    plain = confidences(margins, Scale(4.0, 0.0))
    assert trusted(margins, plain, plain_trust(3)) == pytest.approx(plain, abs=1e-6)
    assert trusted(np.empty((0, 3)), np.empty((0, 3)), plain_trust(3)).shape == (0, 3)


@pytest.mark.parametrize(
    ("right", "wrong", "unsure", "closed"),
    [
        (8, 2, 0, (1,)),  # one in five wrong: twice the allowed one in ten
        (9, 1, 0, ()),  # one error speaks against nobody
        (18, 2, 0, ()),  # just one in ten: the whole may still keep one in twenty
        (8, 0, 9, ()),  # what a person decided counts for nothing
        (0, 0, 0, ()),
    ],
)
def test_an_area_that_errs_twice_as_often_as_allowed_stays_with_people(
    right: int, wrong: int, unsure: int, closed: tuple[int, ...]
) -> None:
    truth = [0] * 50 + [1] * right + [0] * (wrong + unsure)
    found = [[0.95, 0.05]] * 50 + [[0.05, 0.95]] * (right + wrong) + [[0.3, 0.7]] * unsure
    assert closed_areas(np.array(found), np.array(truth), 0.9, 0.95) == closed
