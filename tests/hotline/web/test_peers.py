"""Where a request comes from: what trusted proxies say, and nothing that a client wrote itself."""

import asyncio
import logging
from ipaddress import ip_network
from typing import Any

import pytest
from litestar.connection import ASGIConnection
from prometheus_client import CollectorRegistry

from hotline.web import access, peers
from hotline.web.doorway import Doorway

PROXY, NEAR = "10.0.0.5", "10.0.0.9"
TRUSTED = (ip_network("10.0.0.0/24"), ip_network("fd00::/8"))


def forwarded(*lines: str, proto: str = "") -> list[tuple[bytes, bytes]]:
    """Return headers with these lines of X-Forwarded-For."""
    given = [(b"X-Forwarded-For", line.encode("latin-1")) for line in lines]
    return given + ([(b"x-forwarded-proto", proto.encode())] if proto else [])


@pytest.mark.parametrize(("peer", "lines", "address"), [
    # nobody is trusted by the way alone
    ("127.0.0.1",       ("203.0.113.7",),                            "127.0.0.1"),
    ("198.51.100.1",    ("203.0.113.7",),                            "198.51.100.1"),
    # a proxy is believed, a client's own words before it are not
    (PROXY,             ("203.0.113.7",),                            "203.0.113.7"),
    (PROXY,             ("1.1.1.1, 203.0.113.7",),                   "203.0.113.7"),
    (PROXY,             ("1.1.1.1", "203.0.113.7"),                  "203.0.113.7"),
    (PROXY,             ("10.0.0.77, 203.0.113.7",),                 "203.0.113.7"),
    (PROXY,             (f"1.1.1.1, 203.0.113.7, {NEAR}",),          "203.0.113.7"),
    (PROXY,             (NEAR,),                                     NEAR),
    (PROXY,             (),                                          PROXY),
    # spellings
    (PROXY,             ("203.0.113.7:4711",),                       "203.0.113.7"),
    (PROXY,             ("[2001:db8::1]:443",),                      "2001:db8::1"),
    (PROXY,             ("2001:DB8:0::1",),                          "2001:db8::1"),
    (PROXY,             ("::ffff:203.0.113.7",),                     "203.0.113.7"),
    ("::ffff:10.0.0.5", ("203.0.113.7",),                            "203.0.113.7"),
    ("fd00::1",         ("203.0.113.7",),                            "203.0.113.7"),
    # what is no address ends the way: nothing further left is anybody's word
    (PROXY,             ("203.0.113.7, unknown",),                   PROXY),
    (PROXY,             ("203.0.113.7, , ",),                        PROXY),
    (PROXY,             (f"203.0.113.7, \xff', {NEAR}",),            NEAR),
    (PROXY,             ("1.1.1.1, " * 3000 + "203.0.113.7",),       "203.0.113.7"),
    ("testclient",      ("203.0.113.7",),                            "testclient"),
    ("",                ("203.0.113.7",),                            ""),
])  # fmt: skip
def test_the_address(peer: str, lines: tuple[str, ...], address: str) -> None:
    assert peers.origin(peer, "http", forwarded(*lines), TRUSTED)[0] == address


@pytest.mark.parametrize(("peer", "proto", "scheme"), [
    (PROXY, "https", "https"), (PROXY, "HTTPS", "https"), (PROXY, "", "http"), (PROXY, "javascript", "http"),
    (PROXY, "http, https", "https"), ("127.0.0.1", "https", "http"), ("198.51.100.1", "https", "http"),
])  # fmt: skip
def test_the_scheme(peer: str, proto: str, scheme: str) -> None:
    assert peers.origin(peer, "http", forwarded("203.0.113.7", proto=proto), TRUSTED)[1] == scheme


@pytest.mark.parametrize(("address", "network"), [
    ("203.0.113.7", "203.0.113.7"), ("::ffff:203.0.113.7", "203.0.113.7"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
    ("2001:db8:1:3::1", "2001:db8:1:3::/64"), ("fe80::1%eth0", "fe80::/64"), ("testclient", "testclient"), ("", ""),
])  # fmt: skip
def test_what_guesses_are_counted_by(address: str, network: str) -> None:
    assert peers.network_of(address) == network


def through(trusted: tuple[Any, ...], peer: tuple[str, int] | None, headers: list[tuple[bytes, bytes]]) -> Any:
    """Send one request through the door; return the scope the application gets."""
    seen: list[Any] = []

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        seen.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def sent(_: Any) -> None: ...

    async def none() -> Any: ...

    scope: Any = {"type": "http", "method": "GET", "scheme": "http", "headers": headers, "client": peer}
    asyncio.run(Doorway(app, CollectorRegistry(), trusted)(scope, none, sent))
    return seen[0]


@pytest.mark.parametrize(("scheme", "written", "whose"), [
    ("https", "https://city.example", "own"), ("https", "http://city.example", "foreign"),
    ("http", "http://city.example", "own"), ("http", "https://city.example", "own"), ("http", "", "unknown"),
    ("https", "https://elsewhere.example", "foreign"),
])  # fmt: skip
def test_a_page_that_came_without_encryption_is_another_site(scheme: str, written: str, whose: str) -> None:
    headers = [(b"host", b"city.example"), *([(b"origin", written.encode())] if written else [])]
    connection: Any = ASGIConnection({"type": "http", "scheme": scheme, "headers": headers})
    assert access._origin(connection) == whose


def test_the_door_settles_it_for_all_that_follows(caplog: pytest.LogCaptureFixture) -> None:
    headers = forwarded("1.1.1.1, 203.0.113.7", proto="https")
    found = through(TRUSTED, (PROXY, 5), headers)
    assert (found["client"], found["scheme"]) == (("203.0.113.7", 5), "https")
    assert caplog.text == ""
    with caplog.at_level(logging.WARNING):
        found = through((), ("127.0.0.1", 5), headers)
    assert (found["client"], found["scheme"]) == (("127.0.0.1", 5), "http")
    assert "HOTLINE_TRUSTED_PROXIES" in caplog.text
    assert through((), None, headers)["client"] is None
