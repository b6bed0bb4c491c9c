"""Lists of strings in a JSON column, asked on both engines."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


class holds(sa.sql.functions.FunctionElement[bool]):  # noqa: N801 - SQL functions are written small
    """`(list, value)`: a JSON list of strings holds this one.  The databases have no word for it in common."""

    inherit_cache = True
    type = sa.Boolean()
    name = "holds"


@compiles(holds, "sqlite")
def _holds_sqlite(element: holds, compiler: SQLCompiler, **options: Any) -> str:
    column, value = (compiler.process(part, **options) for part in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({column}) AS held WHERE held.value = {value})"


@compiles(holds, "postgresql")
def _holds_postgresql(element: holds, compiler: SQLCompiler, **options: Any) -> str:
    column, value = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} @> to_jsonb(CAST({value} AS text)))"
