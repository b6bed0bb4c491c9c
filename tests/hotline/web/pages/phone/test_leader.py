"""The grid leader's phone: what cannot be done, what is lacking, what is parked, who helps and has not answered."""

import re

from tests.hotline.web.pages.conftest import Browser, Visitor
from tests.hotline.web.pages.seen import TICKET, numbers, row
from tests.hotline.web.pages.stage import WALKED


def listed(me: Visitor, name: str = "all") -> list[str]:
    """Return the numbers on a list of the phone."""
    return re.findall(r'href="/m/(SL\d+)"', me.get(f"/m?list={name}").text)


def post(me: Visitor, number: str, **form: str) -> str:
    """Answer a ticket; return the page that came back."""
    return me.submit(f"/m/{number}", f"/m/{number}", seq=str(row(number).seq), **form).text


def test_helpers_that_are_silent_are_named_before_it_is_done(browser: Browser) -> None:
    me = browser("ding.dayong")
    number = next(one for one in listed(me) if "仍要办结" in me.get(f"/m/{one}").text)
    assert "尚未协办答复" in post(me, number, answer="done", note="")
    assert row(number).state != "answered"
    post(me, number, answer="done", note="", alone="true")
    assert row(number).state == "answered"


def test_what_cannot_be_done_names_whose_it_is(browser: Browser) -> None:
    me = browser("ding.dayong")
    number = numbers(TICKET.c.text == WALKED[0])[0]
    assert number in listed(me)
    assert re.search(r"可在[^<]+前说明理由退单", me.get(f"/m/{number}").text)
    seq = row(number).seq
    said = post(me, number, answer="cannot", note="产权不在社区")
    assert "退单须写明依据" in said
    assert '<details class="back" open>' in said
    assert "产权不在社区</textarea>" in said
    assert "退单须提出应由哪个单位承办" in post(me, number, answer="cannot", note="产权不在社区", basis="移交清单")
    assert row(number).seq == seq
    post(me, number, answer="cannot", note="产权不在社区", basis="移交清单", unit="szzx")
    assert row(number).state == "returned"


def test_what_is_lacking_is_asked_for_on_the_phone(browser: Browser) -> None:
    me = browser("ding.dayong")
    number = next(one for one in listed(me) if row(one).state == "signed")
    assert "请写明理由" in post(me, number, answer="lack", note="")
    assert f"{number} 已提交" in post(me, number, answer="lack", note="请告知楼栋")
    assert row(number).state == "lacking"
    assert number in listed(me, "still")
    page = me.get(f"/m/{number}").text
    assert "请告知楼栋" in page
    assert re.findall(r'name="answer" value="(\w+)"', page) == ["resume"]
    post(me, number, answer="resume", note="来电人已告知")
    assert row(number).state == "signed"


def test_a_ticket_page_on_the_phone_is_small(browser: Browser) -> None:
    me = browser("ding.dayong")
    assert max(me.get(f"/m/{number}").num_bytes_downloaded for number in listed(me)) < 9 * 1024  # over the wire
