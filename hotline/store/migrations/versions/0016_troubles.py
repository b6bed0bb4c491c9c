"""what needs a person, beats of the rounds, moves made once under their key

Revision: 0016, after 0015
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "trouble",
        sa.Column("region", text(length=32), nullable=False),
        sa.Column("kind", text(length=16), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("number", text(length=32), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("told_at", moment(), nullable=True),
        sa.PrimaryKeyConstraint("region", "kind", "key", name=op.f("pk_trouble")),
    )
    op.create_table(
        "beat",
        sa.Column("boot", text(length=64), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("steady", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("boot", name=op.f("pk_beat")),
    )
    op.create_table(
        "move_key",
        sa.Column("region", text(length=32), nullable=False),
        sa.Column("login", text(length=64), nullable=False),
        sa.Column("key", text(length=128), nullable=False),
        sa.Column("digest", text(length=32), nullable=False),
        sa.Column("number", text(length=32), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("region", "login", "key", name=op.f("pk_move_key")),
    )
    op.create_index("ix_move_key_at", "move_key", ["region", "at"])


def downgrade() -> None:
    op.drop_index("ix_move_key_at", "move_key")
    op.drop_table("move_key")
    op.drop_table("beat")
    op.drop_table("trouble")
