"""from when a ticket out of a merge counts; chains of joins become one step

Revision: 0022, after 0021
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# who joined what was itself joined since stands in the matter that one is in; again, until no chain is left
FLATTEN = sa.text("""
    UPDATE ticket SET joined_to = (SELECT main.joined_to FROM ticket AS main WHERE main.id = ticket.joined_to)
    WHERE state = 'joined' AND EXISTS (
        SELECT 1 FROM ticket AS main
        WHERE main.id = ticket.joined_to AND main.state = 'joined' AND main.joined_to IS NOT NULL
          AND main.joined_to <> ticket.id)""")
LONGEST = 50


def upgrade() -> None:
    op.add_column("ticket", sa.Column("promised_from", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    for _ in range(LONGEST):
        if not op.get_bind().execute(FLATTEN).rowcount:
            break


def downgrade() -> None:
    op.drop_column("ticket", "promised_from")
