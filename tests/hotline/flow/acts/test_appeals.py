"""Appeals against wrong or malicious ratings (申诉复核): the unit asks, a supervisor decides, what was said is kept."""

from typing import Any

import pytest

from dispatch.errors import IllegalMove, NotYours
from dispatch.lifecycle import State
from hotline.errors import NoSuchTicket
from hotline.flow import call_back
from hotline.flow.figures import measure
from hotline.store import db
from hotline.wire.moves import Asked
from tests.cast import CALLER_BACK, DAY, NOW, SUPERVISOR, Office, unit

ANGRY: dict[str, Any] = {"reached": True, "contacted": True, "solved": "no", "satisfaction": 1}
APPEAL = {"reason": "来电人与本事项无关，现场照片可证", "basis": "现场核查记录"}


@pytest.fixture
def rated(office: Office) -> str:
    """A ticket that was redone and is closed as not solved, appealed against by its unit."""
    number = office.ticket(State.ANSWERED).number
    office.do("callback", number, CALLER_BACK, NOW + DAY, **ANGRY)
    office.answer(number, unit("hwzx"), NOW + 2 * DAY, note="又办了")
    office.do("callback", number, CALLER_BACK, NOW + 3 * DAY, **ANGRY)
    office.do("conclude", number, SUPERVISOR, NOW + 3 * DAY, reason="现场已处理，来电人与事项无关")
    held = office.do("appeal", number, unit("hwzx"), NOW + 4 * DAY, **APPEAL)
    assert (held.state, held.pending) == ("closed", "appeal")
    return number


def rates(office: Office) -> dict[str, tuple[int, int]]:
    """Return hits and base of each rate."""
    office.fold(NOW + 30 * DAY)
    with db.reading() as session:
        asked = measure.Asked(first=office.city.day(NOW), last=office.city.day(NOW))
        found = measure.figures(session, office.city, asked, now=NOW + 30 * DAY)
    return {one.name: (one.hits, one.of) for one in found.rates}


def test_an_upheld_appeal_takes_the_rating_out_and_keeps_it(office: Office, rated: str) -> None:
    assert rates(office)["satisfaction"] == (0, 1)
    done = office.do("uphold", rated, SUPERVISOR, NOW + 5 * DAY, reason="核查属实，评价对象有误")
    assert (done.state, done.pending, done.solved, done.satisfaction) == ("closed", "", None, None)
    assert (rates(office)["satisfaction"], rates(office)["solve"]) == ((0, 0), (0, 0))
    kept = office.rows("callback")
    assert [(row.solved, row.satisfaction, row.final) for row in kept] == [("no", 1, False)] * 2
    assert "原评价留存" in office.rows("entry", move="uphold")[0].why["decision"]
    (request,) = office.rows("request")
    assert (request.kind, request.decision, request.decided_by) == ("appeal", "granted", "du01")
    said = Asked(reached=True, solved="no", satisfaction=1, channel="web")
    with pytest.raises(NoSuchTicket), db.transaction() as session:  # the rating is over
        call_back.citizen_rating(session, office.city, rated, said, NOW + 5 * DAY)
    assert office.broken_links() == []


def test_a_dismissed_appeal_changes_nothing(office: Office, rated: str) -> None:
    done = office.do("dismiss", rated, SUPERVISOR, NOW + 5 * DAY, reason="录音显示确为来电人本人")
    assert (done.solved, done.satisfaction, done.pending) == ("no", 1, "")
    assert rates(office)["satisfaction"] == (0, 1)
    assert [row.final for row in office.rows("callback")] == [True, True]
    assert office.rows("request")[0].decision == "denied"


def test_only_a_supervisor_decides_and_only_the_unit_appeals(office: Office, rated: str) -> None:
    for me in (unit("hwzx"), CALLER_BACK):
        with pytest.raises(NotYours):
            office.do("uphold", rated, me, NOW + 5 * DAY, reason="属实")
    with pytest.raises(IllegalMove):
        office.do("appeal", rated, unit("hwzx"), NOW + 5 * DAY, **APPEAL)  # one waits already
    with pytest.raises(NoSuchTicket):
        office.do("appeal", office.ticket(State.CLOSED).number, unit("cgj"), NOW + DAY, **APPEAL)
    open_ = office.ticket(State.ANSWERED)
    with pytest.raises(IllegalMove):
        office.do("appeal", open_.number, unit("hwzx"), NOW + DAY, **APPEAL)
