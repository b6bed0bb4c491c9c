"""What a phone keeps: a note that is still being spoken, and what it says when it is full."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.hotline.web.pages.carried import Carry, lines, stored

pytestmark = pytest.mark.browser


def fail_store(page: Page, name: str, when: str = "true") -> None:
    """Let this machine be full: nothing more goes into one store."""
    page.evaluate(
        "([name, when]) => { const put = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = function (one) {"
        "if (this.name === name && eval(when)) throw new DOMException('full', 'QuotaExceededError');"
        "return put.call(this, one); }; }".replace("eval(when)", when),
        [name, when],
    )


def test_a_full_phone_without_a_network_stays_and_says_so(carry: Carry) -> None:
    phone = carry(worker=False)
    page = phone.pages[0]
    page.click(".cards a >> nth=1")
    page.wait_for_url("**/m/SL*")
    fail_store(page, "ops")
    phone.set_offline(True)
    address = page.url
    page.click("label.pick:has-text('正在处理')")
    page.fill("textarea[name=note]", "手机存满了，也没网。")
    page.click(".submit button")
    expect(page.locator("#refused")).to_contain_text("没有提交，也没有存下")
    assert page.url == address
    expect(page.locator("textarea[name=note]")).to_have_value("手机存满了，也没网。")
    assert stored(page, "ops") == 0
    phone.set_offline(False)
    page.click(".submit button")
    expect(page.locator(".flash")).to_contain_text("已提交")
    assert lines("手机存满了，也没网。") == 1


def test_a_photo_that_finds_no_room_is_said(carry: Carry) -> None:
    page = carry(worker=False).pages[0]
    page.click(".cards a >> nth=1")
    page.wait_for_url("**/m/SL*")
    page.wait_for_selector("[data-record]:visible")
    fail_store(page, "files")
    drawn = io.BytesIO()
    Image.new("RGB", (80, 60), "#7a8").save(drawn, "JPEG")
    page.click("textarea[name=note]")  # a form she is at is not taken away by the page made new behind it
    page.set_input_files("input[type=file]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": drawn.getvalue()})
    expect(page.locator(".shots-told")).to_contain_text("手机存满了")
    assert page.locator(".thumbs li").count() == 0


RECORDER = """() => {
  class Fake extends EventTarget {
    constructor() { super(); this.state = "inactive"; this.mimeType = "audio/webm"; window.fakes.push(this); }
    start() { this.state = "recording"; this.timer = setInterval(() => this.give("k"), 100); }
    give(text) { const event = new Event("dataavailable"); event.data = new Blob([text]); this.dispatchEvent(event); }
    stop() {
      this.state = "inactive"; clearInterval(this.timer); this.give("end"); this.dispatchEvent(new Event("stop"));
    }
  }
  window.fakes = [];
  window.MediaRecorder = Fake;
  const track = Object.assign(new EventTarget(), { stop: () => undefined });
  window.track = track;
  const stream = { getTracks: () => [track] };
  Object.defineProperty(navigator.mediaDevices, "getUserMedia", { value: async () => stream });
}"""


@pytest.mark.parametrize("end", ["hidden", "call", "page", "killed", "submit"])
def test_a_running_voice_note_is_kept(carry: Carry, end: str) -> None:
    phone = carry(worker=False)
    phone.add_init_script(f"({RECORDER})()")
    page = phone.pages[0]
    page.goto("/m")
    page.click(".cards a >> nth=1")
    page.wait_for_url("**/m/SL*")
    address = page.url
    page.click("[data-record]")
    expect(page.locator("[data-record]")).to_have_text("说完了")
    page.wait_for_timeout(600)
    if end == "hidden":
        page.evaluate(
            "() => { Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
            "document.dispatchEvent(new Event('visibilitychange')); delete document.hidden; }"
        )
        expect(page.locator(".thumbs audio")).to_have_count(1)
    elif end == "call":
        page.evaluate("track.dispatchEvent(new Event('ended'))")
        expect(page.locator(".thumbs audio")).to_have_count(1)
    elif end == "page":
        page.click("a.back")
        page.wait_for_url("**/m")
        page.click(".cards a >> nth=1")
        expect(page.locator(".thumbs audio")).to_have_count(1)
    elif end == "killed":
        page.evaluate("fakes[0].stop = () => undefined")  # no time to end it
        page.close(run_before_unload=False)
        page = phone.new_page()
        page.goto(address)
        expect(page.locator(".thumbs audio")).to_have_count(1)
    else:
        phone.set_offline(True)
        page.click("label.pick:has-text('已到现场')")
        page.click(".submit button")
        expect(page.locator("#strip")).to_contain_text("1 件待上传")
        assert stored(page, "files") == 1
        return
    assert stored(page, "files") == 1
