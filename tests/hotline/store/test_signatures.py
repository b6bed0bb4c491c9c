"""The index of what is alike: found by shared numbers, bounded, forgotten by quarters, the same on both engines."""

import threading
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from hotline.store import db, signatures
from hotline.store.ids import new_id
from hotline.store.signatures import EACH, QUARTER, SIGNATURE, Signed
from tests.cast import DAY, MINUTE, NOW, REGION, Office, counted


def put(*keys: int, at: timedelta = timedelta(), region: str = REGION) -> UUID:
    one = Signed(new_id(NOW - at), NOW - at, keys)
    with db.transaction() as session:
        signatures.put(session, region, [one])
    return one.id


def near(*keys: int, back: int = 365, most: int = 40) -> list[UUID]:
    with db.reading() as session:
        query = signatures.nearest(session, REGION, keys, NOW - back * DAY, NOW, most)
        return list(session.execute(query).scalars())


def test_who_shares_most_comes_first_and_who_shares_nothing_not_at_all(office: Office) -> None:
    two, one = put(1, 2, -3), put(1, 7)
    put(8, 9)
    put(1, 2, region="elsewhere")
    assert near(1, 2, -3) == [two, one]
    assert near(5) == near() == []


def test_a_rare_number_counts_more_than_a_common_one(office: Office) -> None:
    rare = put(5, at=2 * DAY)
    common = [put(1, at=n * MINUTE) for n in range(9)]
    assert near(1, 5)[0] == rare
    assert near(1, 5)[1:] == common


def test_a_number_leads_to_its_newest_few_only(office: Office) -> None:
    ids = [put(1, at=n * MINUTE) for n in range(EACH + 5)]
    assert sorted(near(1)) == sorted(ids[:EACH])
    assert len(near(1, most=3)) == 3


def test_putting_again_changes_nothing_and_takes_one_statement(office: Office) -> None:
    batch = [Signed(new_id(NOW), NOW, tuple(range(n, n + 16))) for n in range(100)]
    for _ in range(2):
        with counted(office.engine) as sent, db.transaction() as session:
            signatures.put(session, REGION, [*batch, Signed(new_id(NOW), NOW, ())])
        assert len(sent) == 1
    assert len(office.rows("signature")) == 1600
    with db.transaction() as session, counted(office.engine) as sent:
        signatures.put(session, REGION, [])
    assert sent == []


def test_two_batches_with_the_same_tickets_both_go_through(office: Office) -> None:
    batch = [Signed(new_id(NOW), NOW, tuple(range(n, n + 16))) for n in range(50)]
    failed: list[BaseException] = []

    def work(order: int) -> None:
        try:
            for _ in range(5):
                with db.transaction() as session:
                    signatures.put(session, REGION, batch[::order])
        except BaseException as wrong:
            failed.append(wrong)

    threads = [threading.Thread(target=work, args=(order,)) for order in (1, -1)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    assert len(office.rows("signature")) == 800


def test_old_quarters_are_forgotten_a_batch_at_a_time(office: Office) -> None:
    quarter = timedelta(seconds=QUARTER)
    young, old = put(1, 2, at=2 * quarter), put(1, 2, 3, at=6 * quarter)
    assert set(near(1, back=900)) == {young, old}
    assert near(1, back=365) == [young]
    with db.transaction() as session:
        assert signatures.forget(session, REGION, NOW - 4 * quarter) == 3
        assert signatures.forget(session, REGION, NOW - 4 * quarter) == 0
    assert near(1, back=900) == [young]


def test_the_index_is_asked_through_its_key(office: Office) -> None:
    put(1, 2)
    with db.reading() as session:
        if session.get_bind().dialect.name == "sqlite":
            explain = "EXPLAIN QUERY PLAN"
        else:
            session.execute(sa.text("SET LOCAL enable_seqscan = off"))
            explain = "EXPLAIN"
        query = signatures.nearest(session, REGION, (1, 2), NOW - DAY, NOW)
        said = str(query.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
        plan = "\n".join(str(row) for row in session.connection().exec_driver_sql(f"{explain} {said}"))
    assert "quarter" in plan
    assert "key" in plan
    assert f"SCAN {SIGNATURE.name}" not in plan
    assert "Seq Scan" not in plan
    assert "JIT" not in plan
