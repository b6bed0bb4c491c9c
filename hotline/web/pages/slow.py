"""A brake for the public page: so many tries a minute for one key, in this process."""

from threading import Lock

MOST_KEYS = 50_000


class Brake:
    """Counts tries in whole minutes; `now` is any clock in seconds."""

    def __init__(self, tries: int) -> None:
        self._tries = tries
        self._minute = 0
        self._counts: dict[str, int] = {}
        self._lock = Lock()

    def allows(self, keys: tuple[str, ...], now: float) -> bool:
        """Count one try of every key; say whether none of them had too many in this minute."""
        with self._lock:
            minute = int(now // 60)
            if minute != self._minute or len(self._counts) > MOST_KEYS:
                self._minute, self._counts = minute, {}
            for key in keys:
                self._counts[key] = self._counts.get(key, 0) + 1
            return all(self._counts[key] <= self._tries for key in keys)

    def forgive(self, key: str) -> None:
        """Take back one try of a key: it was an honest one."""
        with self._lock:
            if self._counts.get(key):
                self._counts[key] -= 1
