"""What the shipped words of danger hear: floors on voices that formed neither the lists nor the scores."""

import tomllib

import msgspec
import pytest

from classifiers import danger_scores
from classifiers.danger import DangerLists, Ears
from hotline import rulefiles
from hotline.bench import dangers

KIND = '[[kinds]]\nname = "燃气"'
FILES = rulefiles.read_folder(dangers.SAMPLE_FOLDER / "city")


@pytest.fixture(scope="module")
def ears() -> Ears:
    return rulefiles.ears(FILES, rulefiles.head(FILES))


@pytest.mark.parametrize(("style", "floor"), [("plain", 0.97), ("operator", 0.97), ("file", 0.97)])
def test_the_held_back_voices_are_heard(ears: Ears, style: str, floor: float) -> None:
    found = dangers.heard(ears, [one for one in dangers.sentences("held") if one.style == style])
    hits, missed = found[style, True, True], found[style, True, False]
    assert hits >= floor * (hits + missed)
    assert hits + missed >= 10


def test_what_only_looks_like_danger_is_seldom_heard(ears: Ears) -> None:
    said = [one for one in dangers.sentences("held") if not one.danger]
    assert len(said) >= 60
    assert sum(bool(ears.hear(one.text).grade) for one in said) <= 0.03 * len(said)


@pytest.mark.parametrize("name", ["other", "third", "fourth", "fifth"])
def test_what_further_writers_taught_is_not_forgotten(ears: Ears, name: str) -> None:
    """They teach: these floors guard the shipped scores and estimate nothing."""
    found = dangers.heard(ears, dangers.sentences(name))
    for style in {key[0] for key in found}:
        assert found[style, True, True] >= 0.97 * (found[style, True, True] + found[style, True, False])
        assert found[style, False, True] <= 0.03 * (found[style, False, True] + found[style, False, False])


def test_a_writer_who_did_not_teach_is_heard_too() -> None:
    lists = msgspec.convert(tomllib.loads(FILES["danger.toml"]), DangerLists)
    strangers, said = Ears(lists, dangers.learn("fourth")), dangers.sentences("fourth")
    heard = {one for one in said if strangers.hear(one.text).grade}
    dangerous = {one for one in said if one.danger}
    assert len(heard & dangerous) >= 0.97 * len(dangerous)
    assert len(heard - dangerous) <= 0.03 * (len(said) - len(dangerous))


def test_voices_are_of_one_side_only() -> None:
    tuned, held = ({one.voice for one in dangers.sentences(name)} for name in ("tune", "held"))
    taught = {one.voice for name in (*dangers.TAUGHT, "forms") for one in dangers.sentences(name)}
    assert not taught & held
    assert len(tuned | held) >= 25
    assert not {one.text for one in dangers.sentences("tune")} & {one.text for one in dangers.sentences("held")}
    assert all(one.style in {"plain", "operator", "file"} for name in dangers.FILES for one in dangers.sentences(name))


def test_the_shipped_scores_are_those_the_sentences_teach() -> None:
    made, shipped = dangers.learn(), danger_scores.parse(FILES["danger.tsv"])
    assert made.above == shipped.above
    assert made.bias == pytest.approx(shipped.bias, abs=0.05)
    assert made.start == pytest.approx(shipped.start, abs=0.05)
    assert {name: made.weights.get(name, 0.0) for name in shipped.weights} == pytest.approx(shipped.weights, abs=0.05)
    assert {name: made.belief.get(name, 0.0) for name in shipped.belief} == pytest.approx(shipped.belief, abs=0.05)


def test_the_interval_of_a_share() -> None:
    assert dangers.wilson(0, 0) == (0.0, 1.0)
    assert dangers.wilson(57, 60) == pytest.approx((0.863, 0.983), abs=0.001)
    assert dangers.wilson(60, 60)[1] == pytest.approx(1.0)


def test_figures_are_told_by_voice_and_style(ears: Ears) -> None:
    assert "| held | plain, look-alikes |" in dangers.table(ears)


def test_a_city_without_words_of_its_own_has_those_shipped(ears: Ears) -> None:
    bare = {name: text for name, text in FILES.items() if not name.startswith("danger")}
    text = "厨房煤气漏气了"
    assert rulefiles.ears(bare, rulefiles.head(bare)).hear(text) == ears.hear(text)
    assert msgspec.convert(tomllib.loads(FILES["danger.toml"]), DangerLists).edition


@pytest.mark.parametrize(
    ("name", "text", "where", "message"),
    [
        ("danger.toml", f'[words]\ngas = "煤气"\n\n{KIND}\ncritical = ["gass"]\n', "danger.toml:6", "gass"),
        ("danger.toml", f'{KIND}\ngrave = ["gas"]\n', "danger.toml", "grave"),
        ("danger.tsv", "bias\t1\n", "danger.tsv", "above"),
    ],
)  # fmt: skip
def test_wrong_lists_are_refused_with_file_and_line(name: str, text: str, where: str, message: str) -> None:
    with pytest.raises(rulefiles.RulesUnreadable, match=message) as wrong:
        rulefiles.ears(FILES | {name: text}, rulefiles.head(FILES))
    assert str(wrong.value).find(where) >= 0
