"""The one schema: importing this knows every row."""

from sqlmodel import SQLModel

from hotline.store import figures, learning, outbox, people, requests, tickets

ROWS = (figures, learning, outbox, people, requests, tickets)
METADATA = SQLModel.metadata
