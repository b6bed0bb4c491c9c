"""Photos within a form, where no script sends them after it: kept with their words, once; refused, no word is lost."""

import io
import re
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from PIL import Image

from hotline.channels import attached
from hotline.store import db, files
from hotline.store.schema import METADATA
from hotline.web.pages.form import photos
from tests.hotline.web.pages import stage
from tests.hotline.web.pages.conftest import Browser, Visitor, hidden
from tests.hotline.web.pages.seen import ENTRY, TICKET, numbers, row
from tests.hotline.web.test_api_files import PLACE, photo

FILE, PIECE = METADATA.tables["file"], METADATA.tables["file_piece"]
GIVEN = ("../../x.jpg", photo(2400, 1600))
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HEIC = b"\x00\x00\x00\x18ftypheic" + b"\x00" * 200


def kept(number: str) -> list[Any]:
    """Return the files of a ticket, in the order they are shown."""
    with db.reading() as session:
        query = sa.select(FILE).where(FILE.c.ticket_id == row(number).id).order_by(FILE.c.seq, FILE.c.id)
        return list(session.execute(query).all())


def pieces(file: UUID) -> list[bytes]:
    with db.reading() as session:
        return list(session.execute(sa.select(PIECE.c.body).where(PIECE.c.file_id == file)).scalars())


def last(number: str) -> str:
    """Return the last line of a ticket's history."""
    with db.reading() as session:
        query = sa.select(ENTRY.c.note).where(ENTRY.c.ticket_id == row(number).id).order_by(ENTRY.c.seq.desc())
        return str(session.execute(query).scalars().first())


def walked(me: Visitor) -> str:
    """Return a ticket of the leader that may be reported on."""
    return str(re.findall(r'href="/m/(SL\d+)"', me.get("/m").text)[-1])


def form_of(me: Visitor, page: str, **said: str) -> dict[str, str]:
    """Return a form as its page gives it, filled in."""
    text = me.get(page).text
    assert 'enctype="multipart/form-data"' in text
    names = [name for name in ("csrf_token", "seq", "key") if f'name="{name}"' in text]
    return {name: hidden(text, name) for name in names} | said


def in_hand(*, helping: bool = False) -> str:
    """Return a ticket that cgj has in hand."""
    words = stage.WAITING["helped" if helping else "extended"][0]
    return numbers(TICKET.c.text == words)[0]


def test_an_answer_brings_its_photo_and_what_a_camera_wrote_is_gone(browser: Browser) -> None:
    me = browser("ding.dayong")
    number = walked(me)
    form = form_of(me, f"/m/{number}", answer="doing", note="路面已围挡")
    assert f"{number} 已提交" in me.carry(f"/m/{number}", form, GIVEN).text
    [one] = kept(number)
    assert (one.done, one.role, one.seq, one.login) == (True, "grid_leader", row(number).seq, "ding.dayong")
    assert (one.media, one.width, one.height) == ("image/jpeg", 1067, 1600)
    [body] = pieces(one.id)
    assert PLACE.encode() not in body
    assert len(body) == one.size <= attached.LARGEST_PHOTO
    assert last(number) == "正在处理。路面已围挡"
    for page in (me.get(f"/m/{number}"), browser("pai01").get(f"/tickets/{number}")):
        assert f'<img src="/api/v1/tickets/{number}/files/{one.id}"' in page.text
    assert me.get(f"/api/v1/tickets/{number}/files/{one.id}").content == body
    assert f"{number} 已提交" in me.carry(f"/m/{number}", form, GIVEN).text, "the same form again is answered as done"
    stale = me.carry(f"/m/{number}", form | {"key": "another"}, GIVEN)
    assert stale.status_code == 409
    assert "照片请重新选择" in stale.text
    assert len(kept(number)) == 1


def test_a_photo_alone_is_a_report_and_the_form_that_comes_twice_brings_it_once(browser: Browser) -> None:
    me = browser("ding.dayong")
    form = form_of(me, "/m/report", end="dispatch", seen=" ".join(numbers()))
    before, other = len(numbers()), ("y.png", photo(kind="PNG"))
    assert "请说一句，或者选一个类别" in me.carry("/m/report", form).text
    for _ in range(2):
        assert "已提交" in me.carry("/m/report", form, GIVEN, other).text
    number = numbers()[0]
    assert (len(numbers()), row(number).text) == (before + 1, "巡查发现，情况见照片或录音")
    assert [(one.done, one.width, one.login) for one in kept(number)] == [
        (True, 1067, "ding.dayong"), (True, 480, "ding.dayong"),
    ]  # fmt: skip


def test_what_is_open_nearby_is_shown_first_and_the_photos_are_asked_for_again(browser: Browser) -> None:
    me = browser("ding.dayong")
    near = row(numbers(TICKET.c.grid == "990101004001001", TICKET.c.state == "routed")[0])
    form = form_of(me, "/m/report", area=near.area, grid=near.grid, end="dispatch")
    shown = me.carry("/m/report", form, GIVEN)
    assert "请再点提交。照片请重新选择。" in shown.text


