"""Photos and voice notes over the wire: in pieces, once, by their bytes, and for nobody else's eyes."""

import io
import zlib
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from PIL import Image

from hotline import clock
from hotline.channels import attached
from hotline.store import db
from hotline.store.schema import METADATA

Web = TestClient[Litestar]
Bearer = Callable[[str], dict[str, str]]
Announce = Callable[..., str]
PIECE, TICKET = METADATA.tables["file_piece"], METADATA.tables["ticket"]
LEADER, GRID = "wu.haoran", "990101001001001"
PLACE = "30.123456"


def photo(width: int = 640, height: int = 480, kind: str = "JPEG", **more: Any) -> bytes:
    """Return a picture with some detail, and with what a camera writes beside it."""
    made = Image.effect_noise((width, height), 40).convert("RGB")
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x9286] = "Camera of 13800009999", 6, PLACE
    drawn = io.BytesIO()
    made.save(drawn, kind, exif=exif, quality=95, **more)
    return drawn.getvalue()


def claimed(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it is this large."""
    head = b"IHDR" + width.to_bytes(4) + height.to_bytes(4) + b"\x08\x02\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n"
        b"\x00\x00\x00\x0d" + head + zlib.crc32(head).to_bytes(4) + b"\x00\x00\x00\x40IDAT" + b"\x00" * 64
    )


SMALL = photo()
VOICE = b"\x1aE\xdf\xa3" + b"\x00" * 400


@pytest.fixture
def number(running: Web, bearer: Bearer) -> str:
    """A ticket in the leader's grid."""
    body = {"text": f"门口的井盖松了。{uuid4()}", "unit": "cgj", "grid": GRID}
    made: str = running.post("/api/v1/tickets", json=body, headers=bearer("agent")).json()["number"]
    running.post(f"/api/v1/tickets/{made}/moves/route", json={"unit": "cgj"}, headers=bearer("dispatcher"))
    return made


@pytest.fixture
def announce(running: Web, bearer: Bearer, number: str) -> Announce:
    """A function that says a file will follow, and returns its identifier."""

    def say(size: int, kind: str = "photo") -> str:
        key, now = str(uuid4()), clock.now().isoformat()
        form = {
            "kind": "answer", "number": number, "said": {"answer": "doing"}, "occurred_at": now, "sent_at": now,
            "files": [{"id": key, "kind": kind, "size": size}],
        }  # fmt: skip
        assert running.put(f"/api/v1/submissions/{uuid4()}", json=form, headers=bearer(LEADER)).status_code == 201
        return key

    return say


def put(web: Web, headers: dict[str, str], key: str, body: bytes, at: int = 0, total: int = 0) -> Response:
    given = headers | {"Content-Range": f"bytes {at}-{at + len(body) - 1}/{total or len(body)}"}
    return web.put(f"/api/v1/files/{key}", content=body, headers=given | {"Content-Type": "application/octet-stream"})


def shown(web: Web, headers: dict[str, str], number: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = web.get(f"/api/v1/tickets/{number}", headers=headers).json()["files"]
    return found


def test_a_photo_in_pieces_goes_on_where_it_stopped(
    running: Web, bearer: Bearer, announce: Announce, number: str
) -> None:
    mine, body = bearer(LEADER), photo(2400, 1600)
    key, half = announce(len(body)), len(body) // 2
    assert running.get(f"/api/v1/files/{key}", headers=mine).json() == {
        "id": key,
        "received": 0,
        "done": False,
        "code": "",
    }
    first = put(running, mine, key, body[:200_000], 0, len(body))
    assert (first.status_code, first.json()["received"]) == (202, 200_000)
    gap = put(running, mine, key, body[half : half + 10], half, len(body))
    assert (gap.status_code, gap.json()) == (
        409,
        {"id": key, "received": 200_000, "done": False, "code": "wrong_offset"},
    )
    assert shown(running, mine, number)[-1]["done"] is False
    at = 200_000
    while at < len(body):
        last = put(running, mine, key, body[at : at + 200_000], at, len(body))
        at += 200_000
    assert (last.status_code, last.json()["done"]) == (201, True)
    again = put(running, mine, key, body[:10], 0, len(body))
    assert (again.status_code, again.json()) == (200, {"id": key, "received": len(body), "done": True, "code": ""})
    kept = shown(running, bearer("cgj"), number)[-1]
    assert (kept["done"], kept["media"], kept["role"]) == (True, "image/jpeg", "grid_leader")
    with db.reading() as session:
        pieces = session.execute(sa.select(sa.func.count()).where(PIECE.c.file_id == UUID(kept["id"])))
        assert pieces.scalar_one() == 1


def test_what_is_stored_is_small_upright_and_tells_nothing(
    running: Web, bearer: Bearer, announce: Announce, number: str
) -> None:
    body = photo(2400, 1600)
    assert PLACE.encode() in body
    key = announce(len(body))
    for at in range(0, len(body), 200_000):
        put(running, bearer(LEADER), key, body[at : at + 200_000], at, len(body))
    kept = shown(running, bearer(LEADER), number)[-1]
    read = running.get(f"/api/v1/tickets/{number}/files/{kept['id']}", headers=bearer("cgj"))
    assert read.headers["content-type"] == "image/jpeg"
    assert "sandbox" in read.headers["content-security-policy"]
    assert read.headers["x-content-type-options"] == "nosniff"
    with Image.open(io.BytesIO(read.content)) as stored:
        assert (stored.size, dict(stored.getexif())) == ((1067, 1600), {})  # turned as the camera was held
    assert len(read.content) <= 500_000
    assert PLACE.encode() not in read.content
    assert b"13800009999" not in read.content


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "photo", "不是能识别的照片"),
        (b"<!doctype html><script>alert(1)</script>", "photo", "不是能识别的照片"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 200, "photo", "HEIC"),
        (claimed(5_000, 4_000), "photo", "1600 万像素"),
        (SMALL[: len(SMALL) // 2], "photo", "不完整"),
        (b"GIF89a" + b"\x00" * 100, "photo", "不是能识别的照片"),
        (b"MZ" + b"\x00" * 100, "voice", "不是能识别的录音"),
        (SMALL, "voice", "不是能识别的录音"),
    ],
    ids=["svg", "html", "heic", "20 megapixels", "half", "gif", "program", "photo as voice"],
)
def test_what_cannot_be_kept_is_said_and_may_be_sent_anew(
    running: Web, bearer: Bearer, announce: Announce, number: str, body: bytes, kind: str, said: str
) -> None:
    key = announce(len(body), kind)
    wrong = put(running, bearer(LEADER), key, body)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_file"), wrong.text
    assert said in wrong.json()["message"]
    assert running.get(f"/api/v1/files/{key}", headers=bearer(LEADER)).json()["received"] == 0
    history = running.get(f"/api/v1/tickets/{number}", headers=bearer(LEADER)).json()["history"]
    assert history[-1]["note"] == "正在处理"  # the words are there


def test_thirty_megapixels_are_made_small(running: Web, bearer: Bearer, announce: Announce, number: str) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (6400, 4800), (90, 120, 60)).save(drawn, "JPEG", quality=30)
    body = drawn.getvalue()
    key = announce(len(body))
    for at in range(0, len(body), 200_000):
        done = put(running, bearer(LEADER), key, body[at : at + 200_000], at, len(body))
    assert done.status_code == 201, done.text
    assert (shown(running, bearer(LEADER), number)[-1]["width"]) == 1600


