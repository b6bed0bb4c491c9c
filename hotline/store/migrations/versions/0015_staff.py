"""leave of grid leaders, and hand-overs of their work

Revision: 0015, after 0014
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "staff_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", text(length=32), nullable=False),
        sa.Column("kind", text(length=16), nullable=False),
        sa.Column("login", text(length=64), nullable=False),
        sa.Column("taker", text(length=64), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("back", sa.Date(), nullable=True),
        sa.Column("by", text(length=64), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("ended_by", text(length=64), nullable=False),
        sa.Column("changed_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_change")),
    )
    op.create_index("ix_staff_change_changed", "staff_change", ["region", "changed_at"])
    op.create_index("ix_staff_change_last", "staff_change", ["region", "last"])


def downgrade() -> None:
    op.drop_index("ix_staff_change_last", "staff_change")
    op.drop_index("ix_staff_change_changed", "staff_change")
    op.drop_table("staff_change")
