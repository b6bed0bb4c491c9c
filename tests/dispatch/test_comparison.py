"""What changed between two editions, in sentences: each table, each kind of change, and silence where nothing did."""

from datetime import date
from typing import Any

import msgspec
import pytest

from dispatch import rulebook
from dispatch.checks import CheckRule, CheckRules
from dispatch.comparison import LABELS, TABLE_NAMES, Names, differences
from dispatch.contact import ContactRules
from dispatch.deadlines import DeadlineRule, Urgency
from dispatch.duty import DutyRow, Unit
from dispatch.escalation import Rung
from dispatch.extensions import Ground
from dispatch.filing import FilingRules
from dispatch.kpis import FigureRules
from dispatch.photos import PhotoRules
from dispatch.returns import ReturnRules
from dispatch.roles import Role
from dispatch.rulebook import Rulebook
from dispatch.verification import VerifyRules
from dispatch.visits import VisitKind, VisitRules

RESULT = DeadlineRule(clock="result", after="route", stops=("answer",), owner="citizen", days=7)
URGENT = msgspec.structs.replace(RESULT, urgency=Urgency.URGENT, days=2)
CARD = Rung(name="red_card", label="红牌", clock="result", when="after", days=1, to=Role.UNIT)
ROW = DutyRow(id="D1", area="0101", unit="hw", basis="三定方案")
UNITS = (Unit(code="hw", name="环卫中心"), Unit(code="cg", name="城管局"))
CALENDAR = {"period": [{"name": "2026年", "source": "通知", "since": date(2026, 1, 1), "until": date(2026, 12, 31)}]}


def book(**changed: Any) -> Rulebook:
    """Return a small rulebook."""
    values: dict[str, Any] = {
        "edition": "1", "preset": "3/7/10", "promises": (RESULT, URGENT), "ladder": (CARD,), "duty": (ROW,),
        "units": UNITS, "calendar": rulebook.read_calendar(CALENDAR), "exclusions": (Ground(code="out", label="区外"),),
    }  # fmt: skip
    return Rulebook(**(values | changed))


def changes(**changed: Any) -> list[tuple[str, str, str]]:
    """Return (table, how, text) of what a changed book changes."""
    return [(one.table, one.how, one.text) for one in differences(book(), book(**changed))]


def test_equal_books_differ_in_nothing_whatever_their_edition() -> None:
    assert changes(edition="2") == []


def test_a_limit_a_card_an_owner() -> None:
    shorter = msgspec.structs.replace(RESULT, days=5)
    assert changes(promises=(shorter, URGENT)) == [("promises", "changed", "时限“派单后报结果”：天数由7改为5")]
    assert changes(promises=(RESULT,)) == [
        ("promises", "removed", "删除时限“派单后报结果”（紧急件）：紧急件派单后2个自然日内报结果")
    ]
    later = msgspec.structs.replace(CARD, days=2, confirm=True)
    assert changes(ladder=(later,)) == [("ladder", "changed", "阶梯“报结果：红牌”：天数由1改为2；须人工确认由否改为是")]
    mine = msgspec.structs.replace(ROW, unit="cg", helpers=("hw",))
    assert changes(duty=(mine,)) == [
        ("duty", "changed", "责任表D1（0101）：承办单位由环卫中心改为城管局；协办单位由无改为环卫中心")
    ]


def test_rows_that_are_new_or_gone() -> None:
    more = DutyRow(id="D2", area="", place="99", unit="cg")
    assert changes(duty=(more,)) == [
        ("duty", "removed", "删除责任表D1：0101（不限地点）由环卫中心承办（依据：三定方案）"),
        ("duty", "added", "新增责任表D2：全部事项（99）由城管局承办"),
    ]
    heir = Unit(code="zh", name="综合执法局", formerly=("cg",))
    assert changes(units=(UNITS[0], heir)) == [
        ("units", "removed", "删除单位“城管局”（cg）"),
        ("units", "added", "新增单位“综合执法局”（zh），由cg更名或合并而来"),
    ]
    assert changes(exclusions=()) == [("exclusions", "removed", "删除情形“区外”（out）")]


