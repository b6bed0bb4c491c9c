"""Two units say it is not theirs; the third dispatch is a ruling, binds who stayed away, and cannot be sent back."""

import pytest

from hotline.errors import RuleSaysNo
from hotline.jobs import work
from tests.cast import CALLER_BACK, DAY, DISPATCHER, HOUR, MINUTE, NOW, RUBBISH, Office, unit


def carry_out(office: Office) -> None:
    """Do what follows, as a worker would, until nothing does."""
    while waiting := [row.id.hex for row in office.rows("outbox") if row.done_at is None]:
        work.events(waiting)


def test_three_returns(office: Office) -> None:
    number = office.triaged(NOW, area=RUBBISH)
    due = office.see(number).due_at
    back = office.do(
        "return", number, unit("hwzx"), NOW + 2 * HOUR, reason="属于物业管理范围", basis="责任分解表", unit="zjj"
    )
    assert (back.state, back.returns, back.why["owner"]) == ("returned", 1, "zjj")
    carry_out(office)
    assert office.see(number).state == "returned"  # one return is judged by the dispatcher
    office.do("route", number, DISPATCHER, NOW + 3 * HOUR, unit="cgj", note="请承办")
    office.do("return", number, unit("cgj"), NOW + 4 * HOUR, reason="不属于执法事项", basis="权责清单", unit="hwzx")
    carry_out(office)
    disputed = office.see(number)
    assert (disputed.state, disputed.returns) == ("disputed", 2)
    ruling = office.clocks(number)["ruling"]
    assert ruling.due_at > NOW + DAY
    asked = {row.unit for row in office.rows("opinion")}
    assert asked == {"hwzx", "cgj", "zjj"}  # who had it, and who was named
    assert {row.unit for row in office.rows("notice", kind="convene")} == asked

    office.do("opine", number, unit("zjj"), NOW + 5 * HOUR, note="物业区域内由环卫中心清运", unit="hwzx")
    said = {"unit": "hwzx", "reason": "垃圾清运由环卫中心负责到小区投放点", "basis": "责任分解表第3项"}
    office.do("rule", number, DISPATCHER, NOW + 6 * HOUR, **said)
    ticket = office.see(number)
    assert (ticket.state, ticket.unit, ticket.dispatches, ticket.due_at) == ("routed", "hwzx", 3, due)
    bound = ticket.why["route"].split("；")[-1]
    assert "按缺席默认受裁定约束" in bound
    assert "城市管理局" in bound
    assert office.clocks(number)["ruling"].outcome == "met"
    with pytest.raises(RuleSaysNo, match="不能再退"):
        office.do("return", number, unit("hwzx"), NOW + 7 * HOUR, reason="还是不归我们")

    closes_like_any_other(office, number)


def closes_like_any_other(office: Office, number: str) -> None:
    """See the ruled ticket to its end, and who is judged by which time."""
    office.do("sign", number, unit("hwzx"), NOW + 7 * HOUR)
    office.do("answer", number, unit("hwzx"), NOW + 2 * DAY, note="已清运")
    office.do("callback", number, CALLER_BACK, NOW + 2 * DAY + MINUTE, reached=True, solved="yes", satisfaction=4)
    assert office.history(number) == [
        "receive", "classify", "route", "return", "route", "return", "convene", "opine", "rule",
        "sign", "answer", "close",
    ]  # fmt: skip
    lead = [(row.unit, row.ended_by) for row in office.rows("assignment", role="lead")]
    assert lead == [("hwzx", "return"), ("cgj", "return"), ("hwzx", "")]
    hold = [(row.unit, row.outcome) for row in office.rows("clock", clock="hold")]
    assert sorted(hold) == [("cgj", "void"), ("hwzx", "met"), ("hwzx", "void")]  # judged by its own time alone
    assert office.broken_links() == []


def test_a_return_without_ground_goes_back_to_who_sent_it(office: Office) -> None:
    number = office.triaged(NOW, area=RUBBISH)
    hold = office.clocks(number)["hold"]
    office.do("return", number, unit("hwzx"), NOW + 2 * HOUR, reason="不归我们")
    assert office.clocks(number)["hold"].paused_at == NOW + 2 * HOUR
    office.do("keep", number, DISPATCHER, NOW + 2 * DAY, reason="责任分解表第3项写明由你单位承办")
    ticket = office.see(number)
    assert (ticket.state, ticket.unit, ticket.returns) == ("signed", "hwzx", 1)
    again = office.clocks(number)["hold"]
    assert (again.paused_at, again.due_at - hold.due_at) == (None, 2 * DAY)  # the days of the review are not its own
    assert office.clocks(number)["result"].due_at == ticket.due_at  # the citizen's day stands
    (_, lead) = office.rows("assignment", role="lead")
    assert (lead.unit, lead.signed_at) == ("hwzx", NOW + 2 * DAY)
    assert office.broken_links() == []
