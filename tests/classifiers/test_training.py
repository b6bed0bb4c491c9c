import sys
from datetime import UTC, datetime
from subprocess import run

import msgspec
import pytest

from classifiers.errors import TooFewSamples, UnknownArea
from classifiers.evaluation import evaluate
from classifiers.features import made_of_words
from classifiers.inference import guess
from classifiers.model import Model, to_bytes
from classifiers.samples import Sample
from classifiers.taxonomy import Area, Taxonomy, build
from classifiers.training import train, weak_samples

TRAINED_AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
Samples = tuple[Sample, ...]


def test_the_card_says_what_was_learned(model: Model, samples: Samples) -> None:
    card = model.card
    assert (card.name, card.trained_at, card.taxonomy_edition) == ("示例", TRAINED_AT, "2026.1")
    assert (card.samples, card.areas, card.floor) == (len(samples), 9, 0.95)
    assert set(card.versions) == {"format", "numpy", "rjieba", "scikit-learn", "scipy"}
    assert card.held_out == "time"
    assert card.scores["n"] == 77
    assert card.scores["accuracy"] >= 0.95
    assert card.threshold_from == "bound"
    assert card.threshold == 0.85
    assert card.warnings == (
        "1 个事项没有样本，只靠事项表里的词：黑臭水体",
        "留出的样本几乎全部猜对，多半是样本彼此雷同；用到真实诉求上会差一些",
    )


def test_equal_samples_give_an_equal_model_whatever_their_order(model: Model, samples: Samples, town: Taxonomy) -> None:
    again = train(tuple(reversed(samples)), town, trained_at=TRAINED_AT, name="示例")
    assert to_bytes(again) == to_bytes(model)


def test_equal_samples_have_an_equal_digest_and_hold_words(model: Model, samples: Samples, town: Taxonomy) -> None:
    again = train(samples, town, trained_at=TRAINED_AT)
    assert again.card.model_digest == model.card.model_digest
    assert {" 路灯", "\t 路灯"} <= set(model.words[model.begin.words :])
    assert not any(made_of_words(word) for word in model.words[: model.begin.words])


def test_other_samples_have_another_digest(model: Model, samples: Samples, town: Taxonomy) -> None:
    other = train(samples[:-1], town, trained_at=TRAINED_AT)
    assert other.card.digest != model.card.digest
    assert len(other.card.digest) == 32


