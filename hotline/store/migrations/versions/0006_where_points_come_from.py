"""where points come from: the datum and the coordinates a ticket came with, as written

Revision: 0006, after 0005
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("datum", text(length=8), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("coordinates", text(length=64), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_column("coordinates")
        batch_op.drop_column("datum")
