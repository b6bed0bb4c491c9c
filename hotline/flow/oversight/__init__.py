"""Looking at the journey from outside: does a ticket lie still, is its history true, what was its whole way."""
