"""The one schema: importing this knows every row."""

from sqlmodel import SQLModel

from hotline.store import learning, outbox, people, tickets

ROWS = (learning, outbox, people, tickets)
METADATA = SQLModel.metadata
