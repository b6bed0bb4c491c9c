"""The query code on the desks' pages: shown once when a matter is registered, and once more when it is issued anew."""

import re
from uuid import uuid4

import pytest
import sqlalchemy as sa

from hotline.store import db
from hotline.store.schema import METADATA
from tests.hotline.web.pages import stage
from tests.hotline.web.pages.conftest import Browser, Visitor
from tests.hotline.web.pages.form.test_forms_once import form_of
from tests.hotline.web.pages.test_moves import moves

GUESS = METADATA.tables["guess"]
CODE = re.compile(r">(\d{3} \d{3} \d{4})<")
PHONE = "13800000999"


def register(me: Visitor, key: str) -> tuple[str, str]:
    """Register a matter; return its number and the code that stands on the page ("" for none)."""
    said = {"key": key, "text": "楼道灯不亮已经三天。", "phone": PHONE, "act": "save"}
    page = me.submit("/desk", "/desk", **said).text
    number, code = re.search(r'href="/tickets/(\w+)"', page), CODE.search(page)
    assert number, page
    return number.group(1), code.group(1) if code else ""


def opens(browser: Browser, number: str, code: str) -> bool:
    with db.transaction() as session:
        session.execute(sa.delete(GUESS))
    return browser("").post("/progress", {"number": number, "code": code}).status_code == 200


def test_it_is_read_out_once(browser: Browser) -> None:
    me, key = browser("hua01"), str(uuid4())
    number, code = register(me, key)
    assert opens(browser, number, code)
    assert register(me, key) == (number, "")  # the form once more: known, and not told again
    for login in ("hua01", "pai01", "hui01", "du01"):
        page = browser(login).get(f"/tickets/{number}").text
        assert not CODE.search(page)
        assert code.replace(" ", "") not in page


@pytest.mark.parametrize("login", ["hua01", "hui01"])
def test_a_new_one_for_who_calls_from_the_number(browser: Browser, login: str) -> None:
    number, old = register(browser("hua01"), str(uuid4()))
    page = f"/tickets/{number}"
    wrong = browser(login).submit(page, f"{page}/code", phone="13800000998")
    assert wrong.status_code == 403
    assert "不能补发查询码" in wrong.text
    assert browser(login).submit(page, f"{page}/code", phone="abc").status_code == 422
    given = browser(login).submit(page, f"{page}/code", phone=PHONE)
    found = CODE.search(given.text)
    assert found
    assert "no-store" in given.headers["cache-control"]
    assert (opens(browser, number, old), opens(browser, number, found.group(1))) == (False, True)
    assert not CODE.search(browser(login).get(page).text)
    told = browser("").post("/progress", {"number": number, "code": found.group(1)}).text
    assert "给了您新的查询码" in told


def test_the_same_form_again_voids_no_code(browser: Browser) -> None:
    number, _ = register(browser("hua01"), str(uuid4()))
    me, page = browser("hua01"), f"/tickets/{number}"
    form = form_of(me.get(page).text, f"{page}/code") | {"phone": PHONE}
    wrong = me.post(f"{page}/code", form | {"phone": "13800000998"})
    assert wrong.status_code == 403
    first = CODE.search(me.post(f"{page}/code", form).text)  # a refusal leaves the key free
    assert first
    again = me.post(f"{page}/code", form)
    assert again.status_code == 200
    assert "查询码只显示一次" in again.text
    assert not CODE.search(again.text)
    assert opens(browser, number, first.group(1))
    assert moves(number).count("recode") == 1
    fresh = form_of(again.text, f"{page}/code")
    assert fresh["key"] != form["key"]
    second = CODE.search(me.post(f"{page}/code", fresh | {"phone": PHONE}).text)
    assert second
    assert (opens(browser, number, first.group(1)), opens(browser, number, second.group(1))) == (False, True)


@pytest.mark.parametrize("login", ["cgj01", "ding.dayong", "pai01", "du01"])
def test_nobody_else_is_offered_one_or_gets_one(browser: Browser, login: str) -> None:
    with db.reading() as session:
        ticket = METADATA.tables["ticket"]
        number = session.execute(sa.select(ticket.c.number).where(ticket.c.text == stage.WALKED[0])).scalar_one()
    page = f"/tickets/{number}"
    assert "补发查询码" not in browser(login).get(page).text
    refused = browser(login).submit(page, f"{page}/code", phone="13800000788")
    assert not CODE.search(refused.text)
    assert refused.status_code == 403


def test_the_callback_desk_offers_it(browser: Browser) -> None:
    assert "补发查询码" in browser("hui01").get("/callback").text
