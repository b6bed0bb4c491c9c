"""The one schema: importing this knows every row."""

from sqlmodel import SQLModel

from hotline.store import figures, learning, outbox, people, requests, signatures, tickets

ROWS = (figures, learning, outbox, people, requests, signatures, tickets)
METADATA = SQLModel.metadata
