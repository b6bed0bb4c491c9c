"""One cell, one value; what cannot be read says why."""

from zoneinfo import ZoneInfo

import pytest

from hotline.channels import values

CHINA = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "here"),
    [
        ("2018/1/1", "2018-01-01 00:00:00"),
        ("2018-01-31 14:05", "2018-01-31 14:05:00"),
        ("2018.1.2 3:04:05", "2018-01-02 03:04:05"),
        ("2018年1月2日", "2018-01-02 00:00:00"),
        ("2018年1月2日 15时4分5秒", "2018-01-02 15:04:05"),
        ("2018年1月2日下午3时", "2018-01-02 15:00:00"),
        ("2018-01-02 上午 10:20", "2018-01-02 10:20:00"),
        ("2018/1/2 3:04:05 PM", "2018-01-02 15:04:05"),
        ("２０１８/１/２　８：３０", "2018-01-02 08:30:00"),
        ("2018-01-02T03:04:05", "2018-01-02 03:04:05"),
        ("2018-01-02 03:04:05.123", "2018-01-02 03:04:05"),
        ("2018/1/2 星期二 9:00", "2018-01-02 09:00:00"),
        ("20180102", "2018-01-02 00:00:00"),
        ("20180102030405", "2018-01-02 03:04:05"),
        ("2018-12-31 24:00", "2019-01-01 00:00:00"),
        ("43102", "2018-01-02 00:00:00"),
        ("43102.5", "2018-01-02 12:00:00"),
        ("2018-01-02T00:00:00Z", "2018-01-02 08:00:00"),
        ("2018-01-02T00:00:00+08:00", "2018-01-02 00:00:00"),
        ("2020/2/29", "2020-02-29 00:00:00"),
    ],
)
def test_times(text: str, here: str) -> None:
    assert f"{values.moment(text, CHINA).astimezone(CHINA):%Y-%m-%d %H:%M:%S}" == here


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2018/2/30", "2018年2月30日"),
        ("2019-02-29", "不存在"),
        ("2018-13-01", "不存在"),
        ("20180230", "不存在"),
        ("2018-01-02 25:00", "时刻不存在"),
        ("2018-01-02 早上", "时间部分"),
        ("1/2/2018", "不是能识别的日期"),
        ("去年", "不是能识别的日期"),
        ("1018-01-01", "年份"),
        ("2018-01-02T99:00:00Z", "不是能识别的时间"),
    ],
)
def test_times_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        values.moment(text, CHINA)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("20180103139508", "20180103139508"),
        (" 20180103139508\t", "20180103139508"),
        ('="20180103139508"', "20180103139508"),
        ("'20180103139508", "20180103139508"),
        ("20180103139508.0", "20180103139508"),
        ("ＧＤ－１", "GD-1"),
    ],
)
def test_numbers(text: str, said: str) -> None:
    assert values.number(text) == said


@pytest.mark.parametrize(
    ("text", "words"),
    [("1.23E+15", "科学计数"), ("2.01801E+13", "科学计数"), ("", "空的"), ("#####", "####"), ("长" * 129, "129个字符")],
)
def test_numbers_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        values.number(text)


@pytest.mark.parametrize(
    ("text", "value"), [("", None), ("nan", None), ("110.5", 110.5), ("0", 0.0), ("无", None), ("20.04°", 20.04)]
)
def test_degrees(text: str, value: float | None) -> None:
    assert values.degrees(text) == value


@pytest.mark.parametrize("text", ["东经", "inf", "110,5,5"])
def test_degrees_refused(text: str) -> None:
    with pytest.raises(ValueError, match="不是数字"):
        values.degrees(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", ""), ("13800000000", "13800000000"), ("13800000000/0000-123", "13800000000"),
     ("(0000)1234567", "0000-1234567"),
     ("１３８００００００００", "13800000000"), ("138****0000", "138****0000"), ("13800000000.0", "13800000000")],
)  # fmt: skip
def test_phones(text: str, said: str) -> None:
    assert values.phone(text) == said


@pytest.mark.parametrize(("text", "words"), [("1.38E+10", "科学计数"), ("没有留", "不像电话")])
def test_phones_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        values.phone(text)


def test_words_of_the_trade() -> None:
    assert [values.urgency(word) for word in ("", "一般", "紧急", "特急")] == ["normal", "normal", "urgent", "critical"]
    assert [values.kind(word) for word in ("投诉类", "咨询", "类")] == ["投诉", "咨询", "类"]
    assert [values.satisfaction(word) for word in ("非常满意", "不满意", "未评价")] == [5, 2, None]
    assert [values.solved(word) for word in ("已解决", "部分解决", "否", "")] == ["yes", "partly", "no", None]
    assert [values.yes(word) for word in ("是", "否", "也许")] == [True, False, None]
    assert [values.state(word) for word in ("工单归档", "待回访", "未办结", "办理中", "关联")] == [
        "closed", "answered", "routed", "signed", "",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="不认识的紧急程度"):
        values.urgency("飞快")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["城管", "市容", "垃圾"], ("城管", "市容", "垃圾")),
        (["其他", "其他", "其他"], ("其他",)),
        (["城管", "", "其他", "其他"], ("城管", "其他")),
        (["", ""], ()),
        (["水/电", "停 电"], ("水、电", "停电")),
    ],
)
def test_levels(cells: list[str], said: tuple[str, ...]) -> None:
    assert values.levels(cells) == said
