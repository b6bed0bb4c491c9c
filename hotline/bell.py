"""`Bell`: a signal handler may ring it, a loop may wait for it.

`threading.Event` is no such bell: a second signal that comes while the first is setting it waits for its own thread,
for ever.
"""

import os
import select


class Bell:
    """Rung once, it stays rung.  `ring` is one write to a pipe, safe at any moment, however often."""

    def __init__(self) -> None:
        self._hears, self._rings = os.pipe()
        os.set_blocking(self._rings, False)
        self._rung = False

    def ring(self) -> None:
        """Ring it; whoever waits wakes up."""
        if not self._rung:
            self._rung = True
            os.write(self._rings, b"!")

    def is_rung(self) -> bool:
        """Say whether it has been rung."""
        return self._rung

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; say whether it has been rung."""
        if not self._rung:
            select.select([self._hears], [], [], seconds)
        return self._rung
