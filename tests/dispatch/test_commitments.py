"""Promises in replies: found with their day, and nothing found where something is told, ordered or always done so."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.calendar import Calendar
from dispatch.commitments import find_commitments

ON = date(2026, 11, 18)  # a Wednesday


@pytest.fixture
def city(china: Calendar) -> Calendar:
    """A calendar that names the holidays of 2026."""
    return china


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("我局将于11月30日前完成路面修复", date(2026, 11, 30)),
        ("预计2026年12月15日通水", date(2026, 12, 15)),
        ("计划在1月10日之前更换完毕", date(2027, 1, 10)),
        ("将于十二月五日前完成", date(2026, 12, 5)),
        ("力争本周五前清运完毕", date(2026, 11, 20)),
        ("本周内将安排人员上门", date(2026, 11, 22)),
        ("计划下周施工", date(2026, 11, 27)),
        ("预计下周三恢复供暖", date(2026, 11, 25)),
        ("争取月底前解决", date(2026, 11, 30)),
        ("本月底前完成整改", date(2026, 11, 30)),
        ("预计下月中旬完工", date(2026, 12, 20)),
        ("承诺两周内处理到位", date(2026, 12, 2)),
        ("将在15个工作日内办结", date(2026, 12, 9)),
        ("将在3日内回复", date(2026, 11, 21)),
        ("预计一个月内完成安装", date(2026, 12, 18)),
        ("力争半个月内完成", date(2026, 12, 3)),
        ("计划12月上旬开工", date(2026, 12, 10)),
        ("计划12月开工", date(2026, 12, 31)),
        ("力争12月底前完工", date(2026, 12, 31)),
        ("计划明年3月启动改造", date(2027, 3, 31)),
        ("预计明年3月前完工", date(2027, 2, 28)),
        ("2027年底前将完成雨污分流", date(2027, 12, 31)),
        ("力争2027年年底达到通车条件", date(2027, 12, 31)),
        ("预计明年上半年投入使用", date(2027, 6, 30)),
        ("计划2027年第二季度开工", date(2027, 6, 30)),
        ("年内将完成验收", date(2026, 12, 31)),
        ("预计2027年建成通车", date(2027, 12, 31)),
        ("计划2027年秋季开学", date(2027, 11, 30)),
        ("责令该公司于11月25日前整改到位", date(2026, 11, 25)),
        ("11月底前完成整改", date(2026, 11, 30)),
        ("力争开学前完成", None),
        ("确保2029年春节前完工", None),
    ],
)
def test_a_promise_has_its_day(city: Calendar, words: str, until: date | None) -> None:
    (one,) = find_commitments(f"您好，您反映的问题已收悉。{words}。感谢您的支持。", ON, city)
    assert (one.text, one.until) == (words, until)
    assert "答复中写有“" in one.why


def test_a_holiday_is_the_calendars(city: Calendar) -> None:
    (one,) = find_commitments("力争春节前完成改造", date(2026, 1, 20), city)
    assert one.until is not None
    assert "春节" in city.rest[one.until + timedelta(days=1)]
    assert find_commitments("力争春节前完成改造", ON, city)[0].until is None, "the next one is not published"


@pytest.mark.parametrize(
    "words",
    [
        "我局已于11月30日前完成修复", "该路段于2026年3月开工", "原计划12月底前完工，因故暂停",
        "请您于11月30日前到窗口办理", "自受理之日起15个工作日内作出决定", "尽快安排处理", "2027年度投资计划已上报",
        "预计2027年不会启动征收", "经开展11月9-10日活动", "根据《2027年招生方案》安排，将按程序录取",
        "将于10月30日前完成", "预计2035年建成", "接到通知后三日内将给予回复", "本月工资将按时发放",
        "12月工资将按时发放", "该校初中部将加强管理",
    ],
)  # fmt: skip
def test_what_promises_nothing(city: Calendar, words: str) -> None:
    assert find_commitments(words, ON, city) == ()


def test_several_promises_of_one_reply_stand_apart(city: Calendar) -> None:
    said = "一是计划下周施工；二是力争12月底前完工，明年3月底前完成绿化。三是将加强巡查。"
    assert [one.until for one in find_commitments(said, ON, city)] == [
        date(2026, 11, 27), date(2026, 12, 31), date(2027, 3, 31),
    ]  # fmt: skip


def test_the_same_day_of_a_sentence_is_found_once(city: Calendar) -> None:
    assert len(find_commitments("将于11月30日前完成清运，11月30日前完成冲洗", ON, city)) == 1


@given(st.text(alphabet="将于预计年月日前内底12345678一二十两个工作周完成解决春节，。（）", max_size=60))
def test_any_text_is_read(text: str) -> None:
    calendar = Calendar(name="x", source="x", since=date(2026, 1, 1), until=date(2026, 12, 31))
    for one in find_commitments(text, ON, calendar):
        assert one.text in text
        assert one.until is None or one.until > ON
