"""The migrations and the rows say the same; an old database comes to the newest, and running again changes nothing."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from hotline.store import db
from hotline.store.schema import METADATA
from tests import servers


def test_the_newest_migration_is_the_rows(database_url: str) -> None:
    engine = db.connect(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        differences = compare_metadata(context, METADATA)
    engine.dispose()
    assert differences == []


def test_a_migrated_database_is_at_the_head(database_url: str) -> None:
    current, newest = db.schema_state(database_url)
    assert current == newest is not None


def test_upgrading_again_changes_nothing(database_url: str) -> None:
    engine = db.connect(database_url)
    before = sorted(sa.inspect(engine).get_table_names())
    db.upgrade(database_url)
    assert sorted(sa.inspect(engine).get_table_names()) == before
    assert set(METADATA.tables) == set(before) - {"alembic_version"}
    engine.dispose()


def test_an_empty_sqlite_file_comes_to_the_head(tmp_path: Path) -> None:
    url = f"sqlite+pysqlite:///{tmp_path}/new.db"
    assert db.schema_state(url)[0] is None
    db.upgrade(url)
    current, newest = db.schema_state(url)
    assert current == newest


@pytest.mark.postgres
def test_an_empty_postgresql_database_comes_to_the_head(postgres_cluster: servers.Postgres) -> None:
    url = postgres_cluster.empty()
    db.upgrade(url)
    assert len(set(db.schema_state(url))) == 1
    postgres_cluster.drop(url)


def test_no_migration_carries_city_data() -> None:
    folder = Path(db.__file__).with_name("migrations") / "versions"
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.py")]
    assert texts
    assert not [text for text in texts if "op.bulk_insert" in text or "INSERT" in text.upper()]
