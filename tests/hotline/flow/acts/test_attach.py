"""Photos that come whole with their words: beside the line they came with, in their order, each once under one name."""

import pytest

from grids.messages import Message
from hotline.errors import HotlineError
from hotline.flow.acts import attach
from hotline.store import db, files, tickets
from hotline.store.files import Cleaned
from tests.cast import LEADER, MINUTE, NOW, RUBBISH, Office

HERE = "990101001001001"
TWO = [Cleaned(body=body, media="image/jpeg", width=4, height=3) for body in (b"first", b"second")]


class Refused(HotlineError):
    """Something later in the same transaction."""


def brought(office: Office, number: str, under: str = "", minutes: int = 0, stops: bool = False) -> None:
    """Keep two photos beside the newest line."""
    assert office
    with db.transaction() as session:
        ticket = tickets.locked(session, "sample", number)
        attach.keep(session, ticket, TWO, LEADER, NOW + minutes * MINUTE, under)
        if stops:
            raise Refused(Message("不行"))


def test_what_comes_twice_under_one_name_is_there_once_wherever_the_ticket_is(office: Office) -> None:
    number = office.triaged(area=RUBBISH, grid=HERE)
    brought(office, number, "form-1")
    office.do("sign", number, LEADER, NOW + MINUTE)
    brought(office, number, "form-1", 2)
    found = sorted(office.rows("file"), key=lambda one: one.id)
    with db.reading() as session:
        assert [files.body(session, one.id) for one in found] == [b"first", b"second"]
    assert {(one.done, one.received, one.role, one.login, one.width) for one in found} == {
        (True, 5, "grid_leader", LEADER.login, 4), (True, 6, "grid_leader", LEADER.login, 4),
    }  # fmt: skip


def test_the_same_picture_belongs_to_each_line_it_came_with(office: Office) -> None:
    number = office.triaged(area=RUBBISH, grid=HERE)
    brought(office, number)
    brought(office, number)
    first = office.see(number).seq
    office.do("sign", number, LEADER, NOW + MINUTE)
    brought(office, number, minutes=2)
    assert sorted(one.seq for one in office.rows("file")) == [first, first, first + 1, first + 1]


def test_what_fails_together_leaves_no_photo(office: Office) -> None:
    number = office.triaged(area=RUBBISH, grid=HERE)
    with pytest.raises(Refused):
        brought(office, number, stops=True)
    assert office.rows("file") == office.rows("file_piece") == []
