"""a model learns areas or units, and one of each kind is in use

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("model") as batch_op:
        batch_op.add_column(sa.Column("target", sa.String(length=8), nullable=False, server_default="area"))


def downgrade() -> None:
    op.execute("DELETE FROM model WHERE target <> 'area'")
    with op.batch_alter_table("model") as batch_op:
        batch_op.drop_column("target")
