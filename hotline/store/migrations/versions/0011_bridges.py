"""calls through the switchboard: a code instead of the number

Revision: 0011, after 0010
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "bridge",
        sa.Column("region", text(length=32), nullable=False),
        sa.Column("code", text(length=64), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("login", text(length=64), nullable=False),
        sa.Column("until", moment(), nullable=False),
        sa.Column("used_at", moment(), nullable=True),
        sa.Column("used_by", text(length=64), nullable=False),
        sa.PrimaryKeyConstraint("region", "code", name=op.f("pk_bridge")),
    )


def downgrade() -> None:
    op.drop_table("bridge")
