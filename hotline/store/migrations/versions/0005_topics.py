"""hot topics, their tickets, and when what is done once in a while was last begun

Revision: 0005, after 0004
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STRING = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "topic",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", STRING(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", STRING(length=300), nullable=False),
        sa.Column("words", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("recent", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=True),
        sa.Column("new", sa.Boolean(), nullable=False),
        sa.Column("rising", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("first_at", MOMENT(), nullable=False),
        sa.Column("last_at", MOMENT(), nullable=False),
        sa.Column("found_at", MOMENT(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("mark", STRING(length=16), nullable=False),
        sa.Column("marked_by", STRING(length=64), nullable=False),
        sa.Column("marked_at", MOMENT(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
        sa.UniqueConstraint("region", "number", name=op.f("uq_topic_region_number")),
    )
    with op.batch_alter_table("topic", schema=None) as batch_op:
        batch_op.create_index("ix_topic_region", ["region", "active"], unique=False)
    op.create_table(
        "topic_ticket",
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("near", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("topic_id", "ticket_id", name=op.f("pk_topic_ticket")),
    )
    op.create_table(
        "round",
        sa.Column("region", STRING(length=32), nullable=False),
        sa.Column("name", STRING(length=32), nullable=False),
        sa.Column("at", MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("region", "name", name=op.f("pk_round")),
    )


def downgrade() -> None:
    op.drop_table("round")
    op.drop_table("topic_ticket")
    op.drop_table("topic")
