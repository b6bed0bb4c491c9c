import pytest

from classifiers.signals import Signal, SignalLists, Words, read

LISTS = SignalLists(
    kinds=(
        Words(name="投诉", words=("投诉", "态度差", "没人管")),
        Words(name="建议", words=("建议", "希望增设"), unless=("不建议",)),
        Words(name="咨询", words=("请问", "如何", "怎么办理")),
    ),
    urgency=(
        Words(name="特急", words=("燃气泄漏", "被困", "轻生"), unless=("被困难",)),
        Words(name="紧急", words=("漏电", "塌陷")),
    ),
    watch=(Words(name="欠薪", words=("拖欠工资", "欠薪")), Words(name="涉校", words=("学校", "幼儿园"))),
)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("请问社保如何转移", "咨询", ("请问", "如何")),
        ("投诉窗口态度差，请问怎么处理", "投诉", ("投诉", "态度差")),
        ("建议在路口加一盏灯", "建议", ("建议",)),
        ("工作人员不建议我办", "其他", ()),
        ("投诉一下，建议改进", "投诉", ("投诉",)),
        ("路灯坏了", "其他", ()),
        ("", "其他", ()),
        ("請問 ＡＢＣ", "其他", ()),
    ],
)
def test_kind(text: str, kind: str, words: tuple[str, ...]) -> None:
    assert read(text, "", LISTS).kind == Signal(kind, words)


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("电梯里有人被困，门口还漏电", Signal("特急", ("被困",))),
        ("灯杆漏 电", Signal("紧急", ("漏电",))),
        ("生活被困难拖累", Signal("")),
        ("路灯坏了", Signal("")),
    ],
)
def test_the_gravest_word_counts(text: str, urgency: Signal) -> None:
    assert read(text, "", LISTS).urgency == urgency


def test_every_watch_list_that_is_touched_is_a_tag_and_the_title_counts() -> None:
    found = read("老板欠薪三个月", "幼儿园食堂拖欠工资", LISTS)
    assert found.tags == (Signal("欠薪", ("拖欠工资", "欠薪")), Signal("涉校", ("幼儿园",)))


def test_without_lists_nothing_is_said() -> None:
    found = read("燃气泄漏", "", SignalLists())
    assert (found.kind, found.urgency, found.tags) == (Signal("其他"), Signal(""), ())
