"""The load generator: keep-alive connections that post as fast as they are answered.

A process of its own.

    python -m hotline.bench.client < Order (JSON, one line; then one body a line) > Tally (JSON)

Every answer is read and checked; what is not `status` counts as wrong, and a number given twice as well.
"""

import asyncio
import sys
import time
from functools import partial
from typing import cast

import msgspec
import uvloop

LONGEST_WAIT = 20.0  # seconds an answer may take


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to post where.  `key`: what the Idempotency-Keys of this slice start with."""

    port: int
    path: str
    token: str
    connections: int
    seconds: float
    status: int
    key: str


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What came back.  Milliseconds are of a closed loop: they hide the wait in front of a server that stalls."""

    good: int
    wrong: int
    seconds: float
    p50_ms: float
    p99_ms: float
    first_wrong: str = ""


class _Load:
    """What all connections share."""

    def __init__(self, order: Order, bodies: list[bytes]) -> None:
        self.order, self._bodies = order, bodies
        head = (
            f"POST {order.path} HTTP/1.1\r\nHost: 127.0.0.1:{order.port}\r\nAuthorization: Bearer {order.token}\r\n"
            "Content-Type: application/json\r\nAccept: application/json\r\nIdempotency-Key: "
        )
        self._head = head.encode()
        self._expected = f"HTTP/1.1 {order.status} ".encode()
        self.until = 0.0
        self.sent = 0
        self.waits: list[float] = []
        self.wrong: list[bytes] = []
        self.numbers: set[bytes] = set()

    def next(self) -> bytes:
        """Return the next request."""
        self.sent += 1
        body = self._bodies[self.sent % len(self._bodies)].replace(b"@@@@@@@@", b"%08d" % self.sent)
        key = f"{self.order.key}-{self.sent}".encode()
        return b"%s%s\r\nContent-Length: %d\r\n\r\n%s" % (self._head, key, len(body), body)

    def took(self, answer: bytes, body: bytes, wait: float) -> None:
        """Take an answer."""
        self.waits.append(wait)
        if not answer.startswith(self._expected) or body in self.numbers:
            self.wrong.append(answer)
        self.numbers.add(body)


class _Line(asyncio.Protocol):
    """One connection: ask, read the whole answer, ask again until the time is up."""

    def __init__(self, load: _Load, done: "asyncio.Future[None]") -> None:
        self._load, self.done = load, done
        self._answer, self._asked = b"", 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's own has no such base
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        split = self._answer.find(b"\r\n\r\n")
        if split < 0:
            return
        place = self._answer.lower().find(b"content-length: ", 0, split)
        length = int(self._answer[place + 16 : self._answer.find(b"\r", place)]) if place > 0 else 0
        if len(self._answer) < split + 4 + length:
            return
        now = time.perf_counter()
        self._load.took(self._answer, self._answer[split + 4 :], now - self._asked)
        self._answer = b""
        if now < self._load.until:
            self._ask()
        elif not self.done.done() and self._transport is not None:
            self.done.set_result(None)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed the connection"))

    def _ask(self) -> None:
        assert self._transport is not None
        self._asked = time.perf_counter()
        self._transport.write(self._load.next())


async def _run(load: _Load) -> float:
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    load.until = begun + load.order.seconds
    ends = [loop.create_future() for _ in range(load.order.connections)]
    for end in ends:
        await loop.create_connection(partial(_Line, load, end), "127.0.0.1", load.order.port)
    async with asyncio.timeout(load.order.seconds + LONGEST_WAIT):
        await asyncio.gather(*ends)
    return time.perf_counter() - begun


def main() -> None:
    """Read the order and the bodies, post, print what came back."""
    first, *rest = sys.stdin.buffer.read().splitlines()
    load = _Load(msgspec.json.decode(first, type=Order), rest)
    seconds = uvloop.run(_run(load))
    waits = sorted(load.waits)
    tally = Tally(
        good=len(waits) - len(load.wrong),
        wrong=len(load.wrong),
        seconds=seconds,
        p50_ms=waits[len(waits) // 2] * 1000,
        p99_ms=waits[int(len(waits) * 0.99)] * 1000,
        first_wrong=load.wrong[0][:600].decode(errors="replace") if load.wrong else "",
    )
    sys.stdout.buffer.write(msgspec.json.encode(tally))


if __name__ == "__main__":
    main()
