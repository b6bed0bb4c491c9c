"""How pages show each move: the rows are whole, and say nothing that the table of moves and the doors do not."""

import re

import pytest

from dispatch.lifecycle import MOVES, OPEN
from hotline.flow.doors import MOVES_BY_NAME
from hotline.web.pages.form import moves
from hotline.web.pages.form.moves import GROUPS, PRESENTATIONS

ELSEWHERE = {"callback", "verify", "disprove"}  # the forms of `/callback` and `/events`


def test_every_move_has_one_row_and_in_the_same_order() -> None:
    assert list(PRESENTATIONS) == list(MOVES)


def test_who_may_make_a_move_finds_its_form() -> None:
    shown = {name for name, row in PRESENTATIONS.items() if row.group}
    decides = {name for name, move in MOVES.items() if move.decides}
    assert shown == set(MOVES_BY_NAME) - decides - ELSEWHERE
    assert {row.group for row in PRESENTATIONS.values()} == {"", *GROUPS}


@pytest.mark.parametrize("name", sorted(set(MOVES_BY_NAME) - {"callback"}))
def test_a_form_asks_for_what_its_move_needs(name: str) -> None:
    asked = {field.name for field in moves.of(name).fields if field.required}
    needed = set(MOVES[name].needs)
    assert needed <= asked or (name, needed, asked) == ("drop_card", {"reason"}, {"note"})  # its note is the reason


def test_what_has_no_form_has_nothing_that_belongs_to_one() -> None:
    rows = [moves.of(name) for name in set(MOVES) - set(MOVES_BY_NAME)]
    assert [
        row for row in rows if row.key or row.hint or row.fields or row.desks or row.first_in or row.called_for
    ] == []


def test_a_ticket_waits_for_a_move_only_where_it_may_be_made() -> None:
    assert [name for name, row in PRESENTATIONS.items() if not set(row.first_in) <= MOVES[name].origins & OPEN] == []


def test_a_citizen_reads_a_heading_with_every_word_that_is_quoted() -> None:
    assert [name for name, row in PRESENTATIONS.items() if row.quoted and not row.heading] == []
    given = {word for row in PRESENTATIONS.values() for word in re.findall(r"%\((\w+)\)s", row.heading)}
    assert given == {"unit"}


def test_desks_offer_what_their_people_may_do() -> None:
    for desk, role in (("/dispatch", "dispatcher"), ("/supervise", "supervisor")):
        assert moves.at(desk)
        assert [name for name in moves.at(desk) if role not in MOVES[name].who] == []
    assert {desk for row in PRESENTATIONS.values() for desk in row.desks} == {"/dispatch", "/supervise"}


def test_of_a_move_nobody_knows_nothing_is_shown() -> None:
    assert moves.of("fly") == moves.Presentation()