def test_a_whistle_brings_its_photo(browser: Browser) -> None:
    me = browser("ding.dayong")
    number = next(
        one for one in re.findall(r'href="/m/(SL\d+)"', me.get("/m").text) if "/whistle" in me.get(f"/m/{one}").text
    )
    page = me.get(f"/m/{number}/whistle").text
    reasons = re.findall(r'name="reason" value="([^"]+)"', page)
    form = form_of(me, f"/m/{number}/whistle", note="请来人看看")
    wrong = me.carry(f"/m/{number}/whistle", form, GIVEN)
    assert (wrong.status_code, "请选一个吹哨理由照片" in wrong.text) == (422, True) or "照片请重新选择" in wrong.text
    before = len(kept(number))
    for reason in reasons:
        if "已吹哨" in me.carry(f"/m/{number}/whistle", form | {"reason": reason}, GIVEN).text:
            break
    assert len(kept(number)) == before + 1


def test_nothing_chosen_is_no_photo(browser: Browser) -> None:
    me = browser("ding.dayong")
    number = walked(me)
    before = len(kept(number))
    form = form_of(me, f"/m/{number}", answer="there", note="没有照片")
    assert "已提交" in me.carry(f"/m/{number}", form).text
    assert (last(number), len(kept(number))) == ("已到现场。没有照片", before)


@pytest.mark.parametrize(
    ("name", "body", "why"),
    [
        ("图.svg", SVG, "“图.svg”没有附上：这不是能识别的照片"),
        ("page.jpg", b"<!doctype html><script>alert(1)</script>", "“page.jpg”没有附上：这不是能识别的照片"),
        ("IMG_1.HEIC", HEIC, "“IMG_1.HEIC”没有附上：HEIC 格式的照片暂不支持"),
        ("half.jpg", GIVEN[1][:9000], "“half.jpg”没有附上：照片不完整或已损坏"),
        ("a/b\\<b>c.jpg", b"GIF89a", "“&lt;b&gt;c.jpg”没有附上"),
        ("big.jpg", b"\xff\xd8\xff" + b"0" * attached.LARGEST_SENT, "“big.jpg”没有附上：照片超过 12 MB"),
        (f"{'长' * 60}.jpg", b"", f"“…{'长' * 36}.jpg”没有附上"),
    ],
    ids=["svg", "html", "heic", "half", "gif with a path", "13 MB", "empty"],
)
def test_a_photo_that_cannot_be_kept_costs_no_word(browser: Browser, name: str, body: bytes, why: str) -> None:
    me = browser("ding.dayong")
    number = walked(me)
    before, held = row(number).seq, len(kept(number))
    form = form_of(me, f"/m/{number}", answer="cannot", note="写了很久的话", basis="移交清单", unit="szzx")
    back = me.carry(f"/m/{number}", form, ("good.jpg", GIVEN[1]), (name, body))
    assert back.status_code == 422
    assert why in back.text
    assert "写了很久的话</textarea>" in back.text
    assert 'value="移交清单"' in back.text
    assert re.search(r'value="cannot" required checked', back.text)
    assert 'aria-invalid="true" aria-describedby="wrong"' in back.text
    assert (row(number).seq, len(kept(number))) == (before, held)


def test_nine_photos_are_kept_in_their_order_and_ten_are_too_many(browser: Browser) -> None:
    me = browser("cgj01")
    number = in_hand()
    chosen = [(f"{place}.jpg", photo(64 + place, 48)) for place in range(10)]
    form = form_of(me, f"/tickets/{number}", note="现场照片如下")
    back = me.carry(f"/tickets/{number}/report", form, *chosen)
    assert back.status_code == 422
    assert "一次最多附 9 张照片" in back.text
    assert "现场照片如下</textarea>" in back.text
    assert kept(number) == []
    me.carry(f"/tickets/{number}/report", form, *chosen[:9])
    found = kept(number)
    assert [one.height for one in found] == [64 + place for place in range(9)]  # turned as the camera was held
    assert {(one.role, one.seq, one.done) for one in found} == {("unit", row(number).seq, True)}


