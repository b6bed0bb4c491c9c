"""A helper never answers: the lead goes on and is not judged for it; the helper is."""

import pytest

from hotline.errors import RuleSaysNo
from tests.cast import DAY, HOUR, LAMP, NOW, Office, unit


def test_a_helper_that_never_answers(office: Office) -> None:
    number = office.triaged(NOW, area=LAMP)
    ticket = office.see(number)
    assert (ticket.unit, ticket.helpers) == ("szzx", ["gdgs"])
    clock = office.clocks(number)["help"]
    assert (clock.unit, clock.owner) == ("gdgs", "helper")
    office.do("sign", number, unit("szzx"), NOW + HOUR)
    office.do("report", number, unit("szzx"), NOW + DAY, note="电缆需供电公司停电后更换")
    office.sweep(clock.due_at + HOUR)
    cards = [(row.unit, row.move) for row in office.rows("alarm", clock_id=clock.id)]
    assert ("gdgs", "yellow_card") in cards
    with pytest.raises(RuleSaysNo, match="供电"):
        office.do("answer", number, unit("szzx"), NOW + 6 * DAY, note="已恢复照明", alone=False)
    done = office.do("answer", number, unit("szzx"), NOW + 6 * DAY, note="已恢复照明", alone=True)
    assert done.state == "answered"
    clocks = office.clocks(number)
    assert (clocks["help"].outcome, clocks["hold"].outcome, clocks["result"].outcome) == ("late", "met", "met")
    assert office.broken_links() == []


def test_a_helper_answers_the_lead_and_only_its_own_clock_stops(office: Office) -> None:
    number = office.triaged(NOW, area=LAMP)
    office.do("sign", number, unit("szzx"), NOW + HOUR)
    office.do("invite", number, unit("szzx"), NOW + 2 * HOUR, unit="cgj", note="请协助占道施工")
    assert office.see(number).helpers == ["gdgs", "cgj"]
    office.do("help_answer", number, unit("cgj"), NOW + 3 * HOUR, note="已安排占道许可")
    found = {row.unit: row.outcome for row in office.rows("clock", clock="help")}
    assert found == {"gdgs": "", "cgj": "met"}
    answers = {row.unit: row.answer for row in office.rows("assignment", role="help")}
    assert answers == {"gdgs": "", "cgj": "已安排占道许可"}
    office.do("help_answer", number, unit("gdgs"), NOW + 4 * HOUR, note="已停电配合")
    done = office.do("answer", number, unit("szzx"), NOW + DAY, note="已恢复照明", alone=False)  # nobody is waited for
    assert done.state == "answered"