def test_a_recording_and_kinds_of_pictures_are_known_by_their_bytes(
    running: Web, bearer: Bearer, announce: Announce, number: str
) -> None:
    for body, kind, media in (
        (VOICE, "voice", "audio/webm"), (b"OggS" + b"\x00" * 50, "voice", "audio/ogg"),
        (photo(kind="PNG"), "photo", "image/jpeg"), (photo(kind="WEBP"), "photo", "image/jpeg"),
    ):  # fmt: skip
        key = announce(len(body), kind)
        for at in range(0, len(body), 250_000):
            put(running, bearer(LEADER), key, body[at : at + 250_000], at, len(body))
        assert shown(running, bearer(LEADER), number)[-1]["media"] == media


def test_a_name_is_never_a_path(running: Web, bearer: Bearer, announce: Announce) -> None:
    key = announce(len(SMALL))
    for name in ("..%2F..%2Fx.jpg", "x.jpg", f"{key}%00"):
        assert running.put(f"/api/v1/files/{name}", content=SMALL, headers=bearer(LEADER)).status_code == 404


def test_only_who_promised_it_sends_it_even_when_the_ticket_moved_on(
    running: Web, bearer: Bearer, announce: Announce, number: str
) -> None:
    key = announce(len(SMALL))
    other = put(running, bearer("cgj"), key, SMALL)
    assert (other.status_code, other.json()["code"]) == (404, "no_such_file")
    assert put(running, bearer(LEADER), str(uuid4()), SMALL).status_code == 404
    with db.transaction() as session:
        away = {"grid": "990101004001001", "leader": "ding.dayong", "state": "closed"}
        session.execute(sa.update(TICKET).where(TICKET.c.number == number).values(away))
    assert put(running, bearer(LEADER), key, SMALL).status_code == 201
    kept = shown(running, bearer("cgj"), number)[-1]
    hidden = f"/api/v1/tickets/{number}/files/{kept['id']}"
    assert running.get(hidden, headers=bearer("cgj")).status_code == 200
    assert running.get(hidden, headers=bearer(LEADER)).status_code == 404  # no longer hers to see
    assert running.get(hidden, headers=bearer("hwzx")).status_code == 404
    assert running.get(hidden).status_code == 401


