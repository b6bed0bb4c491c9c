"""tickets are found by their upstream number (上级编号)

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

HAS_ONE = sa.text("source_ref <> ''")


def upgrade() -> None:
    op.create_index(
        "ix_ticket_upstream", "ticket", ["region", "source_ref"], postgresql_where=HAS_ONE, sqlite_where=HAS_ONE
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_upstream", table_name="ticket")
