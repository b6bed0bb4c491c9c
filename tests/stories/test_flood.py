"""A whole estate calls: thirty callers, one matter, one deadline; each caller keeps a number."""

from dispatch.lifecycle import State
from tests.cast import CALLER_BACK, DAY, HEAT, HOUR, MINUTE, NOW, Office, unit

TEXT = "石埠新村12号楼整栋楼的暖气从昨天晚上开始就不热了，老人孩子受不了"
PLACE = "示例区石埠街道石埠新村12号楼"


def test_thirty_callers(office: Office) -> None:
    said = {"text": TEXT, "address": PLACE, "area": HEAT, "source": "12345"}
    first = office.triaged(NOW, phone="13800000000", **said)
    for batch in range(3):
        arrivals = [
            office.arrival(at=NOW + (10 * batch + one) * MINUTE, phone=f"1380000{10 * batch + one:04d}", **said)
            for one in range(1, 11)
        ]
        office.put(arrivals)
        done = office.triage(NOW + 10 * (batch + 1) * MINUTE)
        assert [one.outcome for one in done] == ["joined"] * 10
    matter = office.see(first)
    others = [row for row in office.rows("ticket") if row.id != matter.id]
    assert (matter.state, matter.joiners, len(others)) == (State.ROUTED, 30, 30)
    assert {row.joined_to for row in others} == {matter.id}
    assert len({row.number for row in others}) == 30
    assert len({row.caller_id for row in others}) == 30
    promised = {"sign", "contact", "progress", "result", "hold", "help"}
    assert sorted(row.clock for row in office.rows("clock")) == sorted(promised)
    assert [row.unit for row in office.rows("assignment", role="lead")] == ["rlgs"]

    office.do("sign", first, unit("rlgs"), NOW + 25 * MINUTE)
    office.do("answer", first, unit("rlgs"), NOW + 5 * HOUR, note="循环泵已更换，供热恢复")
    office.do("callback", first, CALLER_BACK, NOW + DAY, reached=True, solved="yes", satisfaction=5)
    assert office.history(first) == ["receive", "classify", "route", *["gain"] * 3, "sign", "answer", "close"]
    assert office.broken_links() == []

    late = office.triaged(NOW + 2 * DAY, phone="13800000099", **said)
    assert office.see(late).state == State.ROUTED  # the matter is closed: this one is new
    assert office.city.repeats.join.window > 2 * DAY
