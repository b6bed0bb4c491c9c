"""a helper may have been whistled for (吹哨), and is rated by the grid; what people suggest (意见建议) is kept

Revision: 0008, after 0007
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    with op.batch_alter_table("assignment") as table:
        table.add_column(sa.Column("whistle", text(length=24), nullable=False, server_default=""))
        table.add_column(sa.Column("helped", sa.Boolean(), nullable=True))
    op.create_table(
        "opinion_box",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", text(length=32), nullable=False),
        sa.Column("login", text(length=64), nullable=False),
        sa.Column("role", text(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_box")),
    )
    op.create_index("ix_opinion_box", "opinion_box", ["region", "id"])


def downgrade() -> None:
    op.drop_index("ix_opinion_box", "opinion_box")
    op.drop_table("opinion_box")
    with op.batch_alter_table("assignment") as table:
        table.drop_column("helped")
        table.drop_column("whistle")
