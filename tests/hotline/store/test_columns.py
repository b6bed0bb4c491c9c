"""Columns through row classes are the table's own; a ticket as it is carried has the row's columns and no others."""

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hotline.store.callers import Caller
from hotline.store.changes import TicketChanges
from hotline.store.columns import col, columns_of, table_of, values_of
from hotline.store.schema import METADATA
from hotline.store.tickets import Entry, Ticket, TicketRow

TICKET, ENTRY = METADATA.tables["ticket"], METADATA.tables["entry"]


def test_a_column_is_the_tables_own() -> None:
    assert col(TicketRow.state) is TICKET.c.state
    assert table_of(Entry) is ENTRY
    assert columns_of(Entry, ("seq", "at")) == [ENTRY.c.seq, ENTRY.c.at]
    into = TICKET.alias("into")
    assert col(TicketRow.number, into) is into.c.number


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "postgresql"])
def test_statements_read_as_if_the_table_had_been_asked(dialect: sa.Dialect) -> None:
    said = [
        sa.select(col(TicketRow.id), col(Entry.at)).join(ENTRY, col(Entry.ticket_id) == col(TicketRow.id)),
        sa.update(TICKET).where(col(TicketRow.id) == sa.bindparam("which")).values({col(TicketRow.tries): 0}),
        sa.select(TICKET).where(col(TicketRow.state).in_(["closed"])).order_by(col(TicketRow.id).desc()),
    ]
    bare = [
        sa.select(TICKET.c.id, ENTRY.c.at).join(ENTRY, ENTRY.c.ticket_id == TICKET.c.id),
        sa.update(TICKET).where(TICKET.c.id == sa.bindparam("which")).values(tries=0),
        sa.select(TICKET).where(TICKET.c.state.in_(["closed"])).order_by(TICKET.c.id.desc()),
    ]
    assert [str(one.compile(dialect=dialect)) for one in said] == [str(one.compile(dialect=dialect)) for one in bare]


def test_values_are_what_was_said_and_no_row() -> None:
    assert values_of(Caller, id=TicketRow.id, region="r1", phone_hash="h") == {
        "id": TicketRow.id, "region": "r1", "phone_hash": "h",
    }  # fmt: skip


def test_a_carried_ticket_has_the_columns_of_its_row() -> None:
    assert Ticket.__struct_fields__ == tuple(TICKET.c.keys()) == tuple(TicketRow.model_fields)
    blank = {name: field.get_default(call_default_factory=True) for name, field in TicketRow.model_fields.items()}
    given = {name: blank[name] for name, field in TicketRow.model_fields.items() if field.is_required()}
    carried = Ticket(**given)
    assert {name: getattr(carried, name) for name in carried.__struct_fields__} == blank


def test_a_move_changes_columns_and_neither_state_nor_chain() -> None:
    changes = set(TicketChanges.__annotations__)
    assert changes < set(Ticket.__struct_fields__)
    assert not changes & {"id", "region", "number", "state", "seq", "last_hash", "pending", "text", "received_at"}
