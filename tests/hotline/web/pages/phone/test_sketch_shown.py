"""The leader's map in a real Chromium: where she stands is asked only when she taps, and it opens without a network."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from hotline.store import db
from tests.hotline.web.pages.carried import Carry
from tests.hotline.web.pages.seen import TICKET, axe

COUNTED = """() => {
  const asking = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
  window.asked = 0;
  navigator.geolocation.getCurrentPosition = (...given) => { window.asked += 1; asking(...given); };
}"""


@pytest.mark.browser
def test_near_me_is_asked_only_with_a_tap_and_sorts_the_list(carry: Carry, placed: list[str]) -> None:
    with db.reading() as session:
        query = sa.select(TICKET.c.lng, TICKET.c.lat).where(TICKET.c.number == placed[1])
        east = session.execute(query).one()
    phone = carry()
    phone.grant_permissions(["geolocation"])
    phone.set_geolocation({"longitude": east.lng, "latitude": east.lat})
    page = phone.pages[0]
    page.evaluate(COUNTED)
    page.click("nav.tabs a:has-text('地图')")
    expect(page.locator("#near")).to_be_visible()
    assert page.evaluate("window.asked") == 0
    page.click("#near")
    expect(page.locator("#spots li >> nth=0")).to_contain_text("0 米")
    expect(page.locator("#spots a >> nth=0")).to_have_attribute("href", f"/m/{placed[1]}")
    assert page.locator("#sketch .me").count() == 1
    sizes = page.locator("#sketch .hit").evaluate_all("all => all.map((one) => one.getBoundingClientRect().width)")
    assert min(sizes) >= 44
    assert axe(page) == []


@pytest.mark.browser
def test_a_report_takes_the_place_where_she_stands_only_when_she_says_so(carry: Carry, placed: list[str]) -> None:
    with db.reading() as session:
        columns = sa.select(TICKET.c.lng, TICKET.c.lat).where(TICKET.c.number == placed[0])
        spot = session.execute(columns).one()
    phone = carry()
    phone.grant_permissions(["geolocation"])
    phone.set_geolocation({"longitude": spot.lng, "latitude": spot.lat, "accuracy": 12})
    page = phone.pages[0]
    page.goto("/m/report")
    page.fill("textarea[name=text]", "路灯杆歪了，夜里不亮。")
    page.click("summary:has-text('改地点或类别')")
    page.click("#here")
    expect(page.locator("#here-told")).to_have_text("已用当前位置（误差约 12 米）")
    page.click("label.pick:has-text('需要派单')")
    page.click(".submit button")
    expect(page.locator(".flash")).to_contain_text("已提交")
    with db.reading() as session:
        query = sa.select(TICKET.c.lng, TICKET.c.lat, TICKET.c.grid, TICKET.c.datum)
        made = session.execute(query.where(TICKET.c.text == "路灯杆歪了，夜里不亮。")).one()
    assert (made.grid, made.datum) == ("990101004001001", "wgs84")
    assert (made.lng, made.lat) == (pytest.approx(spot.lng, abs=1e-5), pytest.approx(spot.lat, abs=1e-5))


@pytest.mark.browser
def test_a_refused_location_leaves_map_and_list(carry: Carry, placed: list[str]) -> None:
    page = carry().pages[0]
    page.goto("/m/map")
    before = page.locator("#spots a").evaluate_all("all => all.map((one) => one.href)")
    page.click("#near")
    expect(page.locator("#near-told")).to_contain_text("没有得到位置许可")
    assert page.locator("#spots a").evaluate_all("all => all.map((one) => one.href)") == before
    page.click(f"#sketch a[href='/m/{placed[0]}']")
    page.wait_for_url(f"**/m/{placed[0]}")


@pytest.mark.browser
def test_the_map_opens_without_a_network(carry: Carry, placed: list[str]) -> None:
    phone = carry()
    page = phone.pages[0]
    page.goto("/m/map")
    page.goto("/m")
    page.wait_for_load_state("networkidle")
    phone.set_offline(True)
    page.click("nav.tabs a:has-text('地图')")
    expect(page.locator("#sketch path")).to_have_count(2)
    assert page.locator("#sketch .dot").count() == len(placed)
