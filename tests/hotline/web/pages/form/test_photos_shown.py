"""Photos within a form, in a real Chromium: with no script at all, with no store on the phone, and in the office."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, expect

from hotline.web.pages.assets import DIST, manifest
from hotline.web.pages.form import photos
from tests.hotline.web.conftest import PASSWORD
from tests.hotline.web.pages import stage
from tests.hotline.web.pages.carried import Carry, until
from tests.hotline.web.pages.conftest import Open
from tests.hotline.web.pages.seen import TICKET, axe, numbers

pytestmark = pytest.mark.browser


def picture(name: str, color: str = "#7a8") -> dict[str, object]:
    """Return a photo to choose."""
    drawn = io.BytesIO()
    Image.new("RGB", (800, 600), color).save(drawn, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": drawn.getvalue()}


SVG = {"name": "图.svg", "mimeType": "image/svg+xml", "buffer": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}


def entered(page: Page, login: str) -> Page:
    page.goto("/login")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(lambda url: not url.endswith("/login"))
    return page


@pytest.fixture
def bare(site: str, engine: Chromium) -> Iterator[Page]:
    """A leader's phone that runs no script."""
    frame = {"width": 390, "height": 844}
    made = engine.new_context(viewport=frame, locale="zh-CN", base_url=site, java_script_enabled=False)
    yield entered(made.new_page(), "ding.dayong")
    made.close()


def test_without_a_script_the_form_carries_its_photos(bare: Page) -> None:
    bare.click(".cards a >> nth=1")
    field = bare.locator("input[type=file]")
    expect(field).to_be_visible()
    assert (field.bounding_box() or {})["width"] > 200  # says itself what was chosen
    expect(bare.locator("[data-record]")).to_be_hidden()
    bare.check("input[value=doing]")
    bare.fill("textarea[name=note]", "没有脚本。")
    field.set_input_files([picture("a.jpg"), SVG])
    bare.click(".submit button")
    expect(bare.locator("#wrong")).to_contain_text("“图.svg”没有附上：这不是能识别的照片")
    expect(bare.locator("textarea[name=note]")).to_have_value("没有脚本。")
    expect(bare.locator("input[value=doing]")).to_be_checked()
    bare.locator("input[type=file]").set_input_files([picture("a.jpg"), picture("b.jpg", "#a52")])
    bare.click(".submit button")
    expect(bare.locator(".flash")).to_contain_text("已提交")
    number = re.search(r"SL\d+", bare.locator(".flash").inner_text())
    assert number
    bare.goto(f"/m/{number.group()}")
    expect(bare.locator(".line").first.locator(".thumbs img")).to_have_count(2)


def test_a_phone_that_keeps_nothing_sends_the_photo_with_the_form(visit: Open) -> None:
    page = visit("ding.dayong", "/m", size=(390, 844))
    page.add_init_script("Object.defineProperty(window, 'indexedDB', {value: undefined})")
    page.goto("/m")
    page.click(".cards a >> nth=2")
    page.wait_for_url("**/m/SL*")
    field = page.locator("input[type=file]")
    until(page, lambda: (field.bounding_box() or {}).get("width", 0) > 200)  # after ten seconds
    field.set_input_files([picture("a.jpg")])
    page.check("input[value=there]")
    page.click(".submit button")
    expect(page.locator(".flash")).to_contain_text("已提交")
    number = re.search(r"SL\d+", page.locator(".flash").inner_text())
    assert number
    page.goto(f"/m/{number.group()}")
    expect(page.locator(".line").first.locator(".thumbs img")).to_have_count(1)


def test_the_office_sends_photos_with_the_words_and_a_draft_comes_back_without_them(visit: Open) -> None:
    number = numbers(TICKET.c.text == stage.WAITING["extended"][0])[0]
    page = visit("cgj01", f"/tickets/{number}")
    page.click("#act-report summary") if page.locator("#act-report:not([open])").count() else None
    page.fill("#report-note", "草稿还在。")
    page.set_input_files("#report-photos", [picture("a.jpg")])
    until(page, lambda: "草稿还在" in page.evaluate("Object.values(localStorage).join()"))
    assert "fakepath" not in page.evaluate("Object.values(localStorage).join()")
    page.reload()
    page.click("#act-report summary") if page.locator("#act-report:not([open])").count() else None
    expect(page.locator("#report-note")).to_have_value("草稿还在。")
    page.set_input_files("#report-photos", [SVG])
    page.click("#act-report button.primary")
    expect(page.locator("#wrong-report")).to_contain_text("“图.svg”没有附上")
    expect(page.locator("#report-note")).to_have_value("草稿还在。")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe(page) == []
    page.set_input_files("#report-photos", [picture("a.jpg")])
    page.click("#act-report button.primary")
    expect(page.locator(".line").first.locator(".thumbs img")).to_have_count(1)
    until(page, lambda: bool(page.evaluate("document.querySelector('.thumbs img').naturalWidth === 800")))
    with page.expect_popup() as opened:
        page.click(".thumbs a >> nth=0")
    assert "/files/" in opened.value.url


def test_a_form_too_large_is_answered_with_a_page(bare: Page, tmp_path: Path) -> None:
    """The browser is heard out: it shows our page, not a broken connection."""
    large = tmp_path / "large.jpg"
    large.write_bytes(b"0" * (photos.LARGEST_FORM + 1))
    bare.click(".cards a >> nth=1")
    bare.check("input[value=doing]")
    bare.fill("textarea[name=note]", "太大了。")
    bare.locator("input[type=file]").set_input_files(large)
    bare.click(".submit button")
    expect(bare.locator("h1")).to_have_text("内容过大")
    expect(bare.locator(".flash")).to_contain_text("后退键")
    bare.go_back()
    expect(bare.locator("textarea[name=note]")).to_have_value("太大了。")


@pytest.mark.parametrize("address", ["/m/report", "/m/map", "/m", "/m/visits"])
def test_scripts_that_come_late_move_nothing_on_the_page(carry: Carry, address: str) -> None:
    """On one bar of signal the second half of the scripts needs seconds: the page stays as it was drawn."""
    page = carry(worker=False).new_page()
    [lazy] = re.findall(r'import\("\./([^"]+)"\)', (DIST / manifest(DIST)["phone.js"]).read_text(encoding="utf-8"))
    held: list[Route] = []
    page.route(f"**/static/{lazy}", lambda route: held.append(route))  # noqa: PLW0108 - the binding wants a function of its own
    page.add_init_script(
        "window.moved = [];"
        "const what = (one) => [one.value, String(one.sources[0]?.node?.outerHTML)];"
        "const note = (list) => moved.push(...list.getEntries().map(what));"
        "new PerformanceObserver(note).observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(address)
    until(page, lambda: bool(held))
    page.wait_for_timeout(4500)
    held[0].continue_()
    page.wait_for_timeout(1000)
    assert page.evaluate("moved") == []