def test_a_unit_reports_with_a_photo_and_both_desks_see_it(browser: Browser) -> None:
    me = browser("cgj01")
    number = in_hand(helping=True)
    page = me.get(f"/tickets/{number}").text
    assert re.search(r'<label for="report-photos">附照片（可不附）', page)
    assert not re.search(r'type="file"[^>]* required', page)  # nobody has to
    form = form_of(me, f"/tickets/{number}", note="油烟净化器已装好")
    bad = me.carry(f"/tickets/{number}/report", form, ("a.svg", SVG))
    assert (bad.status_code, "“a.svg”没有附上" in bad.text) == (422, True)
    assert "油烟净化器已装好</textarea>" in bad.text
    assert 'aria-describedby="wrong-report"' in bad.text
    assert me.carry(f"/tickets/{number}/report", form, GIVEN).url.path == f"/tickets/{number}"
    [one] = kept(number)
    for page in (me.get(f"/tickets/{number}").text, browser("du01").get(f"/tickets/{number}").text):
        assert page.count(f'href="/api/v1/tickets/{number}/files/{one.id}"') == 1
    assert me.carry(f"/tickets/{number}/report", form, GIVEN).url.path == f"/tickets/{number}"
    assert me.carry(f"/tickets/{number}/report", form | {"key": "another"}, GIVEN).status_code == 409
    assert len(kept(number)) == 1
    result = form_of(
        me, f"/tickets/{number}", note="已整改，照片附后。", outcome="solved", contacted="true", alone="true"
    )
    me.carry(f"/tickets/{number}/answer", result, ("after.webp", photo(kind="WEBP")))
    assert [one.seq for one in kept(number)] == [one.seq, row(number).seq]


def test_photos_come_only_with_what_tells_of_work(browser: Browser) -> None:
    me = browser("cgj01")
    number = numbers(TICKET.c.text == stage.WAITING["carded"][0])[0]
    form = form_of(me, f"/tickets/{number}", note="内部说明")
    me.carry(f"/tickets/{number}/note", form, ("a.svg", SVG))
    assert (last(number), kept(number)) == ("内部说明", [])


def test_a_form_that_carries_files_needs_the_token_like_any_other(browser: Browser) -> None:
    me = browser("cgj01")
    number = in_hand()
    before = row(number).seq
    form = form_of(me, f"/tickets/{number}", note="伪造")
    for token in ("", "x" * 43):
        forged = me.carry(f"/tickets/{number}/report", form | {"csrf_token": token}, GIVEN)
        assert (forged.status_code, "页面已过期或请求来自其他网站" in forged.text) == (403, True)
    foreign = me.carry(f"/tickets/{number}/report", form, GIVEN, **{"sec-fetch-site": "cross-site"})
    assert (foreign.status_code, row(number).seq) == (403, before)
    assert browser("").carry(f"/tickets/{number}/report", form, GIVEN).url.path == "/login"


@pytest.mark.parametrize("partial", [False, True])
def test_a_form_too_large_is_refused_in_words(browser: Browser, partial: bool) -> None:
    me = browser("cgj01")
    number = in_hand()
    before = row(number).seq
    form = form_of(me, f"/tickets/{number}", note="太大")
    given = {"hx-request": "true", "x-csrf-token": form["csrf_token"]} if partial else {}
    body = ("big.jpg", b"0" * photos.LARGEST_FORM)
    answer = me.carry(f"/tickets/{number}/report", form, body, **given)
    assert answer.status_code == 413
    assert "trouble" in answer.headers["hx-trigger"] if partial else "内容过大，没有提交" in answer.text
    words = me.carry(f"/tickets/{number}/report", form | {"note": "字" * 1_000_001}, **given)
    assert (words.status_code, row(number).seq) == (413, before)


def test_what_is_no_form_is_refused_and_breaks_nothing(browser: Browser) -> None:
    me = browser("ding.dayong")
    number = walked(me)
    form = form_of(me, f"/m/{number}", answer="there")
    head = (
        b'--b\r\nContent-Disposition: form-data; name="note"\r\nContent-Type: text/plain; charset=klingon\r\n\r\nx\r\n'
    )
    for kind, body in (
        ("multipart/form-data", b"x"), ("multipart/form-data; boundary=b", b"nonsense"),
        ("multipart/form-data; boundary=b", head + b"--b--\r\n"), ("multipart/form-data; boundary=b", b""),
    ):  # fmt: skip
        answer = me._send("POST", f"/m/{number}", body, {"content-type": kind, "x-csrf-token": form["csrf_token"]})
        assert 400 <= answer.status_code < 500, (kind, body)


def test_the_same_photo_chosen_twice_in_a_form_is_there_once(browser: Browser) -> None:
    me = browser("ding.dayong")
    number = walked(me)
    before = len(kept(number))
    form = form_of(me, f"/m/{number}", answer="there", note="两次选中")
    me.carry(f"/m/{number}", form, GIVEN, ("copy.jpg", GIVEN[1]))
    assert len(kept(number)) == before + 1


def test_what_was_drawn_anew_is_a_picture(browser: Browser) -> None:
    me = browser("ding.dayong")
    number = walked(me)
    me.carry(f"/m/{number}", form_of(me, f"/m/{number}", answer="there", note="可打开"), ("a.jpg", photo(300, 200)))
    with db.reading() as session:
        body = files.body(session, kept(number)[-1].id)
    with Image.open(io.BytesIO(body)) as stored:
        assert (stored.format, stored.size, dict(stored.getexif())) == ("JPEG", (200, 300), {})
