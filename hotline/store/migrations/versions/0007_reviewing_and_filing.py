"""archived is an end too: the indexes of what is open say so, and one finds what is due to be filed away

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = {"ix_ticket_waiting": "state", "ix_ticket_unit_open": "unit", "ix_ticket_grid_open": "grid"}
BEFORE = "state NOT IN ('closed', 'joined', 'refused', 'withdrawn', 'voided')"
AFTER = "state NOT IN ('closed', 'archived', 'joined', 'refused', 'withdrawn', 'voided')"
CLOSED = sa.text("state = 'closed' AND pending = ''")


def upgrade() -> None:
    _open_is(AFTER)
    op.create_index(
        "ix_ticket_closed", "ticket", ["region", "closed_at", "id"], postgresql_where=CLOSED, sqlite_where=CLOSED
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_closed", "ticket")
    _open_is(BEFORE)


def _open_is(said: str) -> None:
    for name, column in OPEN.items():
        op.drop_index(name, "ticket")
        op.create_index(
            name, "ticket", ["region", column, "id"], postgresql_where=sa.text(said), sqlite_where=sa.text(said)
        )
