"""Imports every row class, so that the schema is complete."""

from sqlmodel import SQLModel

from hotline.store import (
    bridges,
    figures,
    files,
    guesses,
    learning,
    lookups,
    movekeys,
    opinions,
    outbox,
    people,
    requests,
    signatures,
    staff,
    submissions,
    tickets,
    troubles,
    visits,
)

ROWS = (
    bridges,
    figures,
    files,
    guesses,
    learning,
    movekeys,
    lookups,
    opinions,
    outbox,
    people,
    requests,
    signatures,
    staff,
    submissions,
    tickets,
    troubles,
    visits,
)
METADATA = SQLModel.metadata
