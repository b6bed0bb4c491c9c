"""Middleware around every request and response, whatever route it takes, even none: headers, counting, timing.

Labels are route templates, never addresses: nothing personal can get into a metric.  Where a request comes from, and
over which scheme, is settled here for all that follows (`hotline.web.peers`).
"""

import logging
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram

from hotline.web import peers
from hotline.web.peers import Network

POLICY = (
    b"default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    b"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(self), camera=(self), microphone=(self)"),
    (b"cache-control", b"no-store"),
)
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")
log = logging.getLogger("hotline.web")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Doorway:
    """Wraps the whole application, its own error answers included."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry, trusted: Sequence[Network] = ()) -> None:
        self._app, self._trusted, self._warned = app, trusted, False
        self._answers = Counter(
            "hotline_http_requests_total", "请求数", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "hotline_http_request_seconds", "请求用时（秒）", ("method", "route"), buckets=BUCKETS, registry=registry
        )
        self._children: dict[tuple[str, str, int], tuple[Any, Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        self._settle(scope)
        begun, status, secure = perf_counter(), 500, scope["scheme"] == "https"

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _completed(message["headers"], secure)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            self._count(scope, status, perf_counter() - begun)

    def _settle(self, scope: Scope) -> None:
        """Let the scope say who the client is, not who handed the request on."""
        peer, port = scope.get("client") or ("", 0)
        address, scheme = peers.origin(peer, scope["scheme"], scope["headers"], self._trusted)
        scope["client"], scope["scheme"] = (address, port) if address else None, scheme
        if not self._warned and peers.says(scope["headers"]) and not peers.believed(peer, self._trusted):
            self._warned = True
            log.warning("X-Forwarded-For from %s is not believed; a proxy is named in HOTLINE_TRUSTED_PROXIES", peer)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        method = str(scope.get("method"))
        key = (method if method in METHODS else "other", str(scope.get("path_template") or "none"), status)
        if key not in self._children:
            self._children[key] = (
                self._answers.labels(key[0], key[1], str(status)),
                self._seconds.labels(key[0], key[1]),
            )
        answers, timer = self._children[key]
        answers.inc()
        timer.observe(seconds)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _completed(given: Any, secure: bool) -> list[tuple[bytes, bytes]]:
    """Return the response's own headers and those of ours it does not carry itself."""
    own = [(name.lower(), value) for name, value in given]
    names = {name for name, _ in own}
    own += [header for header in HEADERS if header[0] not in names]
    return [*own, STRICT_TRANSPORT] if secure else own
