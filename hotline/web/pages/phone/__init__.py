"""The grid leader's phone: plain mobile pages that open, and keep what is typed, without a network."""
