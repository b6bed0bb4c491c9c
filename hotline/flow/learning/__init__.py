"""Learning from closed tickets: a first set of rules, and models that are trained, compared and promoted."""
