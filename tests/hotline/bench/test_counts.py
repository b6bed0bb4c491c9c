"""The gate that holds on every machine: statements and commands an operation costs; and that the reference is fair."""

import psycopg
import pytest

from hotline.bench import counts, ground, intake, pgbench, servers
from hotline.bench.ratios import Count
from hotline.bench.servers import CannotMeasure
from hotline.store.schema import METADATA
from tests.servers import missing

pytestmark = [pytest.mark.postgres, pytest.mark.processes]


@pytest.fixture(scope="module")
def measured() -> tuple[list[Count], dict[str, dict[str, object]]]:
    """The counts, and the rows the reference's statement writes."""
    try:
        with servers.postgres() as cluster, servers.valkey() as redis_url:
            return counts.measure(cluster, redis_url), _reference(cluster)
    except CannotMeasure as reason:
        missing(reason)
        raise


def test_every_count_is_within_its_limit(measured: tuple[list[Count], dict[str, dict[str, object]]]) -> None:
    found = {one.name: one.value for one in measured[0]}
    assert found.keys() == counts.LIMITS.keys()
    assert {name for name, value in found.items() if not 0 < value <= counts.LIMITS[name][1]} == set()


def test_the_reference_writes_one_row_in_each_table_of_an_intake(
    measured: tuple[list[Count], dict[str, dict[str, object]]],
) -> None:
    rows = measured[1]
    ticket, entry, event, key = rows["ticket"], rows["entry"], rows["outbox"], rows["intake_key"]
    assert ticket["id"] == entry["ticket_id"] == event["ticket_id"]
    assert ticket["number"] == key["number"] == event["number"]
    assert ticket["caller_id"] == rows["caller"]["id"]
    assert (ticket["state"], entry["move"], event["move"]) == ("received", "receive", "receive")
    assert len(str(ticket["text"])) >= 140


def _reference(cluster: servers.Postgres) -> dict[str, dict[str, object]]:
    city, _ = ground.settle(cluster.migrated("reference"))
    statement = pgbench.script(intake._arrival(city)).splitlines()[1].replace(":n", "7").replace("%", "%%")
    with psycopg.connect(cluster.dsn("reference"), autocommit=True) as line:
        line.execute(statement.encode())
        found = {}
        for name in intake.ROWS:
            columns = list(METADATA.tables[name].columns.keys())
            rows = line.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall()
            assert len(rows) == 1, name
            found[name] = dict(zip(columns, rows[0], strict=True))
    return found
