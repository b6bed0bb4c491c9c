"""Photos and voice notes on the phone, in a real Chromium: kept before anything is sent, there once."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, expect

from hotline.store import db
from hotline.store.schema import METADATA
from hotline.web.pages.assets import DIST, manifest
from tests.hotline.web.pages.carried import Carry, enter, lines, stored, until
from tests.hotline.web.pages.seen import ENTRY, TICKET

pytestmark = pytest.mark.browser


def picture(width: int = 3000, height: int = 2000) -> dict[str, object]:
    """Return a photo as a camera makes it: large, and with the place in it."""
    exif = Image.Exif()
    exif[0x010F] = "Camera 30.123456"
    drawn = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(drawn, "JPEG", exif=exif, quality=90)
    return {"name": "../../x.jpg", "mimeType": "image/jpeg", "buffer": drawn.getvalue()}


def pick(page: Page, *chosen: dict[str, object], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Choose files as a hand does: tap, and look for them (`meanwhile`) in the window that opens."""
    with page.expect_file_chooser() as window:
        page.click("label:has(input[type=file])")
    meanwhile()
    window.value.set_files(list(chosen))


@pytest.mark.parametrize("worker", [True, False])
def test_a_report_with_a_photo_filled_in_offline_arrives_once(carry: Carry, worker: bool) -> None:
    """Offline from the first tap: a photo, a restart (where a worker runs), a piece lost on the way."""
    phone = carry(worker=worker)
    page = phone.pages[0]
    page.click("nav.tabs a:has-text('上报')")
    page.wait_for_url("**/m/report")
    page.wait_for_selector("[data-shots]:visible")
    phone.set_offline(True)
    words = f"围墙外的路灯杆倒了。{worker}"
    pick(page, picture(), picture(400, 300))
    expect(page.locator(".thumbs img")).to_have_count(2)
    page.click("[data-unpick] >> nth=1")
    expect(page.locator(".thumbs img")).to_have_count(1)
    if worker:
        page.close()  # the photo is kept before anything is submitted
        page = phone.new_page()
        page.goto("/m/report")
        expect(page.locator(".thumbs img")).to_have_count(1)
    page.fill("textarea[name=text]", words)
    page.click("label.pick:has-text('需要派单')")
    page.click(".submit button")
    expect(page.locator("#strip")).to_contain_text("1 件待上传")
    assert (stored(page, "ops"), stored(page, "files")) == (1, 1)
    page.route("**/api/v1/files/*", lambda route: route.abort("connectionreset"), times=1)
    phone.set_offline(False)
    expect(page.locator("#strip")).to_be_hidden(timeout=15_000)
    assert (stored(page, "ops"), stored(page, "files")) == (0, 0)
    with db.reading() as session:
        query = sa.select(TICKET.c.number, TICKET.c.id).where(TICKET.c.text == words)
        [(number, ticket)] = session.execute(query).all()
        query = sa.select(METADATA.tables["file"]).where(METADATA.tables["file"].c.ticket_id == ticket)
        [file] = session.execute(query).all()
    assert file.done
    assert max(file.width, file.height) == 1600
    assert file.size <= 500_000
    page.goto(f"/m/{number}")
    expect(page.locator(".line .thumbs img")).to_have_count(1)
    until(page, lambda: bool(page.evaluate("document.querySelector('.line .thumbs img').naturalWidth === 1600")))


def test_a_photo_the_browser_cannot_read_costs_no_word(carry: Carry) -> None:
    page = carry().pages[0]
    page.click(".cards a >> nth=1")
    page.wait_for_selector("[data-shots]:visible")
    page.fill("textarea[name=note]", "照片读不了。")
    broken = {"name": "a.heic", "mimeType": "image/heic", "buffer": b"\x00\x00\x00\x18ftypheic" + b"\x00" * 99}
    pick(page, broken)
    expect(page.locator(".shots-told")).to_contain_text("读不了")
    page.click("label.pick:has-text('正在处理')")
    page.click(".submit button")
    expect(page.locator(".flash")).to_contain_text("已提交")
    assert (lines("照片读不了。"), stored(page, "files")) == (1, 0)


