"""THE JOURNEY of a ticket, one file a step, in the order of travel:

1 receive · 2 classify · 3 locate · 4 route · 5 promise (2-5 strung together in `triage`) · 6 handle · 7 escalate ·
8 call_back · 9 measure.  `moves` writes every state; `learn` starts a city from its history.

Every step reads: take the locked rows, ask the pure rule, write row, history and event.  No step commits and none calls
the outside world; what follows a move stands in `hotline.jobs.journey.NEXT`.
"""
