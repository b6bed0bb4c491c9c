"""The one schema: importing this knows every row."""

from sqlmodel import SQLModel

from hotline.store import figures, learning, opinions, outbox, people, requests, signatures, tickets

ROWS = (figures, learning, opinions, outbox, people, requests, signatures, tickets)
METADATA = SQLModel.metadata
