"""The reply pre-check: tables of replies, and what must be noticed in each."""

import msgspec
import pytest

from classifiers.replies import SEVERITY, Draft, ReplyRules, check

DEMAND = "望湖小区三号楼电梯坏了一个星期，物业说没有钱修，老人上下楼很困难，请督促维修。"
GOOD = (
    "您好，关于望湖小区三号楼电梯损坏的问题，我局11月18日到现场查看，并电话联系您说明情况。依据《物业管理条例》第五十一条，"
    "已要求物业维修电梯，配件到货后于11月25日前修好。"
)
RULES = ReplyRules()


def codes(reply: str, rules: ReplyRules = RULES, **more: object) -> set[str]:
    draft = Draft(**({"demand": DEMAND, "reply": reply, "contacted": True, "dated": True} | more))
    return {one.code for one in check(draft, rules)}


# fmt: off
CASES: list[tuple[str, str, set[str]]] = [
    ("a good one",          GOOD, set()),
    ("nothing yet",         "  \n", set()),
    ("set phrases only",    "您的留言已收悉，我们将认真研究。感谢您对我们工作的理解和支持！", {"empty", "contact"}),
    ("very short",          "已转物业。", {"short", "contact"}),
    ("another matter",      "您好，11月18日已电话联系您。公交线路由运输公司按客流安排，高峰时每小时六班。", {"core"}),
    ("not ours, not whose", GOOD + "电梯资金不属于我单位职责。", {"away"}),
    ("not ours, whose",     GOOD + "电梯资金不属于我单位职责，请向住建局物业科申请。", set()),
    ("a mobile number",     GOOD + "经办人13912345678。", {"mobile"}),
    ("an office's number",  GOOD + "咨询电话0555-1234567。", set()),
    ("an identity number",  GOOD + "登记证件110101199003074514。", {"id_number"}),
    ("acted, without when", "已电话联系您。望湖小区三号楼电梯由物业维修，我局派人到现场，已责令恢复运行。", {"time"}),
    ("refused, no basis",   "18日上午电话联系您。您申请的望湖小区三号楼电梯补助不符合条件，可与物业商量。", {"basis"}),
    ("refused, with basis", "上午电话联系您。依据《维修资金办法》，您申请的望湖小区三号楼电梯补助不符合条件。", set()),
    ("ticked, not written", "望湖小区三号楼电梯已于11月18日由物业维修完毕，恢复运行，我局现场核实属实。", {"contact"}),
]
# fmt: on


@pytest.mark.parametrize(("reply", "expected"), [(reply, expected) for _, reply, expected in CASES],
                         ids=[name for name, _, _ in CASES])  # fmt: skip
def test_what_is_noticed(reply: str, expected: set[str]) -> None:
    assert codes(reply) == expected


@pytest.mark.parametrize(("reply", "dated", "noticed"), [
    ("我们将尽快修好电梯", False, True),
    ("我们将尽快修好电梯", True, False),
    ("我们将尽快于11月25日前修好电梯", False, False),
    ("请您尽快提供票据", False, False),
])  # fmt: skip
def test_soon_without_a_day_is_noticed_unless_a_promise_has_one(reply: str, dated: bool, noticed: bool) -> None:
    assert ("undated" in codes(GOOD + reply + "。", dated=dated)) is noticed


@pytest.mark.parametrize(("demand", "numbers", "reply"), [
    (DEMAND, ("13800002103",), GOOD + "已联系138 0000 2103。"),
    (DEMAND + "我的电话13800002103", (), GOOD + "已联系13800002103。"),
    (DEMAND, ("05551234567",), GOOD + "已联系0555-1234567。"),
])  # fmt: skip
def test_the_citizens_own_number_is_noticed_first_and_not_repeated(
    demand: str, numbers: tuple[str, ...], reply: str
) -> None:
    found = check(Draft(demand=demand, reply=reply, numbers=numbers, contacted=True, dated=True), RULES)
    assert (found[0].code, found[0].severity) == ("citizen_number", "strong")
    assert "2103" not in found[0].words
    start, end = found[0].span
    assert reply[start:end].replace(" ", "").replace("-", "").isdigit()


def test_an_unanswered_part_is_noticed() -> None:
    demand = "1、请问望湖小区电梯何时维修？2、请问公共收益账目能否公布？3、希望恢复小区北门通行。"
    reply = GOOD.replace("三号楼", "") + "小区北门已恢复通行。"
    found = {one.code: one for one in check(Draft(demand=demand, reply=reply, contacted=True, dated=True), RULES)}
    assert "公共收益账目" in found["part"].words
    assert "part" not in codes(reply + "公共收益账目每季度公布。", demand=demand)


def test_a_copy_is_noticed_and_a_similar_reply_is_none() -> None:
    assert "copied" in codes(GOOD, others=("与此无关的答复", GOOD.replace("三号楼", "五号楼")))
    assert "copied" not in codes(
        GOOD, others=(GOOD[:40] + "另外几条道路的积水由排水公司清理，预计本周完成，请您放心等待结果。" * 2,)
    )


def test_severity_and_words_are_the_citys() -> None:
    reply = GOOD + "经办人13912345678。"
    strong = msgspec.structs.replace(RULES, severity={"mobile": "strong"})
    off = msgspec.structs.replace(RULES, severity={"mobile": "off"})
    assert check(Draft(demand=DEMAND, reply=reply, contacted=True, dated=True), strong)[0].severity == "strong"
    assert codes(reply, off) == set()
    own = msgspec.structs.replace(RULES, away=("与我单位无关",))
    assert "away" in codes(GOOD + "费用与我单位无关。", own)


@pytest.mark.parametrize("text", ["", "a", "🚰" * 40, "电" * 50_000, "\n" * 9, "《", "1、2、3、"])
def test_nothing_odd_breaks_it_and_every_span_holds_its_words(text: str) -> None:
    for demand, reply in ((text, GOOD), (DEMAND, text), (text, text)):
        for one in check(Draft(demand=demand, reply=reply, others=(text,)), RULES):
            assert 0 <= one.span[0] <= one.span[1] <= len(reply)
            assert one.text
            assert one.severity == SEVERITY.get(one.code, "advice")
