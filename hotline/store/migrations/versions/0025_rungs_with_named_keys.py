"""a rung of a clock's ladder is an object with named keys, no longer a list read by position

Revision: 0025, after 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# What makes no sense stays as it is: the sweep sets its clock aside, as it did before.  The oldest rungs name neither
# who is told nor a card: the unit was, and the card was the move.
POSTGRESQL = """
    UPDATE clock SET ladder = (
        SELECT jsonb_agg(CASE WHEN {fits} THEN {made} ELSE rung END ORDER BY place)
        FROM jsonb_array_elements(clock.ladder) WITH ORDINALITY AS rungs (rung, place))
    WHERE CASE WHEN jsonb_typeof(ladder) = 'array' THEN jsonb_array_length(ladder) > 0 ELSE false END"""
SQLITE = """
    UPDATE clock SET ladder = (
        SELECT json_group_array(json(made)) FROM (
            SELECT CASE WHEN {fits} THEN {made} WHEN type IN ('array', 'object') THEN value ELSE json_quote(value) END
                   AS made
            FROM json_each(clock.ladder) ORDER BY key))
    WHERE CASE WHEN json_valid(ladder) THEN json_type(ladder) = 'array' AND json_array_length(ladder) > 0 END"""
NAMED = {
    "postgresql": POSTGRESQL.format(
        fits="jsonb_typeof(rung) = 'array' AND jsonb_typeof(rung -> 2) = 'string'",
        made="""jsonb_build_object('at', rung -> 0, 'move', rung -> 1, 'label', rung -> 2,
            'to', coalesce(rung -> 3, '"unit"'), 'card', coalesce(nullif(rung -> 4, '""'), rung -> 1))""",
    ),
    "sqlite": SQLITE.format(
        fits="json_type(clock.ladder, fullkey || '[2]') = 'text'",
        made="""json_object('at', json_extract(clock.ladder, fullkey || '[0]'),
            'move', json_extract(clock.ladder, fullkey || '[1]'), 'label', json_extract(clock.ladder, fullkey || '[2]'),
            'to', coalesce(json_extract(clock.ladder, fullkey || '[3]'), 'unit'),
            'card', coalesce(nullif(json_extract(clock.ladder, fullkey || '[4]'), ''),
                             json_extract(clock.ladder, fullkey || '[1]')))""",
    ),
}
LISTED = {
    "postgresql": POSTGRESQL.format(
        fits="jsonb_typeof(rung) = 'object' AND jsonb_typeof(rung -> 'move') = 'string'",
        made="jsonb_build_array(rung -> 'at', rung -> 'move', rung -> 'label', rung -> 'to', rung -> 'card')",
    ),
    "sqlite": SQLITE.format(
        fits="json_type(clock.ladder, fullkey || '.move') = 'text'",
        made="json_array({})".format(
            ", ".join(
                f"json_extract(clock.ladder, fullkey || '.{key}')" for key in ("at", "move", "label", "to", "card")
            )
        ),
    ),
}


def upgrade() -> None:
    op.execute(sa.text(NAMED[op.get_bind().dialect.name]))


def downgrade() -> None:
    op.execute(sa.text(LISTED[op.get_bind().dialect.name]))
