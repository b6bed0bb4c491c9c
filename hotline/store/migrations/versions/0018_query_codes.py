"""query codes of tickets, and wrong guesses at them

Revision: 0018, after 0017
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.add_column("ticket", sa.Column("query_hash", text(length=64), nullable=False, server_default=""))
    op.create_table(
        "guess",
        sa.Column("key", text(length=80), nullable=False),
        sa.Column("fails", sa.Integer(), nullable=False),
        sa.Column("free_at", moment(), nullable=False),
        sa.Column("until", moment(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_guess")),
    )
    op.create_index("ix_guess_until", "guess", ["until"])


def downgrade() -> None:
    op.drop_index("ix_guess_until", "guess")
    op.drop_table("guess")
    op.drop_column("ticket", "query_hash")
