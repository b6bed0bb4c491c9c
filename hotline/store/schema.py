"""The one schema: importing this knows every row."""

from sqlmodel import SQLModel

from hotline.store import (
    bridges,
    figures,
    files,
    learning,
    lookups,
    opinions,
    outbox,
    people,
    requests,
    signatures,
    staff,
    submissions,
    tickets,
    visits,
)

ROWS = (
    bridges,
    figures,
    files,
    learning,
    lookups,
    opinions,
    outbox,
    people,
    requests,
    signatures,
    staff,
    submissions,
    tickets,
    visits,
)
METADATA = SQLModel.metadata
