"""A share that rose by more than chance and by enough to matter is told; noise and small areas are not."""

from classifiers.drift import DriftRule, Week, alarms

RULE = DriftRule(weeks=4, least=30, rise=0.05)


def week(
    number: int, area: str = "", n: int = 400, abstained: int = 40, corrected: int = 20, unknown: int = 100
) -> Week:
    return Week(
        week=f"2026-W{number:02d}",
        area=area,
        n=n,
        abstained=abstained,
        corrected=corrected,
        grams=10_000,
        unknown=unknown,
    )


def past(area: str = "") -> list[Week]:
    return [week(number, area) for number in range(40, 44)]


def test_nothing_rose() -> None:
    assert alarms([*past(), week(44)], RULE, {}) == ()


def test_each_share_is_told_in_words_the_steepest_first() -> None:
    found = alarms([week(44, abstained=200, corrected=80, unknown=900), *past()], RULE, {})
    assert [one.what for one in found] == ["abstained", "corrected", "unknown"]
    assert found[0].text == "全部事项2026-W44 周拿不准的比例 50.0%，此前 10.0%，请查看并考虑重新训练"


def test_an_area_is_compared_with_itself_and_named() -> None:
    weeks = [*past(), week(44), *past("0201"), week(44, "0201", corrected=100)]
    found = alarms(weeks, RULE, {"0201": "路灯"})
    assert [(one.area, one.what) for one in found] == [("0201", "corrected")]
    assert found[0].text.startswith("“路灯”")


def test_a_rise_too_small_to_matter_or_of_a_small_area_is_no_alarm() -> None:
    assert alarms([*past(), week(44, abstained=58)], RULE, {}) == ()
    small = [week(number, "x", n=20, abstained=0) for number in range(40, 44)]
    assert alarms([*small, week(44, "x", n=20, abstained=20)], RULE, {}) == ()


def test_a_first_week_has_nothing_to_be_compared_with() -> None:
    assert alarms([week(44, abstained=400)], RULE, {}) == ()
    assert alarms([], RULE, {}) == ()


def test_only_so_many_weeks_are_looked_back() -> None:
    long_ago = [week(number, abstained=400) for number in range(10, 40)]
    assert [one.what for one in alarms([*long_ago, *past(), week(44, abstained=200)], RULE, {})] == ["abstained"]
