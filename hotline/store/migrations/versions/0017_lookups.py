"""look-ups by a caller's number

Revision: 0017, after 0016
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "lookup",
        sa.Column("region", text(length=32), nullable=False),
        sa.Column("login", text(length=64), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("phone_hash", text(length=64), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("region", "login", "slot", "phone_hash", name=op.f("pk_lookup")),
    )
    op.create_index("ix_lookup_at", "lookup", ["region", "at"])


def downgrade() -> None:
    op.drop_index("ix_lookup_at", "lookup")
    op.drop_table("lookup")
