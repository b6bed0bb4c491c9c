"""what a submission said, to know the same words again

Revision: 0021, after 0019
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.add_column("submission", sa.Column("words", text(length=64), nullable=False, server_default=""))
    op.create_index("ix_submission_words", "submission", ["region", "login", "words"])


def downgrade() -> None:
    op.drop_index("ix_submission_words", "submission")
    op.drop_column("submission", "words")
