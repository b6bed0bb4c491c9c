"""what was put right on the spot waits to be verified: an index of the few that wait

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WAITS = sa.text("outcome = 'unverified'")


def upgrade() -> None:
    op.create_index("ix_ticket_unverified", "ticket", ["region", "id"], postgresql_where=WAITS, sqlite_where=WAITS)


def downgrade() -> None:
    op.drop_index("ix_ticket_unverified", "ticket")
