"""My page on the phone (我的): large print, suggestions that administrators read, leaving."""

from tests.hotline.web.pages.conftest import Browser


def test_the_page_says_who_walks_in_each_grid(browser: Browser) -> None:
    page = browser("ding.dayong").get("/m/me").text
    for grid in ("望湖社区第一网格", "望湖社区第二网格"):
        assert grid in page
    assert "412 户" in page
    assert "望湖火车站、望湖小学" in page
    assert '网格长 <span lang="zh-CN">丁大勇</span>' in page


def test_a_suggestion_is_kept_and_read_by_administrators(browser: Browser) -> None:
    me, text = browser("ding.dayong"), "能不能把同一个小区的单子排在一起"
    assert "请先写下意见或建议" in me.submit("/m/me", "/m/me/opinion", text="  ").text
    assert "意见建议已收到" in me.submit("/m/me", "/m/me/opinion", text=text).text
    listed = browser("admin").get("/opinions")
    assert text in listed.text
    assert "网格长" in listed.text
    assert browser("admin").get("/opinions?before=nonsense").status_code == 200
    for other in ("cgj01", "ding.dayong", "du01"):
        assert browser(other).get("/opinions").status_code == 403


def test_large_print_is_this_browsers_and_goes_again(browser: Browser) -> None:
    me = browser("ding.dayong")
    assert 'class="large"' not in me.get("/m").text
    me.submit("/m/me", "/m/me/print", large="1")
    assert 'class="large"' in me.get("/m").text
    assert "改回标准字号" in me.get("/m/me").text
    me.submit("/m/me", "/m/me/print", large="0")
    me.cookies.pop("large", None)
    assert 'class="large"' not in me.get("/m").text


def test_it_leads_out(browser: Browser) -> None:
    page = browser("ding.dayong").get("/m/me").text
    assert 'action="/logout"' in page
    assert 'href="/m/report"' in page
