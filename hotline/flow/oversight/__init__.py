"""Looking at the journey from outside: tickets that lie still, the truth of the history, one ticket's whole way."""
