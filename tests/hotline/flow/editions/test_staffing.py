"""Leave of grid leaders: what it would mean, what it means once it is put down, and how it ends."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from dispatch.roles import Role
from hotline import city as cities
from hotline import people, rulefiles
from hotline.city import City
from hotline.errors import BadValue, NotAllowed
from hotline.flow.editions import staffing
from hotline.people import Me
from hotline.store import db, staff
from tests.cast import LEADER, NOW, RUBBISH, SAMPLE, Office, rules

HERE, THERE, ALONE = "990101001001001", "990101001001002", "990101001002001"
DAY = rules().day(NOW)
LAST = DAY + timedelta(days=3)
BOSS = Me(login="du01", name="何正", region="sample", role=Role.SUPERVISOR)


def foreseen(city: City, login: str = "wu.haoran", first: date = DAY, last: date = LAST) -> staffing.Foreseen:
    with db.reading() as session:
        return staffing.foresee(session, city, login, first, last, NOW)


def gone(city: City, login: str = "wu.haoran", first: date = DAY, last: date = LAST, *, hand: bool = False) -> int:
    with db.transaction() as session:
        seen = staffing.foresee(session, city, login, first, last, NOW)
        return staffing.put(session, city, seen, BOSS, NOW, hand=hand)


def staffed(city: City) -> City:
    with db.reading() as session:
        return cities.with_leaves(city, staff.leaves(session, city.region, date.min))


def test_a_leave_is_shown_before_and_counts_after(office: Office) -> None:
    number = office.triaged(area=RUBBISH, grid=HERE)
    [one] = foreseen(rules()).covers
    assert (one.grid, one.open, one.sees) == (HERE, 1, True)
    assert one.answering
    assert one.answering.login == "zhou.chunyan"
    assert "请假至" in one.answering.why
    assert staffed(rules()).leader_of(HERE, DAY) == rules().leader_of(HERE, DAY)  # nothing is put down yet
    assert gone(rules()) == 0
    after = staffed(rules())
    for day, login in ((DAY, "zhou.chunyan"), (LAST, "zhou.chunyan"), (LAST + timedelta(days=1), "wu.haoran")):
        found = after.leader_of(HERE, day)
        assert found
        assert found.login == login
    assert office.see(number).leader == "wu.haoran"  # open work stays, unless it is handed over


def test_open_work_passes_to_the_cover_of_its_grid_if_asked(office: Office) -> None:
    with db.transaction() as session:
        people.add(session, "sample", "zhou.chunyan", "周春燕", "", NOW)
        people.appoint(session, "sample", "zhou.chunyan", Role.GRID_LEADER, "", NOW)
    number, other = office.triaged(area=RUBBISH, grid=HERE), office.triaged(area=RUBBISH, grid=THERE)
    with pytest.raises(BadValue, match="还没有开始"):
        gone(rules(), first=DAY + timedelta(days=1), hand=True)
    assert gone(rules(), hand=True) == 1
    assert [office.see(one).leader for one in (number, other)] == ["zhou.chunyan", "guo.huimin"]
    kinds = [(row.kind, row.login, row.taker, row.tickets) for row in office.rows("staff_change")]
    assert sorted(kinds) == [("hand_over", "wu.haoran", "zhou.chunyan", 1), ("leave", "wu.haoran", "", 0)]
    assert office.broken_links() == []


def test_a_grid_without_a_deputy_is_named_with_its_first_bare_day(office: Office) -> None:
    assert office
    login = next(post.login for post in rules().serving(ALONE, DAY))
    seen = foreseen(rules(), login)
    assert [(one.grid, one.day) for one in seen.covers if one.answering is None] == [(ALONE, DAY)]
    gone(rules(), "zhou.chunyan", DAY + timedelta(days=2), LAST)
    away = staffed(rules())
    assert [(one.grid, one.day) for one in foreseen(away).covers if one.answering is None] == [
        (HERE, DAY + timedelta(days=2))
    ]


def test_with_nobody_there_the_community_answers(office: Office) -> None:
    assert office
    files = rulefiles.read_folder(SAMPLE)
    files["leaders.csv"] += "990101001002,she.zhang,社长,leader,2026-01-01,,\n"
    city = cities.build(files)
    login = next(post.login for post in rules().serving(ALONE, DAY))
    [one] = foreseen(city, login).covers
    assert one.answering
    assert (one.answering.login, one.sees) == ("she.zhang", False)
    assert "无人在岗" in one.answering.why


@pytest.mark.parametrize(
    ("login", "first", "last", "path"),
    [
        ("nobody", DAY, LAST, "login"),
        ("wu.haoran", LAST, DAY, "last"),
        ("wu.haoran", DAY - timedelta(days=9), DAY - timedelta(days=1), "last"),
        ("wu.haoran", DAY, DAY + timedelta(days=366), "last"),
    ],
)
def test_days_that_are_no_leave(office: Office, login: str, first: date, last: date, path: str) -> None:
    assert office
    with pytest.raises(BadValue) as wrong:
        foreseen(rules(), login, first, last)
    assert wrong.value.path == path


def test_one_leave_at_a_time_and_it_ends(office: Office) -> None:
    gone(rules())
    with pytest.raises(BadValue, match="已登记请假"):
        foreseen(rules(), first=LAST)
    [row] = office.rows("staff_change")
    with db.transaction() as session:
        staffing.end(session, rules(), row.id, BOSS, NOW + timedelta(days=1))
    back = staffed(rules()).leader_of(HERE, DAY + timedelta(days=1))
    assert back
    assert back.login == "wu.haoran"
    first = staffed(rules()).leader_of(HERE, DAY)
    assert first
    assert first.login == "zhou.chunyan"  # she was away that day
    for key in (row.id, uuid4()):
        with db.transaction() as session, pytest.raises(staffing.NoSuchLeave):
            staffing.end(session, rules(), key, BOSS, NOW + timedelta(days=1))
    assert foreseen(rules(), first=DAY + timedelta(days=1)).covers


def test_leaves_that_touch_are_one_too_many(office: Office) -> None:
    assert office
    gone(rules(), first=DAY, last=DAY)
    with pytest.raises(BadValue, match="已登记请假"):
        foreseen(rules(), first=DAY, last=LAST)
    gone(rules(), first=LAST, last=LAST)
    with pytest.raises(BadValue, match="已登记请假"):
        foreseen(rules(), first=DAY + timedelta(days=1), last=LAST)
    assert foreseen(rules(), first=DAY + timedelta(days=1), last=LAST - timedelta(days=1)).covers


def test_a_leave_that_is_over_is_not_ended_again(office: Office) -> None:
    gone(rules())
    [row] = office.rows("staff_change")
    with db.transaction() as session, pytest.raises(staffing.NoSuchLeave):
        staffing.end(session, rules(), row.id, BOSS, NOW + timedelta(days=4))


def test_each_grid_passes_to_its_own_cover(office: Office) -> None:
    third, other = "990101001001003", rules().serving("990101001001003", DAY)[0].login
    files = rulefiles.read_folder(SAMPLE)
    files["leaders.csv"] += f"{third},wu.haoran,吴浩然,leader,{DAY - timedelta(days=9)},,\n"
    city = office.city = cities.build(files)
    with db.transaction() as session:
        for login in ("zhou.chunyan", other):
            people.add(session, "sample", login, login, "", NOW)
            people.appoint(session, "sample", login, Role.GRID_LEADER, "", NOW)
    numbers = [office.triaged(area=RUBBISH, grid=grid) for grid in (HERE, third)]
    assert [office.see(number).leader for number in numbers] == ["wu.haoran", "wu.haoran"]
    assert gone(city, hand=True) == 2
    assert [office.see(number).leader for number in numbers] == ["zhou.chunyan", other]


def test_a_leave_that_has_not_begun_is_cancelled(office: Office) -> None:
    gone(rules(), first=DAY + timedelta(days=1))
    [row] = office.rows("staff_change")
    with db.transaction() as session:
        assert staffing.end(session, rules(), row.id, BOSS, NOW).back == row.first
    assert staffed(rules()) == rules()


def test_who_may_put_it_down(office: Office) -> None:
    assert office
    seen = foreseen(rules())
    for step in (
        lambda session: staffing.put(session, rules(), seen, LEADER, NOW),
        lambda session: staffing.end(session, rules(), uuid4(), LEADER, NOW),
        lambda session: staffing.hand_over(session, rules(), "wu.haoran", "guo.huimin", LEADER, NOW),
    ):
        with db.transaction() as session, pytest.raises(NotAllowed):
            step(session)


def test_every_grid_of_the_day_is_there(office: Office) -> None:
    office.triaged(area=RUBBISH, grid=HERE)
    with db.reading() as session:
        found = {one.grid: one for one in staffing.watches(session, rules(), NOW)}
    assert len(found) == 120
    assert (found[HERE].open, found[THERE].open) == (1, 0)
    assert [post.duty for post in found[HERE].posts] == ["leader", "deputy"]
