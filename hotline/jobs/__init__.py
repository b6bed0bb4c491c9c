"""Background work: the outbox relay, the queue, one job a step, and the periodic rounds.

The database is the truth and the queue is a hint: a job is a wake-up that claims what waits, and a queue that lost one
is told again.
"""
