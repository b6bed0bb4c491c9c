"""Two units say it is not theirs; the third is designated and cannot send it back, and the citizen's day stands."""

import pytest

from hotline.errors import RuleSaysNo
from tests.cast import CALLER_BACK, DAY, DISPATCHER, HOUR, MINUTE, NOW, RUBBISH, Office, unit


def test_three_returns(office: Office) -> None:
    number = office.triaged(NOW, area=RUBBISH)
    due = office.see(number).due_at
    turns = (("hwzx", "cgj", "属于物业管理范围"), ("cgj", "zjj", "不属于执法事项"))
    for turn, (now_with, onward, reason) in enumerate(turns, 1):
        at = NOW + turn * 2 * HOUR
        back = office.do("return", number, unit(now_with), at, reason=reason, basis="责任分解表", unit=onward)
        assert (back.state, back.returns, back.why["owner"]) == ("returned", turn, onward)
        office.do("route", number, DISPATCHER, at + HOUR, unit=onward, note="请承办")
    with pytest.raises(RuleSaysNo, match="由派单员指定承办单位，不能再退"):
        office.do("return", number, unit("zjj"), NOW + 7 * HOUR, reason="也不归我们")
    line = [row for row in office.rows("entry") if row.move == "return"][-1]
    assert "须由派单员指定" in line.why["next"]

    ticket = office.see(number)
    assert (ticket.unit, ticket.dispatches, ticket.due_at) == ("zjj", 3, due)
    assert [row.due_at for row in office.rows("clock", clock="result")] == [due]
    office.do("sign", number, unit("zjj"), NOW + 7 * HOUR)
    office.do("answer", number, unit("zjj"), NOW + 2 * DAY, note="物业已清运")
    office.do("callback", number, CALLER_BACK, NOW + 2 * DAY + MINUTE, reached=True, solved="yes", satisfaction=4)
    assert office.history(number) == [
        "receive", "classify", "route", "return", "route", "return", "route", "sign", "answer", "close",
    ]  # fmt: skip
    lead = [(row.unit, row.ended_by) for row in office.rows("assignment", role="lead")]
    assert lead == [("hwzx", "return"), ("cgj", "return"), ("zjj", "")]
    assert office.broken_links() == []