def test_a_photo_the_server_refuses_is_said_and_the_words_are_there(carry: Carry) -> None:
    page = carry().pages[0]
    refusal = {"code": "bad_file", "message": "照片不完整或已损坏，没有保存；请重拍或重选"}
    page.route("**/api/v1/files/*", lambda route: route.fulfill(status=422, json=refusal))
    page.click(".cards a >> nth=1")
    page.wait_for_selector("[data-shots]:visible")
    pick(page, picture(300, 200))
    expect(page.locator("form .thumbs img")).to_have_count(1)
    page.fill("textarea[name=note]", "照片被退回。")
    page.click("label.pick:has-text('正在处理')")
    page.click(".submit button")
    expect(page.locator(".flash")).to_contain_text("已提交")
    page.click("nav.tabs a:has-text('待传')")
    expect(page.locator("#waiting .why")).to_contain_text("照片不完整")
    expect(page.locator("#waiting .arrived")).to_contain_text("文字已提交")
    assert lines("照片被退回。") == 1


def test_a_voice_note_is_recorded_with_two_taps(site: str, engine: Chromium, chromium: Path) -> None:
    spoken = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    talking = engine.browser_type.launch(executable_path=str(chromium), args=spoken)
    page = talking.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", base_url=site).new_page()
    enter(page, "ding.dayong")
    page.click(".cards a >> nth=1")
    page.click("[data-record]")
    expect(page.locator("[data-record]")).to_have_text("说完了")
    page.wait_for_timeout(1500)
    page.click("[data-record]")
    expect(page.locator(".thumbs audio")).to_have_count(1)
    page.click("label.pick:has-text('正在处理')")
    page.click(".submit button")
    expect(page.locator(".flash")).to_contain_text("已提交")
    expect(page.locator("#strip")).to_be_hidden()
    until(page, lambda: stored(page, "files") == 0)
    with db.reading() as session:
        files = METADATA.tables["file"]
        heard = session.execute(sa.select(files).where(files.c.kind == "voice")).one()
    assert (heard.done, heard.media) == (True, "audio/webm")
    talking.close()


def test_a_microphone_that_is_refused_is_said_in_words(carry: Carry) -> None:
    phone = carry()
    phone.clear_permissions()
    page = phone.pages[0]
    page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('NotAllowedError')); }")
    page.click(".cards a >> nth=1")
    page.click("[data-record]")
    expect(page.locator(".shots-told")).to_contain_text("没有得到话筒的许可")


@pytest.mark.parametrize("comes", [True, False])
def test_a_photo_chosen_before_the_scripts_are_there_is_not_lost(carry: Carry, comes: bool) -> None:
    """The lazy half of the scripts comes late, or not at all: the photo goes either way."""
    phone = carry(worker=False)
    page = phone.new_page()
    lazy = re.search(r'import\("\./([^"]+)"\)', (DIST / manifest(DIST)["phone.js"]).read_text(encoding="utf-8"))
    assert lazy
    held: list[Route] = []
    page.route(f"**/static/{lazy.group(1)}", lambda route: route.abort() if held else held.append(route))
    page.goto("/m")
    page.click(".cards a >> nth=1")
    page.wait_for_selector("[data-shots]")
    pick(page, picture(600, 400))
    until(page, lambda: bool(held))
    held[0].continue_() if comes else held[0].abort()
    words = f"脚本还没到。{comes}"
    page.fill("textarea[name=note]", words)
    page.click("label.pick:has-text('正在处理')")
    page.click(".submit button")
    expect(page.locator(".flash")).to_contain_text("已提交")
    until(page, lambda: arrived(words) == 1)


def test_a_newer_page_does_not_take_the_form_away_while_a_photo_is_looked_for(carry: Carry) -> None:
    page = carry(worker=False).pages[0]
    held: list[Route] = []
    page.route("**/m/SL*", lambda route: held.append(route))  # noqa: PLW0108 - the binding wants a function of its own
    page.click(".cards a >> nth=1")

    def comes() -> None:
        page.evaluate("document.activeElement.blur()")  # not every phone leaves the focus there
        until(page, lambda: bool(held))
        with page.expect_response("**/m/SL*"):
            held[0].continue_()

    pick(page, picture(300, 200), meanwhile=comes)
    expect(page.locator("form .thumbs img")).to_have_count(1)


def arrived(words: str) -> int:
    """Return how many files stand whole beside the line with these words."""
    files = METADATA.tables["file"]
    line = sa.and_(ENTRY.c.ticket_id == files.c.ticket_id, ENTRY.c.seq == files.c.seq)
    query = sa.select(sa.func.count()).select_from(files.join(ENTRY, line))
    with db.reading() as session:
        return int(session.execute(query.where(files.c.done, ENTRY.c.note.contains(words))).scalar_one())
