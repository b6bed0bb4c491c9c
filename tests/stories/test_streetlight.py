"""A streetlight's whole life: reported, dispatched, mended, asked about, closed; and every promise kept."""

from datetime import UTC, datetime

from dispatch.lifecycle import State
from hotline.flow.figures import measure
from hotline.flow.figures.measure import Asked
from hotline.flow.oversight import trace
from hotline.jobs import work
from hotline.store import db
from tests.cast import AGENT, CALLER_BACK, DAY, HOUR, LAMP, LEADER, MINUTE, NOW, Office, unit


def carry_out(office: Office) -> None:
    """Do what follows, as a worker would, until nothing does."""
    while waiting := [row.id.hex for row in office.rows("outbox") if row.done_at is None]:
        work.events(waiting)


def test_a_streetlight(office: Office) -> None:
    number = office.received(
        NOW, text="学府路口的路灯三天不亮了，晚上看不清路，请来修。", name="李刚", phone="13800001234", area=LAMP,
        grid="990101001001001",
    )  # fmt: skip
    office.triage(NOW + MINUTE)
    carry_out(office)
    ticket = office.see(number)
    assert (ticket.state, ticket.unit, ticket.helpers, ticket.leader) == ("routed", "szzx", ["gdgs"], LEADER.login)
    assert ticket.due_at == datetime(2026, 11, 25, 16, tzinfo=UTC)
    told = {(row.unit, row.login) for row in office.rows("notice")}
    assert told == {("szzx", ""), ("gdgs", ""), ("", LEADER.login)}

    office.do("sign", number, unit("szzx"), NOW + HOUR, note="已安排")
    office.do("report", number, unit("szzx"), NOW + DAY, note="电缆断了，明天更换")
    office.do("urge", number, AGENT, NOW + DAY + HOUR, note="来电人询问进度")
    office.do("help_answer", number, unit("gdgs"), NOW + DAY + HOUR, note="已配合停电")
    office.do("answer", number, unit("szzx"), NOW + 2 * DAY, note="电缆已更换，路灯恢复照明")
    carry_out(office)
    assert office.see(number).callback_due_at == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # Fri → Mon, at close
    office.do("callback", number, CALLER_BACK, NOW + 5 * DAY, reached=False)
    said = {"reached": True, "contacted": True, "solved": "yes", "satisfaction": 5}
    done = office.do("callback", number, CALLER_BACK, NOW + 5 * DAY + 5 * HOUR, **said)
    assert (done.state, done.satisfaction, done.tries) == (State.CLOSED, 5, 2)

    assert office.sweep(NOW + 60 * DAY) == 0
    assert office.rows("alarm") == []
    assert office.history(number) == [
        "receive", "classify", "route", "sign", "report", "urge", "help_answer", "answer", "miss", "close",
    ]  # fmt: skip
    assert {clock.outcome for clock in office.clocks(number).values()} == {"met"}
    assert office.broken_links() == []
    office.fold(NOW + 60 * DAY)
    with db.reading() as session:
        journey = trace.trace(session, office.city, number)
        asked = Asked(first=office.city.day(NOW - DAY), last=office.city.day(NOW + DAY))
        found = measure.figures(session, office.city, asked, now=NOW + 60 * DAY)
    assert journey.state == "办结"
    rates = {rate.name: (rate.hits, rate.of) for rate in found.rates}
    assert {rates[name] for name in ("solve", "satisfaction", "on_time", "sign_on_time", "response")} == {(1, 1)}
