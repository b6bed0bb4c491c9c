"""A form sent twice, its answer lost or the button pressed again, is carried out once and answered as done."""

import re

from tests.hotline.web.pages.conftest import Browser, Visitor
from tests.hotline.web.pages.phone.test_leader import listed
from tests.hotline.web.pages.seen import TICKET, numbers
from tests.hotline.web.pages.test_moves import moves, waiting


def form_of(page: str, action: str) -> dict[str, str]:
    """Return the hidden fields of the form that posts to `action`."""
    text = page.partition(f'action="{action}"')[2].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', text))


def sent_twice(me: Visitor, address: str, form: dict[str, str]) -> list[tuple[int, str]]:
    answers = [me.post(address, form) for _ in range(2)]
    return [(answer.status_code, str(answer.url)) for answer in answers]


def test_a_move_of_a_ticket_page(browser: Browser) -> None:
    number, me = waiting("reviewing"), browser("pai01")
    address = f"/tickets/{number}/note"
    given = form_of(me.get(f"/tickets/{number}").text, address)
    assert set(given) >= {"csrf_token", "key", "seq"}
    before = moves(number)
    one, two = sent_twice(me, address, given | {"note": "与上级部门核对过"})
    assert one == two
    assert one[1].endswith("?done=note")
    assert moves(number) == [*before, "note"]
    other = me.post(address, given | {"note": "别的话"})
    assert other.status_code == 409
    assert "已经提交过" in other.text
    assert "别的话" in other.text, "what was written is kept"
    assert moves(number) == [*before, "note"]
    fresh = form_of(other.text, address)
    assert fresh["key"] != given["key"]
    assert me.post(address, fresh | {"note": "别的话"}).status_code == 200
    assert moves(number) == [*before, "note", "note"]


def test_a_dispatch(browser: Browser) -> None:
    me = browser("pai01")
    number = numbers(TICKET.c.state == "received", TICKET.c.edition != "")[0]
    address = f"/dispatch/{number}"
    given = form_of(me.get(f"/dispatch?list=person&ticket={number}").text, address)
    before = moves(number)
    one, two = sent_twice(me, address, given | {"other": "cgj"})
    assert one == two
    assert one[0] == 200
    assert moves(number) == [*before, "route"]


def test_every_form_that_moves_a_ticket_carries_a_key(browser: Browser) -> None:
    pages = [
        ("pai01", f"/tickets/{waiting('reviewing')}"), ("pai01", "/dispatch?list=check"), ("hui01", "/callback"),
        ("du01", "/supervise"),
    ]  # fmt: skip
    seen = 0
    for login, address in pages:
        page = browser(login).get(address).text
        for action in re.findall(
            r'method="post"[^>]* action="(/(?:tickets|dispatch|callback|supervise)/SL[^"]*)"', page
        ):
            if not action.endswith(("/caller", "/advice")):
                seen += 1
                assert form_of(page, action).get("key"), (address, action)
    assert seen > 5


def test_an_answer_from_the_street(browser: Browser) -> None:
    me = browser("ding.dayong")
    number = next(one for one in listed(me) if 'value="doing"' in me.get(f"/m/{one}").text)
    given = form_of(me.get(f"/m/{number}").text, f"/m/{number}") | {"answer": "doing", "note": "在路上"}
    before = moves(number)
    one, two = sent_twice(me, f"/m/{number}", given)
    assert one == two
    assert one[1].endswith(f"/m?done={number}")
    assert moves(number)[len(before) :] in (["report"], ["sign", "report"])
