"""what a phone hands in, each once

Revision: 0009, after 0008
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "submission",
        sa.Column("region", text(length=32), nullable=False),
        sa.Column("login", text(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", text(length=64), nullable=False),
        sa.Column("kind", text(length=16), nullable=False),
        sa.Column("number", text(length=32), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("files", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("occurred_at", moment(), nullable=False),
        sa.Column("received_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("region", "login", "id", name=op.f("pk_submission")),
    )
    op.create_index("ix_submission_ticket", "submission", ["ticket_id"])


def downgrade() -> None:
    op.drop_index("ix_submission_ticket", "submission")
    op.drop_table("submission")
