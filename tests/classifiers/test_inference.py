import pytest
import rjieba

from classifiers.features import readable
from classifiers.inference import Candidate, _Evidence, _pieces, guess, guess_many, shares
from classifiers.model import Model


@pytest.mark.parametrize(
    ("text", "area", "word"),
    [
        ("幸福路垃圾桶满了三天没人清", "0101", "垃圾"),
        ("门口的路灯不亮，晚上很黑", "0201", "路灯"),
        ("井盖丢失，很危险", "0202", "井盖"),
        ("楼下烧烤摊的油烟太大", "0402", "油烟"),
    ],
)
def test_clear_texts_are_decided_with_reasons(model: Model, text: str, area: str, word: str) -> None:
    found = guess(model, text)
    assert found.area == area == found.candidates[0].area
    assert found.confidence >= model.card.threshold
    assert any(word in piece for piece in found.words)
    assert all(piece in readable(text) and len(piece) <= 8 for piece in found.words)
    assert 1 <= len(found.words) <= 3
    name = model.names[model.codes.index(area)]
    said = "".join(f"“{piece}”" for piece in found.words)
    assert found.why == f"{said}指向“{name}”（{found.confidence:.0%}）"


@pytest.mark.parametrize("text", ["幸福路垃圾桶满了三天没人清", "门口的路灯不亮，晚上很黑", "楼下烧烤摊的油烟太大"])
def test_reasons_are_whole_words(model: Model, text: str) -> None:
    words = [word for part in text.split("，") for word in rjieba.cut(part)]
    runs = {"".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
    found = guess(model, text).words
    assert found
    assert set(found) <= runs


def test_without_whole_words_characters_are_the_reason(model: Model) -> None:
    told = {"路灯": 2.0, "灯不": 1.0}
    assert [piece for piece, _ in _pieces("路灯不亮", _Evidence(told, set()))] == ["路灯不"]
    assert [piece for piece, _ in _pieces("路灯不亮", _Evidence(told, {"路灯"}))] == ["路灯"]
    assert guess(model, "灯").words == ("灯",)


def test_a_doubtful_text_is_left_to_a_person(model: Model) -> None:
    found = guess(model, "停了没有通知")
    assert found.area is None
    assert found.confidence == found.candidates[0].confidence < model.card.threshold
    first, second = (model.names[model.codes.index(one.area)] for one in found.candidates[:2])
    assert {first, second} == {"供水", "供电"}
    shown = [f"{one.confidence:.0%}" for one in found.candidates]
    assert found.why == f"拿不准：最像“{first}”（{shown[0]}），其次“{second}”（{shown[1]}）"


@pytest.mark.parametrize("text", ["", "   ", "hello world", "😀😀", "，。！", "〔电话〕", "龘靐"])
def test_a_text_without_anything_known_has_no_candidates(model: Model, text: str) -> None:
    found = guess(model, text)
    assert (found.area, found.confidence, found.candidates, found.words) == (None, 0.0, (), ())
    assert found.why == "拿不准：没有能识别的文字，请选择事项"


def test_candidates_are_three_best_first(model: Model) -> None:
    found = guess(model, "路灯不亮")
    likely = [one.confidence for one in found.candidates]
    assert len(likely) == 3
    assert likely == sorted(likely, reverse=True)
    assert found.candidates[0] == Candidate("0201", found.confidence)


def test_many_are_as_each_alone_and_in_order(model: Model) -> None:
    texts = ["路灯不亮", "", "井盖破损", "垃圾堆积" * 20_000]
    titles = ["", "停电", "井盖", ""]
    assert guess_many(model, texts, titles) == [guess(model, *pair) for pair in zip(texts, titles, strict=True)]
    assert guess_many(model, []) == []
    assert guess_many(model, texts) == guess_many(model, texts, ["", "", "", ""])


def test_titles_speak(model: Model) -> None:
    assert guess(model, "请尽快处理").area is None
    found = guess(model, "请尽快处理", "井盖破损")
    assert found.area == "0202"
    assert "井盖破损" in found.words


def test_as_many_titles_as_texts(model: Model) -> None:
    with pytest.raises(ValueError, match="1 titles, 2 arounds for 2 texts"):
        guess_many(model, ["a", "b"], ["a"])


def test_shares_add_up_to_one(model: Model) -> None:
    found = shares(model, ["路灯不亮", "井盖"])
    assert found.shape == (2, len(model.codes))
    assert found.sum(axis=1) == pytest.approx([1.0, 1.0])


def test_a_phone_number_is_never_a_reason(model: Model) -> None:
    assert guess(model, "路灯不亮，电话13800000000").words == guess(model, "路灯不亮，电话13800000001").words
    assert not any(digit in piece for piece in guess(model, "13800000000路灯不亮").words for digit in "0123456789")