def test_names_of_areas_and_places() -> None:
    moved = msgspec.structs.replace(ROW, place="99")
    names = Names(areas={"0101": "市容/垃圾"}, places={"99": "东街道"})
    (found,) = differences(book(), book(duty=(moved,)), names)
    assert found.text == "责任表D1（市容/垃圾）：地点由不限地点改为东街道"
    assert [(one.field, one.before, one.after) for one in found.fields] == [("place", "不限地点", "东街道")]


def test_single_rules() -> None:
    assert changes(returns=ReturnRules(days=2, needs_basis=False)) == [
        ("returns", "changed", "退单规则：天数由1改为2；须写依据由是改为否")
    ]


def test_a_year_that_is_published_is_told_by_runs_of_days() -> None:
    year = {"name": "2027年", "source": "通知", "since": date(2027, 1, 1), "until": date(2027, 12, 31)}
    later = {
        "period": [*CALENDAR["period"], year],
        "rest": [{"date": date(2027, 1, 1), "until": date(2027, 1, 3), "name": "元旦"}],
        "work": [{"date": date(2027, 1, 9), "name": "元旦"}],
        "hours": [["09:00", "17:00"]],
    }
    assert changes(calendar=rulebook.read_calendar(later)) == [
        ("calendar", "changed", "放假安排公布期间由2026-01-01至2026-12-31改为2026-01-01至2027-12-31"),
        ("calendar", "changed", "办公时间由09:00-12:00、13:30-17:30改为09:00-17:00"),
        ("calendar", "added", "新增2027-01-01至2027-01-03元旦放假"),
        ("calendar", "added", "新增2027-01-09元旦调休上班"),
    ]
    shorter = later | {"rest": [{"date": date(2027, 1, 1), "until": date(2027, 1, 2), "name": "元旦"}]}
    found = differences(book(calendar=rulebook.read_calendar(later)), book(calendar=rulebook.read_calendar(shorter)))
    assert [one.text for one in found] == ["删除2027-01-03元旦放假"]


def test_equally_specific_rungs_are_told_apart_by_their_order() -> None:
    two = (CARD, msgspec.structs.replace(CARD, days=3, label="再红牌"))
    assert differences(book(ladder=two), book(ladder=two)) == ()
    assert changes(ladder=two) == [("ladder", "added", "新增阶梯“报结果：再红牌”：到期后3个工作日，告知承办单位")]


@pytest.mark.parametrize(
    "kind", [DeadlineRule, Rung, DutyRow, Unit, ReturnRules, Ground, FigureRules, CheckRule, FilingRules]
)
def test_every_field_has_a_name(kind: type[msgspec.Struct]) -> None:
    assert set(kind.__struct_fields__) - set(LABELS) == set()


def test_the_tables_are_those_of_the_rulebook() -> None:
    assert set(TABLE_NAMES) == set(Rulebook.__struct_fields__) - {"edition", "preset"}


def test_what_is_read_first_and_when_it_is_filed_are_told() -> None:
    first = CheckRules(rule=(CheckRule(label="重办件", redone=True),))
    assert changes(checks=first) == [("checks", "added", "新增情形“重办件”：先审核")]
    assert changes(contact=ContactRules(how="bridge", tel="0215550")) == [
        ("contact", "changed", "联系诉求人的方式：方式由reveal改为bridge；转接电话由无改为0215550")
    ]
    assert changes(verify=VerifyRules(share=0.5)) == [("verify", "changed", "当场处理的核查：比例由0.2改为0.5")]
    home = VisitRules(kind=(VisitKind(code="home", label="入户走访"),))
    assert changes(visit=home) == [("visit", "added", "新增类别“入户走访”（home）")]
    assert changes(photos=PhotoRules(most=5)) == [("photos", "changed", "照片的数量：每次最多张数由9改为5")]
    assert changes(filing=FilingRules(days=60)) == [("filing", "changed", "归档规则：天数由30改为60")]


def test_weights_are_told_by_the_names_of_the_rates() -> None:
    weighed = FigureRules(weights={"solve": 35, "contact": 30.5})
    (found,) = differences(book(), book(figures=weighed))
    (change,) = found.fields
    assert (found.table, change.label, change.before, change.after) == (
        "figures", "综合得分权重", "无", "解决率35、联系率30.5",
    )  # fmt: skip
