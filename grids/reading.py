"""How much of a text the rules read: one budget before every classifier and locator.

A matter stands at the head of its text, and no text may hold up the others.  What lies beyond is stored, shown and
searched like the rest; only nothing is concluded from it.
"""

READ = 4000  # characters


def head(text: str) -> str:
    """Return what of a text the rules read."""
    return text[:READ]