def test_progress_never_falls_and_ends_at_one(samples: Samples, town: Taxonomy) -> None:
    told: list[tuple[str, float]] = []
    train(samples[:120], town, trained_at=TRAINED_AT, progress=lambda stage, share: told.append((stage, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert list(dict.fromkeys(stage for stage, _ in told)) == ["读取文本", "提取特征", "留出检验", "训练模型", "完成"]


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("楼下的垃圾堆成山", "0101"),
        ("我家附近的路灯灭了", "0201"),
        ("跳闸停电了", "0302"),
        ("门口河水又黑又臭", "0403"),
        ("收垃圾的车不来", "0101"),
    ],
)
def test_a_cold_city_works_from_its_tables_alone(town: Taxonomy, text: str, area: str) -> None:
    cold = train([], town, trained_at=TRAINED_AT)
    assert guess(cold, text).candidates[0].area == area
    assert (cold.card.held_out, cold.card.threshold_from, cold.card.threshold) == ("none", "default", 0.85)
    assert cold.card.scores == {}
    assert cold.card.warnings[-1] == "样本少于 60 条，无法检验，自动派单门槛取保守的默认值 85%"


def test_rare_areas_are_learned_and_named(samples: Samples, town: Taxonomy) -> None:
    rare = [sample for sample in samples if sample.area != "0202"]
    once = Sample(text="污水井的铁盖被车压裂", area="0202", at=samples[0].at)
    model = train([*rare, once], town, trained_at=TRAINED_AT)
    assert guess(model, "铁盖被车压裂了").candidates[0].area == "0202"
    assert "1 个事项只有 1 至 2 条样本：井盖管理" in model.card.warnings


def test_an_area_above_the_leaves_is_learned_if_it_has_samples(samples: Samples, town: Taxonomy) -> None:
    wide = [Sample(text=f"整体市容检查第{k}次", area="01", at=samples[k].at) for k in range(8)]
    model = train([*samples, *wide], town, trained_at=TRAINED_AT)
    assert len(model.codes) == 10
    assert guess(model, "整体市容检查").candidates[0].area == "01"


def test_undated_samples_are_held_out_in_turn(samples: Samples, town: Taxonomy) -> None:
    undated = [msgspec.structs.replace(sample, at=None) for sample in samples[:80]]
    card = train(undated, town, trained_at=TRAINED_AT).card
    assert (card.held_out, card.scores["n"]) == ("folds", 80)


def test_one_undated_sample_or_too_short_a_later_part_means_folds(samples: Samples, town: Taxonomy) -> None:
    mixed = [*samples[:79], msgspec.structs.replace(samples[79], at=None)]
    for some in (mixed, samples[:200]):
        card = train(some, town, trained_at=TRAINED_AT).card
        assert (card.held_out, card.scores["n"]) == ("folds", len(some))


def test_noise_is_left_to_people(samples: Samples, town: Taxonomy) -> None:
    codes = sorted({sample.area for sample in samples})
    shuffled = [msgspec.structs.replace(sample, area=codes[(i * 5 + i // 8) % 8]) for i, sample in enumerate(samples)]
    model = train(shuffled, town, trained_at=TRAINED_AT)
    assert model.card.threshold_from == "none_safe"
    assert evaluate(model, samples).coverage == 0.0
    assert model.card.warnings[-1] == "检验中没有任何门槛能把差错率控制在 5% 以内，全部交人工"


def test_weak_samples_are_the_words_of_the_table(town: Taxonomy) -> None:
    texts = [(sample.area, sample.text) for sample in weak_samples([town.get("0403"), town.get("0201")])]
    assert texts == [
        ("0403", "黑臭水体"),
        ("0403", "河水发黑"),
        ("0403", "黑臭水体 河水发黑"),
        ("0403", "河水又黑又臭"),
        ("0201", "路灯维护"),
        ("0201", "路灯"),
        ("0201", "路灯维护 路灯"),
    ]


def test_a_sample_of_an_unknown_area_is_refused(town: Taxonomy) -> None:
    with pytest.raises(UnknownArea) as caught:
        train([Sample(text="路灯", area="77")], town, trained_at=TRAINED_AT)
    assert caught.value.area == "77"


@pytest.mark.parametrize("areas", [(), (Area(code="1", name="甲"),)])
def test_one_area_cannot_be_told_apart(areas: tuple[Area, ...]) -> None:
    samples = [Sample(text="路灯", area=area.code) for area in areas]
    with pytest.raises(TooFewSamples) as caught:
        train(samples, build("1", areas), trained_at=TRAINED_AT)
    assert (caught.value.samples, caught.value.areas) == (len(areas), len(areas))


@pytest.mark.parametrize("floor", [0.0, 1.0, 1.5])
def test_a_floor_is_a_share(town: Taxonomy, floor: float) -> None:
    with pytest.raises(ValueError, match="floor must lie between 0 and 1"):
        train([], town, trained_at=TRAINED_AT, floor=floor)


def test_texts_without_letters_do_no_harm(samples: Samples, town: Taxonomy) -> None:
    empty = [Sample(text=text, area="0201", at=samples[0].at) for text in ("", "！！", "😀")]
    model = train([*samples, *empty], town, trained_at=TRAINED_AT)
    assert guess(model, "路灯不亮").area == "0201"


def test_guessing_needs_no_scikit_learn() -> None:
    asked = "import sys, classifiers.inference, classifiers.evaluation; sys.exit('sklearn' in sys.modules)"
    assert run([sys.executable, "-c", asked], check=False).returncode == 0
