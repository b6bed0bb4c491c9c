"""photos and voice notes of tickets

Revision: 0010, after 0009
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", text(length=32), nullable=False),
        sa.Column("login", text(length=64), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("role", text(length=16), nullable=False),
        sa.Column("kind", text(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("media", text(length=32), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        sa.UniqueConstraint("region", "login", "key", name=op.f("uq_file_region_login_key")),
    )
    op.create_index("ix_file_ticket", "file", ["ticket_id", "seq"])
    op.create_table(
        "file_piece",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "at", name=op.f("pk_file_piece")),
    )


def downgrade() -> None:
    op.drop_table("file_piece")
    op.drop_index("ix_file_ticket", "file")
    op.drop_table("file")
