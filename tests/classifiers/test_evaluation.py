import numpy as np
import pytest

from classifiers.evaluation import AreaScore, calibration_error, evaluate, measure, scores
from classifiers.model import Model
from classifiers.samples import Sample

CODES, NAMES = ("a", "b", "c", "d"), ("甲", "乙", "丙", "丁")
SHARES = np.array(
    [
        [0.90, 0.05, 0.03, 0.02],
        [0.80, 0.10, 0.06, 0.04],
        [0.20, 0.60, 0.15, 0.05],
        [0.30, 0.28, 0.25, 0.17],
        [0.50, 0.30, 0.15, 0.05],
    ]
)
TRUTH = np.array([0, 1, 1, 3, -1])


def test_figures_by_hand() -> None:
    report = measure(SHARES, TRUTH, 0.6, CODES, NAMES)
    assert (report.n, report.unknown) == (5, 1)
    assert report.accuracy == pytest.approx(2 / 5)
    assert report.top3 == pytest.approx(3 / 5)
    assert report.coverage == pytest.approx(3 / 5)
    assert report.error_when_automatic == pytest.approx(1 / 3)
    assert report.accuracy_at_80 == pytest.approx(2 / 4)
    # a: p 1/4 r 1 f .4; b: p 1 r 1/2 f 2/3; d: f 0; and the area nobody knows: f 0
    assert report.macro_f1 == pytest.approx((0.4 + 2 / 3 + 0 + 0) / 4)
    assert report.per_area == (
        AreaScore(area="a", name="甲", n=1, precision=0.25, recall=1.0, f1=0.4, automatic=1, wrong=0),
        AreaScore(area="b", name="乙", n=2, precision=1.0, recall=0.5, f1=2 / 3, automatic=2, wrong=1),
        AreaScore(area="d", name="丁", n=1, precision=0.0, recall=0.0, f1=0.0, automatic=0, wrong=0),
    )


def test_nothing_automatic_is_no_error() -> None:
    report = measure(SHARES, TRUTH, 1.01, CODES, NAMES)
    assert (report.coverage, report.error_when_automatic) == (0.0, 0.0)


def test_calibration_error() -> None:
    sure = np.array([0.95] * 100 + [0.55] * 100)
    honest = np.array([True] * 95 + [False] * 5 + [True] * 55 + [False] * 45)
    assert calibration_error(sure, honest) == pytest.approx(0.0, abs=1e-9)
    assert calibration_error(sure, np.ones(200, dtype=bool)) == pytest.approx(0.25)
    assert calibration_error(np.array([1.0]), np.array([False])) == pytest.approx(1.0)


def test_a_model_is_good_on_new_texts_of_its_town(model: Model) -> None:
    samples = [
        Sample(text="长江路路灯坏了一排", area="0201"),
        Sample(text="井盖破损没人修", area="0202"),
        Sample(text="厨房没有水，停水两天了", area="0301"),
        Sample(text="工地半夜施工噪音", area="0401"),
        Sample(text="垃圾桶发臭", area="0101", title="垃圾堆积"),
        Sample(text="路灯不亮", area="9999"),
    ]
    report = evaluate(model, samples)
    assert (report.n, report.unknown) == (6, 1)
    assert report.accuracy == pytest.approx(5 / 6)
    assert {row.area for row in report.per_area} == {"0101", "0201", "0202", "0301", "0401"}


def test_nothing_to_measure(model: Model) -> None:
    with pytest.raises(ValueError, match="nothing to measure"):
        evaluate(model, [])


def test_the_card_gets_plain_numbers() -> None:
    assert scores(measure(SHARES, TRUTH, 0.6, CODES, NAMES)) == {
        "n": 5.0,
        "accuracy": 0.4,
        "macro_f1": 0.2667,
        "top3": 0.6,
        "ece": 0.42,
        "coverage": 0.6,
        "error_when_automatic": 0.3333,
        "accuracy_at_80": 0.5,
    }
