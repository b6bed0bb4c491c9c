"""Alembic's entry: runs on the connection `hotline.store.db` hands over.  Schema only, never city data."""

from alembic import context

from hotline.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
