"""Hot topics: what is one, what it is called, whether it grows; the same in any order."""

import random
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from classifiers.topics import Text, TopicRules, by_chance, find

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES = TopicRules()
OTHERS = ("学校门口红绿灯坏了", "夜市油烟熏人", "社保卡补办在哪里", "健身器材松动", "广场舞太吵", "路口积水严重")


def cold(count: int, at: datetime = NOW - HOUR, start: int = 0, **more: object) -> list[Text]:
    """Return matters about one estate without heating."""
    return [
        Text(
            id=f"c{start + n:03}", title=f"金桂家园{n + 1}栋暖气不热", text=f"金桂家园停暖{n + 1}天了，室内只有十度",
            at=at - timedelta(minutes=n), place="甲社区", **more,
        )
        for n in range(count)
    ]  # fmt: skip


def around(days: int = 20) -> list[Text]:
    return [Text(id=f"o{n}", text=text, at=NOW - days * DAY + n * DAY) for n, text in enumerate(OTHERS)]


def test_many_alike_are_a_topic_with_a_name_places_and_a_reason() -> None:
    [topic] = find(around() + cold(5), RULES, NOW)
    assert (topic.count, set(topic.members)) == (5, {f"c00{n}" for n in range(5)})
    assert "金桂家园" in topic.title
    assert topic.places == (("甲社区", 5),)
    assert topic.words
    assert topic.why.startswith("5件内容相近，多数提到“")
    assert (topic.first, topic.last) == (NOW - HOUR - timedelta(minutes=4), NOW - HOUR)


@pytest.mark.parametrize(("before", "lately", "new", "rising"), [
    (0, 5, True, True),
    (3, 9, False, True),
    (28, 3, False, False),
    (5, 0, False, False),
])  # fmt: skip
def test_growth_is_measured_against_its_own_past(before: int, lately: int, new: bool, rising: bool) -> None:
    past = [
        msgspec.structs.replace(one, at=NOW - 3 * DAY - n * 14 * HOUR) for n, one in enumerate(cold(before, start=100))
    ]
    [topic] = find(around() + past + cold(lately), RULES, NOW)
    assert (topic.recent, topic.new, topic.rising) == (lately, new, rising)
    assert topic.expected is not None


def test_without_a_past_long_enough_nothing_is_called_new_or_rising() -> None:
    [topic] = find(cold(6), RULES, NOW)
    assert (topic.expected, topic.growth, topic.new, topic.rising) == (None, None, False, False)
    assert "没有足够长的记录" in topic.why


def test_without_times_there_are_topics_and_no_growth() -> None:
    [topic] = find([msgspec.structs.replace(one, at=None) for one in cold(4)], RULES)
    assert (topic.count, topic.first, topic.recent, topic.rising) == (4, None, 0, False)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_the_texts_changes_nothing(seed: int) -> None:
    texts = around() + cold(7)
    mixed = list(texts)
    random.Random(seed).shuffle(mixed)
    assert find(mixed, RULES, NOW) == find(texts, RULES, NOW)


def test_every_text_is_in_one_topic_at_most_and_small_groups_are_none() -> None:
    texts = around() + cold(6) + [Text(id="x", text="路口积水严重，车过不去", at=NOW)]
    found = find(texts, RULES, NOW)
    ids = [one for topic in found for one in topic.members]
    assert len(ids) == len(set(ids))
    assert all(topic.count == len(topic.members) >= RULES.least for topic in found)


def test_the_silent_are_counted_and_never_quoted_and_numbers_are_masked() -> None:
    [topic] = find(around() + cold(4, silent=True), RULES, NOW)
    assert (topic.count, topic.title, topic.words) == (4, "", ())
    told = [msgspec.structs.replace(one, title=f"金桂家园暖气不热联系13800002103第{one.id}") for one in cold(4)]
    [topic] = find(around() + told, RULES, NOW)
    assert "13800002103" not in topic.title


def test_no_more_are_named_than_asked_for() -> None:
    lamps = [Text(id=f"l{n}", text=f"长安路路灯坏了{n}盏，晚上漆黑一片", at=NOW - 9 * DAY) for n in range(4)]
    assert [topic.count for topic in find(around() + cold(5) + lamps, TopicRules(most=1), NOW)] == [5]


@pytest.mark.parametrize("texts", [[], [Text(id="1", text="")], [Text(id=str(n), text="") for n in range(5)]])
def test_nothing_to_compare_is_no_topic(texts: list[Text]) -> None:
    assert find(texts, RULES, NOW) == ()


@pytest.mark.parametrize(("count", "expected", "low", "high"), [
    (0, 3.0, 1.0, 1.0), (1, 0.5, 0.6, 0.7), (5, 0.0, 0.0001, 0.001), (600, 600.0, 0.4, 0.6), (900, 600.0, 0.0, 1e-9),
])  # fmt: skip
def test_chance_is_the_tail_of_poisson(count: int, expected: float, low: float, high: float) -> None:
    assert low <= by_chance(count, expected) <= high
