"""What, where, who, by when: for one ticket or a file of them, in the same few statements, each with its why."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from classifiers import training
from classifiers.samples import Sample
from dispatch.lifecycle import State
from hotline import city as cities
from hotline import rulefiles
from hotline.city import City
from hotline.flow import receive, route, triage
from hotline.store import db
from tests.cast import DAY, HEAT, HOUR, LAMP, LEADER, MINUTE, NOW, RUBBISH, SAMPLE, Office, counted, rules

FILES = rulefiles.read_folder(SAMPLE)
AT_ONCE = FILES["city.toml"].replace('backstop = "candidate"', 'backstop = "dispatch"')
PLACE = "松岭街道锦绣里"


@pytest.fixture(scope="module")
def taught() -> City:
    """The city with a model of two areas."""
    lines = [(f"{word}第{n}次没人清运", RUBBISH) for n in range(20) for word in ("垃圾桶", "生活垃圾", "垃圾点")]
    lines += [(f"{word}第{n}天不亮", LAMP) for n in range(20) for word in ("路灯", "路灯灯杆", "照明灯")]
    samples = [Sample(text=text, area=area) for text, area in lines]
    made = training.train(samples, rules().taxonomy, trained_at=NOW)
    return msgspec.structs.replace(rules(), model=made, model_problem="")


def test_a_chosen_area_goes_to_the_unit_of_the_duty_table(office: Office) -> None:
    number = office.received(area=LAMP, grid="990101001001001")
    (done,) = office.triage(NOW + MINUTE)
    ticket = office.see(number)
    assert (done.number, done.outcome) == (number, "routed")
    assert (ticket.state, ticket.unit, ticket.helpers) == (State.ROUTED, "szzx", ["gdgs"])
    assert (ticket.grid, ticket.community, ticket.street) == ("990101001001001", "990101001001", "990101001")
    assert ticket.leader == LEADER.login
    assert ticket.edition == office.city.edition
    assert (ticket.dispatched_at, ticket.dispatches) == (NOW + MINUTE, 1)
    assert set(ticket.why) == {"classify", "locate", "route", "promise"}
    assert "D009" in ticket.why["route"]
    assert "责任分解表（2026年版）第9项" in ticket.why["route"]
    assert office.history(number) == ["receive", "classify", "route"]


@pytest.mark.parametrize(
    ("new", "received", "unit", "row"),
    [
        ({"area": "110101"}, NOW, "cgj", "D051"),
        ({"area": "110101"}, NOW - 10 * HOUR, "gaj", "D131"),
        ({"area": "1202"}, NOW, "gdgs", "D058"),
        ({"area": "1202", "extra": {"caller_kind": "企业"}}, NOW, "zwj", "D133"),
        ({"area": "1202", "extra": {"caller_kind": None}}, NOW, "gdgs", "D058"),
        ({"area": "0501", "text": "公园门口停满了车"}, NOW, "gaj", "D025"),
        ({"area": "0501", "title": "公园停车", "text": "停满了车"}, NOW - 3 * DAY, "gaj", "D135"),
    ],
    ids=["day", "received at night", "anybody", "a firm", "unknown", "a Wednesday", "a Sunday"],
)
def test_conditions_look_at_when_it_came_in_who_called_and_the_words(
    office: Office, new: dict[str, Any], received: datetime, unit: str, row: str
) -> None:
    number = office.received(received, **new)
    office.triage(NOW + MINUTE)
    ticket = office.see(number)
    assert (ticket.unit, f"责任表{row}：" in ticket.why["route"]) == (unit, True)


def test_a_gap_goes_to_the_backstop_where_the_city_says_so(office: Office) -> None:
    bare = FILES | {"duty.csv": "id,area,unit\nX1,01,cgj\n"}
    for name, files in (("offered", bare), ("given", bare | {"city.toml": AT_ONCE})):
        number = office.received(area=LAMP, grid="990101001001001")
        with db.transaction() as session:
            triage.waiting(session, cities.build(files), NOW + MINUTE)
        ticket = office.see(number)
        assert ticket.unit == ("sljd" if name == "given" else "")
        assert ("按属地兜底直接派松岭街道办事处" in ticket.why["route"]) is (name == "given")


def test_a_rows_own_limit_comes_with_the_choice() -> None:
    city = cities.build(FILES | {"duty.csv": "id,area,unit,limits\nX1,01,cgj,5\nX2,02,szzx,\n"})
    found = [route.by_rule(city, area, None, NOW.date(), at=NOW, text="") for area in (RUBBISH, LAMP, HEAT)]
    assert [(one.unit, one.limits) for one in found] == [("cgj", 5), ("szzx", None), ("", None)]


def test_the_promises_count_from_the_dispatch(office: Office) -> None:
    ticket = office.ticket(State.ROUTED, NOW)
    clocks = office.clocks(ticket.number)
    assert set(clocks) == {"sign", "contact", "progress", "result", "hold"}
    # Wed 18 Nov + 3 natural days = Sat 21 → Mon 23, its end; + 7 = Wed 25, its end
    assert clocks["progress"].due_at == ticket.progress_due_at == datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert clocks["result"].due_at == ticket.due_at == datetime(2026, 11, 25, 16, tzinfo=UTC)
    assert clocks["sign"].due_at == datetime(2026, 11, 19, 9, 30, tzinfo=UTC)
    assert {clock.unit for clock in clocks.values()} == {"hwzx"}
    assert clocks["hold"].due_at == ticket.due_at
    assert clocks.pop("hold").next_at is None  # judged by it, never warned of it: the citizen's clock warns
    assert {datetime.fromisoformat(clock.ladder[0]["at"]) - clock.next_at for clock in clocks.values()} == {0 * MINUTE}


def test_heat_must_be_signed_in_half_an_hour(office: Office) -> None:
    ticket = office.ticket(State.ROUTED, NOW, area=HEAT)
    assert ticket.unit == "rlgs"
    assert office.clocks(ticket.number)["sign"].due_at == NOW + 30 * MINUTE


def test_assignments_name_lead_helpers_and_grid_leader(office: Office) -> None:
    office.triaged(area=LAMP, grid="990101001001001")
    given = {(row.role, row.unit, row.login) for row in office.rows("assignment")}
    assert given == {("lead", "szzx", ""), ("help", "gdgs", ""), ("grid", "", LEADER.login)}


def test_without_a_model_a_person_must_say_and_the_desk_has_a_clock(office: Office) -> None:
    number = office.received(address=PLACE)
    (done,) = office.triage()
    ticket = office.see(number)
    assert (done.outcome, ticket.state, ticket.unit, ticket.area) == ("person", "received", "", "")
    assert "拿不准" in ticket.why["classify"]
    assert ticket.why["route"]
    clocks = office.clocks(number)
    assert set(clocks) == {"dispatch"}
    assert clocks["dispatch"].unit == ""
    assert ticket.due_at is None


def test_the_model_decides_what_it_is_sure_of_and_asks_about_the_rest(office: Office, taught: City) -> None:
    sure, unsure = office.received(text="我们楼下垃圾桶满了没人清运"), office.received(text="请问明天几点上班")
    office.city = taught
    outcomes = {done.number: done.outcome for done in office.triage()}
    assert outcomes == {sure: "routed", unsure: "person"}
    assert (office.see(sure).area, office.see(sure).unit) == (RUBBISH, "hwzx")
    assert 0.5 < office.see(sure).area_confidence <= 1
    assert "垃圾" in office.see(sure).why["classify"]


def test_the_operators_own_routing_words_decide_nothing(office: Office, taught: City) -> None:
    office.city = taught
    plain, told = "楼下垃圾桶满了没人清运", "楼下垃圾桶满了没人清运请城管部门核实处理，谢谢"
    one, two = office.received(text=plain), office.received(text=told, phone="13800001111")
    office.triage()
    assert office.see(one).area_confidence == office.see(two).area_confidence


def test_a_unit_chosen_at_the_desk_stands(office: Office) -> None:
    ticket = office.ticket(State.ROUTED, area=RUBBISH, unit="cgj")
    assert ticket.unit == "cgj"
    assert "登记人员" in ticket.why["route"]


def test_a_batch_takes_as_many_statements_as_one_ticket(office: Office) -> None:
    with counted(office.engine) as one:
        office.received(area=RUBBISH)
        office.triage()
    arrivals = [office.arrival(area=(RUBBISH, LAMP, HEAT)[n % 3], phone=f"1380000{n:04d}") for n in range(40)]
    office.put(arrivals)
    with counted(office.engine) as many:
        assert len(office.triage()) == 40
    assert len(many) <= len(one)
    assert office.broken_links() == []


def test_waiting_takes_each_ticket_once_and_the_oldest_first(office: Office) -> None:
    numbers = [office.received(NOW + n * MINUTE, area=RUBBISH) for n in range(3)]
    with db.transaction() as session:
        first = triage.waiting(session, office.city, NOW + 5 * MINUTE, limit=2)
    assert [done.number for done in first] == numbers[:2]
    assert [done.number for done in office.triage()] == numbers[2:]
    assert office.triage() == []


def test_history_is_triaged_at_its_own_time_and_climbs_no_ladder(office: Office) -> None:
    past = NOW.replace(month=9)
    arrival = office.arrival(at=past, area=RUBBISH, quiet=True)
    office.put([arrival])
    with db.transaction() as session:
        triage.batch(session, office.city, [receive.ticket_of(arrival)], NOW)
    ticket = office.see(arrival.key["number"])
    assert ticket.dispatched_at == past
    assert {clock.next_at for clock in office.clocks(ticket.number).values()} == {None}
    assert office.sweep(NOW) == 0
    assert office.rows("outbox") == []
