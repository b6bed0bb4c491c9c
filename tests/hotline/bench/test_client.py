"""The load generator: what it sends, and what it takes for a good answer."""

import pytest

from hotline.bench.client import Order, _Load

ORDER = Order(port=1, path="/x", token="t", connections=1, seconds=1.0, status=201, key="k")


def _load() -> _Load:
    return _Load(ORDER, [b'{"phone":"0000-@@@@@@@@"}', b'{"phone":"0000-@@@@@@@@","more":1}'])


def test_every_request_has_its_own_key_and_caller_and_says_its_length() -> None:
    load = _load()
    sent = [load.next() for _ in range(4)]
    assert len(set(sent)) == 4
    for at, one in enumerate(sent, start=1):
        head, _, body = one.partition(b"\r\n\r\n")
        assert f"Idempotency-Key: k-{at}\r\n".encode() in head
        assert b"0000-%08d" % at in body
        assert head.endswith(b"Content-Length: %d" % len(body))


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ([b"HTTP/1.1 201 Created\r\n\r\na", b"HTTP/1.1 201 Created\r\n\r\nb"], 0),
        ([b"HTTP/1.1 201 Created\r\n\r\na", b"HTTP/1.1 200 OK\r\n\r\nb"], 1),
        ([b"HTTP/1.1 201 Created\r\n\r\na", b"HTTP/1.1 201 Created\r\n\r\na"], 1),
        ([b"HTTP/1.1 503 Busy\r\n\r\na", b"HTTP/1.1 503 Busy\r\n\r\nb"], 2),
    ],
)
def test_another_status_and_a_number_given_twice_are_wrong(answers: list[bytes], wrong: int) -> None:
    load = _load()
    for answer in answers:
        load.took(answer, answer[-1:], 0.001)
    assert len(load.wrong) == wrong
    assert len(load.waits) == 2
