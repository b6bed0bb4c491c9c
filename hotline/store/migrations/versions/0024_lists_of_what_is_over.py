"""indexes that serve the lists of what is over, so that no page reads the past to its end

Revision: 0024, after 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None

OVER = sa.text("state IN ('closed', 'archived', 'joined', 'refused', 'withdrawn', 'voided')")
JOINED = sa.text("state = 'joined'")
UNVERIFIED = sa.text("outcome = 'unverified'")
LEDGER = {"ix_ticket_unit_over": "unit", "ix_ticket_grid_over": "grid", "ix_ticket_leader_over": "leader"}


def upgrade() -> None:
    op.drop_index("ix_ticket_caller", "ticket")
    op.create_index("ix_ticket_caller", "ticket", ["region", "caller_id", "id"])
    op.drop_index("ix_ticket_unverified", "ticket")
    _unverified("region", "outcome", "id")
    for name, column in LEDGER.items():
        op.create_index(name, "ticket", ["region", column, "id"], postgresql_where=OVER, sqlite_where=OVER)
    op.create_index("ix_ticket_over_joined", "ticket", ["region", "id"], postgresql_where=JOINED, sqlite_where=JOINED)


def downgrade() -> None:
    for name in ("ix_ticket_over_joined", *LEDGER):
        op.drop_index(name, "ticket")
    op.drop_index("ix_ticket_unverified", "ticket")
    _unverified("region", "id")
    op.drop_index("ix_ticket_caller", "ticket")
    op.create_index("ix_ticket_caller", "ticket", ["region", "caller_id"])


def _unverified(*columns: str) -> None:
    where = {"postgresql_where": UNVERIFIED, "sqlite_where": UNVERIFIED}
    op.create_index("ix_ticket_unverified", "ticket", list(columns), **where)
