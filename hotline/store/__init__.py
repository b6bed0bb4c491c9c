"""Row classes (SQLModel) and the statements over them, and nothing else.

A row never leaves the office and decides nothing.

db (engine, transactions) · ids · tickets, people, learning, outbox (rows) · intake, sweep, lists (the hot statements).
"""
