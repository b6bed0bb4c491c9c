"""visits and errands of the grid

Revision: 0014, after 0013
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OPEN = sa.text("until IS NOT NULL AND done_at IS NULL")


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", text(length=32), nullable=False),
        sa.Column("grid", text(length=64), nullable=False),
        sa.Column("login", text(length=64), nullable=False),
        sa.Column("kind", text(length=24), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("whom_sealed", text(length=400), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("at", moment(), nullable=False),
        sa.Column("done_at", moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    op.create_index("ix_visit_grid", "visit", ["region", "grid", "id"])
    op.create_index("ix_visit_open", "visit", ["region", "grid", "until"], postgresql_where=OPEN, sqlite_where=OPEN)


def downgrade() -> None:
    op.drop_index("ix_visit_open", "visit")
    op.drop_index("ix_visit_grid", "visit")
    op.drop_table("visit")
