"""Hot topics of tickets: found, kept under one number while they grow, marked by people, claimed by one process."""

from datetime import timedelta

import pytest

from classifiers import topics as rule
from hotline.errors import BadValue, NoSuchTopic
from hotline.flow.figures import topics
from hotline.store import db
from tests.cast import DAY, HOUR, NOW, REGION, SUPERVISOR, Office

HEATING = "阳光家园暖气不热，室温只有十二度"
OTHERS = (
    "学校门口的红绿灯坏了，孩子过马路危险", "夜市油烟熏得窗户打不开", "社保卡丢了去哪里补办",
    "公园的健身器材松了", "广场舞音响太吵睡不着", "路口积水车开不过去",
)  # fmt: skip


def tell(office: Office, count: int, at: object = NOW, **more: object) -> list[str]:
    """Receive matters about one cold estate, each in its own words."""
    when = at if isinstance(at, type(NOW)) else NOW
    return [
        office.received(at=when + timedelta(minutes=n), text=f"{HEATING}，{n}号楼{n}层受冻", **more)
        for n in range(1, count + 1)
    ]


def around(office: Office) -> None:
    for n, text in enumerate(OTHERS):
        office.received(at=NOW - 20 * DAY + n * HOUR, text=text)


def turn(office: Office, at: object = NOW) -> list[topics.TopicLine]:
    """Make a round."""
    when = at if isinstance(at, type(NOW)) else NOW
    with db.reading() as session:
        said = topics.texts(session, office.city, when)
    found = rule.find(said, office.city.topics, when)
    with db.transaction() as session:
        topics.keep(session, office.city, found, when)
    with db.reading() as session:
        return topics.listed(session, REGION, dismissed=True)


def numbers_of(line: topics.TopicLine) -> list[str]:
    with db.reading() as session:
        return sorted(one.card.number for one in topics.members(session, SUPERVISOR.sight, line.id))


def test_alike_tickets_are_one_topic_and_others_are_none(office: Office) -> None:
    around(office)
    told = tell(office, 4, NOW - HOUR)
    [found] = turn(office)
    assert (found.number, found.count, found.recent, found.new, found.rising) == (1, 4, 4, True, True)
    assert numbers_of(found) == sorted(told)
    assert "4件内容相近" in found.why
    assert "阳光家园" in found.title


def test_a_topic_keeps_its_number_while_it_grows_and_when_it_ends(office: Office) -> None:
    around(office)
    first = tell(office, 4, NOW - HOUR)
    turn(office)
    more = tell(office, 9, NOW)
    [grown] = turn(office, NOW + HOUR)
    assert (grown.number, grown.count) == (1, 13)
    assert numbers_of(grown) == sorted(first + more)
    assert turn(office, NOW + 40 * DAY) == []
    with db.reading() as session:
        ended = topics.topic_line(session, REGION, 1)
    assert (ended.active, ended.count) == (False, 13)


def test_the_confidential_are_counted_and_never_quoted(office: Office) -> None:
    around(office)
    tell(office, 3, NOW - HOUR, confidential=True)
    [found] = turn(office)
    assert (found.count, found.title, found.words) == (3, "", [])
    with db.reading() as session:
        assert all(one.confidential for one in topics.members(session, SUPERVISOR.sight, found.id))


def test_every_figure_counts_the_tickets_it_opens(office: Office) -> None:
    around(office)
    tell(office, 3, NOW - 3 * DAY)
    tell(office, 5, NOW - HOUR)
    [found] = turn(office)
    with db.reading() as session:
        since = found.found_at - timedelta(hours=office.city.topics.recent)
        lately = topics.members(session, SUPERVISOR.sight, found.id, since=since)
        days, places = topics.spread(session, office.city, found.id)
    assert (len(lately), sum(days.values()), sum(places.values())) == (found.recent, found.count, found.count)
    assert found.recent == 5


def test_a_word_on_a_topic_is_kept_with_name_and_time_and_outlives_rounds(office: Office) -> None:
    around(office)
    tell(office, 4, NOW - HOUR)
    turn(office)
    with db.transaction() as session:
        topics.mark(session, office.city, 1, "dismissed", " 同一人多次来电 ", SUPERVISOR, NOW)
    [found] = turn(office, NOW + HOUR)
    assert (found.mark, found.marked_by, found.marked_at, found.note) == (
        "dismissed", SUPERVISOR.login, NOW, "同一人多次来电",
    )  # fmt: skip
    with db.reading() as session:
        assert topics.listed(session, REGION) == []


def test_what_is_no_mark_and_no_topic_is_refused(office: Office) -> None:
    with pytest.raises(NoSuchTopic), db.transaction() as session:
        topics.mark(session, office.city, 7, "known", "", SUPERVISOR, NOW)
    with pytest.raises(BadValue), db.transaction() as session:
        topics.mark(session, office.city, 7, "hot", "", SUPERVISOR, NOW)


def test_one_process_makes_the_round_and_again_when_it_is_time(office: Office) -> None:
    every = timedelta(minutes=office.city.topics.every)
    for at, expected in ((NOW, True), (NOW, False), (NOW + every / 2, False), (NOW + every, True)):
        with db.transaction() as session:
            assert topics.due(session, office.city, at) is expected
