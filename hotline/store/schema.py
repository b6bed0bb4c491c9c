"""The one schema: importing this knows every row."""

from sqlmodel import SQLModel

from hotline.store import figures, files, learning, opinions, outbox, people, requests, signatures, submissions, tickets

ROWS = (figures, files, learning, opinions, outbox, people, requests, signatures, submissions, tickets)
METADATA = SQLModel.metadata
