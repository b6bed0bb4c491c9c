"""The one schema: importing this knows every row."""

from sqlmodel import SQLModel

from hotline.store import figures, learning, opinions, outbox, people, requests, signatures, submissions, tickets

ROWS = (figures, learning, opinions, outbox, people, requests, signatures, submissions, tickets)
METADATA = SQLModel.metadata