@pytest.mark.parametrize(
    ("given", "status"),
    [("bytes 0-9/5", 422), ("bytes 0-9/999", 422), ("bytes 5-1/10", 422), ("nonsense", 422), ("bytes 0-8/10", 422)],
)
def test_a_range_that_does_not_add_up(
    running: Web, bearer: Bearer, announce: Announce, given: str, status: int
) -> None:
    key = announce(10)
    answer = running.put(
        f"/api/v1/files/{key}", content=b"0123456789", headers=bearer(LEADER) | {"Content-Range": given}
    )
    assert (answer.status_code, answer.json()["fields"][0]["path"]) == (status, "Content-Range")


def test_a_piece_too_large(running: Web, bearer: Bearer, announce: Announce) -> None:
    key = announce(400_000)
    assert put(running, bearer(LEADER), key, b"0" * 300_000, 0, 400_000).status_code == 413


def test_whatever_comes_half_a_megabyte_is_kept() -> None:
    """Noise is what a JPEG is worst at."""
    noise = Image.effect_noise((2400, 1800), 200).convert("RGB")
    drawn = io.BytesIO()
    noise.save(drawn, "JPEG", quality=85)
    kept = attached.clean("photo", drawn.getvalue())
    assert len(kept.body) <= 500_000
    assert max(kept.width, kept.height) >= 900


def test_a_file_of_another_ticket_or_on_its_way_is_not_there(
    running: Web, bearer: Bearer, announce: Announce, number: str
) -> None:
    key = announce(len(SMALL))
    waiting = shown(running, bearer(LEADER), number)[-1]
    for one in (waiting["id"], str(uuid4())):
        answer = running.get(f"/api/v1/tickets/{number}/files/{one}", headers=bearer(LEADER))
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_file")
    put(running, bearer(LEADER), key, SMALL)
    other = running.post("/api/v1/tickets", json={"text": "另一件。", "grid": GRID}, headers=bearer("agent")).json()
    foreign = running.get(f"/api/v1/tickets/{other['number']}/files/{waiting['id']}", headers=bearer("agent"))
    assert foreign.status_code == 404
