"""The hottest path: N matters in one statement, each key once, whoever comes at the same moment."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from hotline.flow import receive
from hotline.store import db, intake
from hotline.store.intake import Known
from hotline.wire.tickets import Received
from tests.cast import NOW, REGION, Office, counted

TABLES = ("intake_key", "ticket", "entry", "outbox")


@pytest.mark.postgres
@pytest.mark.parametrize("count", [1, 100])
def test_on_postgresql_intake_is_one_statement(postgres_url: str, count: int) -> None:
    office = Office(postgres_url)
    arrivals = [office.arrival(phone=f"1380000{n:04d}") for n in range(count)]
    with counted(office.engine) as sent, db.statement() as connection:
        receive.put_all(connection, arrivals)
    assert len(sent) == 1
    assert [len(office.rows(table)) for table in TABLES] == [count] * 4
    assert len(office.rows("caller")) == count


def test_every_column_arrives_as_it_was_given(office: Office) -> None:
    arrival = office.arrival(
        text="引号'\"\\ 换行\n制表\t，表情😀，零宽\u200b", phone="13800001234", name="李", address="甲", lng=91.515102,
        lat=39.859067, urgency="urgent", confidential=True, extra={"a": [1, {"b": None}], "c": "\\u0041"},
        occurred_at=NOW, kind="投诉", source="12345", source_ref="K'1",
    )  # fmt: skip
    office.put([arrival])
    for table, given in (("ticket", arrival.ticket), ("entry", arrival.entry), ("intake_key", arrival.key),
                         ("caller", arrival.caller), ("outbox", arrival.outbox)):  # fmt: skip
        (row,) = office.rows(table)
        assert given is not None
        assert dict(row._mapping) == given, table
    assert office.broken_links() == []


def test_a_matter_without_phone_and_one_nobody_is_told_of(office: Office) -> None:
    office.put([office.arrival(), office.arrival(quiet=True)])
    assert [len(office.rows(table)) for table in (*TABLES, "caller")] == [2, 2, 2, 1, 0]


def test_a_key_twice_in_one_batch_makes_one_ticket(office: Office) -> None:
    said = {"source": "12345", "source_ref": "T1", "text": "路灯不亮"}
    one, two, other = office.arrival(**said), office.arrival(**said), office.arrival(source="12345", source_ref="T2")
    with db.statement() as connection:
        found = receive.put_all(connection, [one, two, other])
    assert [one.status for one in found if isinstance(one, Received)] == ["accepted", "known", "accepted"]
    assert isinstance(found[1], Received)
    assert found[1].number == one.key["number"]
    assert [len(office.rows(table)) for table in TABLES] == [2, 2, 2, 2]


def test_one_caller_twice_in_one_batch_is_one_row(office: Office) -> None:
    office.put([office.arrival(phone="13800001234") for _ in range(3)])
    assert (len(office.rows("caller")), len(office.rows("ticket"))) == (1, 3)


def test_an_empty_batch_sends_nothing(office: Office) -> None:
    with counted(office.engine) as sent, db.statement() as connection:
        assert intake.put_many(connection, []) == set()
    assert sent == []


def test_known_keys_are_told_with_number_and_body(office: Office) -> None:
    arrival = office.arrival(source="12345", source_ref="T3")
    office.put([arrival])
    with db.statement() as connection:
        found = intake.known(connection, REGION, [("12345", "T3"), ("8890", "T3")])
    assert found == {("12345", "T3"): Known(arrival.key["number"], arrival.key["body_hash"])}


def test_the_same_key_from_many_threads_makes_one_ticket(office: Office) -> None:
    said = {"source": "12345", "source_ref": "T4", "text": "路灯不亮", "phone": "13800001234"}
    arrivals = [office.arrival(**said) for _ in range(8)]
    start = threading.Barrier(8)

    def put(arrival: intake.Arrival) -> Received:
        start.wait()
        return office.put([arrival])[0]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(put, arrivals))
    assert sorted(one.status for one in found) == ["accepted"] + ["known"] * 7
    assert len({one.number for one in found}) == 1
    assert [len(office.rows(table)) for table in (*TABLES, "caller")] == [1] * 5


def test_a_batch_that_fails_leaves_nothing(office: Office) -> None:
    good, bad = office.arrival(), office.arrival()
    bad.ticket["received_at"] = None
    with pytest.raises(Exception, match=r"(?i)null"), db.statement() as connection:
        intake.put_many(connection, [good, bad])
    assert [len(office.rows(table)) for table in (*TABLES, "caller")] == [0] * 5


@pytest.mark.parametrize("seed", range(6))
def test_batches_with_the_same_keys_in_other_orders_do_not_wait_for_each_other(office: Office, seed: int) -> None:
    refs = [f"{seed}-{place}" for place in range(40)]

    def write(writer: int) -> int:
        arrivals = [
            office.arrival(text=f"第{ref}件", source="12345", source_ref=ref, phone=f"138{place:08d}")
            for place, ref in enumerate(refs)
        ]
        random.Random(seed * 100 + writer).shuffle(arrivals)
        with db.statement() as connection:
            return len(intake.put_many(connection, arrivals))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(write, range(4))) == len(refs)
    assert sorted(row.source_ref for row in office.rows("ticket")) == sorted(refs)
