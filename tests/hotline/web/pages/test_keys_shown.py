"""One key, one meaning: every key of the desks held, doubled, composing, in the wrong form, on a slow server."""

from contextlib import suppress

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Route, expect

from dispatch.roles import Role
from hotline import city as cities
from hotline import clock
from hotline.errors import RuleSaysNo
from hotline.flow import handle
from hotline.people import Me
from hotline.settings import Settings
from hotline.store import db
from hotline.wire.moves import SentBack
from tests.hotline.web.pages.conftest import Open
from tests.hotline.web.pages.seen import ENTRY, TICKET, axe, numbers, row
from tests.hotline.web.pages.stage import WAITING

pytestmark = pytest.mark.browser
COMPOSING = """([key, code, ctrl]) => {
  const target = document.activeElement ?? document.body;
  for (const how of [{isComposing: true}, {keyCode: 229}]) {
    const pressed = {key, code, ctrlKey: ctrl, bubbles: true, cancelable: true, ...how};
    target.dispatchEvent(new KeyboardEvent("keydown", pressed));
  }
}"""


def shown(page: Page, form: str = "form[data-dispatch]") -> str:
    """Return the number of the ticket the form belongs to."""
    return (page.get_attribute(form, "action") or "").rpartition("/")[2]


def moves_of(number: str, move: str) -> int:
    with db.reading() as session:
        query = sa.select(sa.func.count()).select_from(ENTRY).where(ENTRY.c.ticket_id == row(number).id)
        return int(session.execute(query.where(ENTRY.c.move == move)).scalar_one())


def returned(page: Page) -> tuple[str, int]:
    """Return the ticket shown among the returned ones, and how many times all of them were dispatched."""
    return shown(page), dispatched()


def dispatched() -> int:
    with db.reading() as session:
        query = sa.select(sa.func.count()).select_from(ENTRY).where(ENTRY.c.move == "route", ENTRY.c.actor == "pai01")
        return int(session.execute(query).scalar_one())


@pytest.fixture
def three_returned(config: Settings) -> list[str]:
    """At least three tickets that came back, each with the unit that was named in its stead."""
    assert config
    for number in numbers(TICKET.c.unit != "", TICKET.c.state == "routed", TICKET.c.returns < 2):
        if len(numbers(TICKET.c.state == "returned")) >= 3:
            break
        unit = row(number).unit
        me = Me(login=f"{unit}01", name="经办", region="sample", role=Role.UNIT, unit=unit)
        said = SentBack(reason="不属本单位职责。", basis="三定方案第五条", unit="szzx" if unit != "szzx" else "cgj")
        with suppress(RuleSaysNo), db.transaction() as session:
            handle.send_back(session, cities.current(session), number, said, me, clock.now())
    return numbers(TICKET.c.state == "returned")


@pytest.mark.parametrize("key", ["Enter", "Control+Enter"])
def test_a_doubled_key_never_acts_on_the_next_ticket(visit: Open, three_returned: list[str], key: str) -> None:
    assert len(three_returned) >= 2
    page = visit("pai01", "/dispatch?list=returned")
    first, before = returned(page)
    page.keyboard.press(key)
    expect(page.locator("#main .flash")).to_contain_text(f"{first} 已派出")
    page.keyboard.press(key)
    page.keyboard.press("Enter")  # Ctrl let go too early
    page.wait_for_timeout(600)
    assert dispatched() == before + 1
    page.wait_for_timeout(1000)  # seen, and meant: the same key again
    second = shown(page)
    page.keyboard.press(key)
    expect(page.locator("#main .flash")).to_contain_text(f"{second} 已派出")


def test_a_doubled_letter_decides_once(visit: Open) -> None:
    page = visit("pai01", "/dispatch?list=approve")
    with db.reading() as session:
        made = sa.select(sa.func.count()).select_from(ENTRY).where(ENTRY.c.actor == "pai01")
        before = session.execute(made).scalar_one()
    page.keyboard.press("t")
    expect(page.locator("#main .flash")).to_contain_text("已提交")
    page.keyboard.press("t")
    page.wait_for_timeout(600)
    with db.reading() as session:
        assert session.execute(made).scalar_one() == before + 1


def test_the_second_click_of_a_double_click_is_not_for_the_next_ticket(visit: Open, three_returned: list[str]) -> None:
    assert three_returned
    page = visit("pai01", "/dispatch?list=returned")
    first, before = returned(page)
    page.locator("form[data-dispatch] button.primary").click()
    expect(page.locator("#main .flash")).to_contain_text(f"{first} 已派出")
    page.locator("form[data-dispatch] button.primary").evaluate(
        "(one) => one.dispatchEvent(new MouseEvent('click', {detail: 2, bubbles: true, cancelable: true}))"
    )
    page.wait_for_timeout(500)
    assert dispatched() == before + 1


def test_a_held_key_acts_once(visit: Open, three_returned: list[str]) -> None:
    assert three_returned
    page = visit("pai01", "/dispatch?list=returned")
    first, before = returned(page)
    page.keyboard.down("Enter")
    expect(page.locator("#main .flash")).to_contain_text(f"{first} 已派出")
    for _ in range(8):
        page.keyboard.down("Enter")
        page.wait_for_timeout(200)
    assert dispatched() == before + 1
    page.keyboard.up("Enter")


def test_a_key_that_a_program_repeats_without_saying_so_is_still_held(visit: Open, three_returned: list[str]) -> None:
    """Remote desktops send the key down again and again, each as if it were new."""
    assert three_returned
    page = visit("pai01", "/dispatch?list=returned")
    first, before = returned(page)
    send = """() => document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
      {key: "Enter", code: "Enter", bubbles: true, cancelable: true}))"""
    page.evaluate(send)
    expect(page.locator("#main .flash")).to_contain_text(f"{first} 已派出")
    for _ in range(8):
        page.evaluate(send)
        page.wait_for_timeout(200)
    assert dispatched() == before + 1


def test_on_a_slow_server_the_second_press_is_dropped(visit: Open, three_returned: list[str]) -> None:
    assert three_returned
    page = visit("pai01", "/dispatch?list=returned")
    first, before = returned(page)
    sent: list[str] = []

    def slowly(route: Route) -> None:
        sent.append(route.request.url)
        page.wait_for_timeout(700)
        route.continue_()

    page.route("**/dispatch/SL*", slowly)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("j")  # away from what is under way
    expect(page.locator("#main .flash")).to_contain_text(f"{first} 已派出")
    page.wait_for_timeout(300)
    assert (dispatched(), len(sent)) == (before + 1, 1)


@pytest.mark.parametrize(
    ("login", "address"),
    [("pai01", "/dispatch?list=returned"), ("hui01", "/callback?list=callback"), ("hua01", "/desk")],
)
def test_nothing_acts_while_composing(visit: Open, login: str, address: str) -> None:
    page = visit(login, address)
    if login == "hua01":
        page.fill("#text", "正在拼写的诉求。")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "POST" and "suggest" not in one.url else None)
    keys = [("Enter", "Enter", True), ("Enter", "Enter", False), ("1", "Digit1", False), ("F4", "F4", False)]
    keys += [("F9", "F9", False), ("F2", "F2", False), ("c", "KeyC", False), ("j", "KeyJ", False)]
    for key in keys:
        page.evaluate(COMPOSING, list(key))
    page.wait_for_timeout(300)
    assert sent == []
    assert page.locator("[data-question] input:checked").count() == 0
    assert page.locator("#answer-box:visible").count() == 0


def test_a_callback_without_an_answer_closes_nothing(visit: Open) -> None:
    page = visit("hui01", "/callback?list=callback")
    number = shown(page, "form[data-callback]")
    before = row(number).seq
    for answers in ([], ["1"]):  # whether somebody called is no answer about the matter
        for key in answers:
            page.keyboard.press(key)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#main .flash")).to_contain_text("还没有记下来电人的回答")
        assert (row(number).state, row(number).seq) == ("answered", before)
        page.wait_for_timeout(1100)
    assert page.locator("input[name=contacted]:checked").count() == 1  # what was said is still there
    page.keyboard.press("9")  # who was reached and would not say is written down as that
    expect(page.locator("#declined")).to_be_checked()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#main .flash")).to_contain_text(f"{number} 的回访已保存")
    assert (row(number).state, row(number).solved, row(number).satisfaction) == ("closed", None, None)


def test_what_is_shown_is_what_is_sent_when_nobody_answered_after_all(visit: Open) -> None:
    page = visit("hui01", "/callback?list=callback")
    number = shown(page, "form[data-callback]")
    for key in ("1", "1", "5", "0"):
        page.keyboard.press(key)
    assert page.locator("[data-question] input:checked").count() == 0  # not reached: nothing was said
    page.keyboard.press("1")  # ... but somebody was: an answer says so
    assert page.locator("input[name=reached][value=true]").is_checked()
    for key in ("1", "2"):
        page.keyboard.press(key)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#main .flash")).to_contain_text(f"{number} 的回访已保存")
    assert (row(number).solved, row(number).satisfaction) == ("yes", 4)


def test_enter_in_a_line_sends_no_form(visit: Open) -> None:
    page = visit("hua01", "/desk")
    page.fill("#text", "还没问完地点。")
    before = len(numbers())
    for field in ("#phone", "#address", "#title"):
        page.focus(field)
        page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    assert len(numbers()) == before
    page = visit("hui01", "/callback?list=callback")
    number = shown(page, "form[data-callback]")
    for key in ("1", "1", "Enter"):  # the focus is on a choice
        page.keyboard.press(key)
    page.wait_for_timeout(400)
    assert row(number).state == "answered"


def unsure(number: str, confidence: float) -> None:
    """Let a returned ticket stand with this confidence, and nobody named."""
    with db.transaction() as session:
        why = {key: text for key, text in row(number).why.items() if key != "owner"}
        changes = {"area_confidence": confidence, "why": why}
        session.execute(sa.update(TICKET).where(TICKET.c.number == number).values(changes))
        mine = ENTRY.c.ticket_id == row(number).id, ENTRY.c.move == "return"
        session.execute(sa.update(ENTRY).where(*mine).values(facts={"by": "cgj", "owner": ""}))


def test_no_candidate_below_sixty_percent_is_chosen_beforehand(visit: Open, three_returned: list[str]) -> None:
    number = next(one for one in three_returned if row(one).area)
    unsure(number, 0.58)
    page = visit("pai01", f"/dispatch?list=returned&ticket={number}")
    assert page.locator("[data-pick]").count() >= 1
    assert page.locator("[data-pick]:checked, .offers .on").count() == 0
    page.select_option("#other", index=1)
    page.select_option("#other", "")
    assert page.locator("[data-pick]:checked").count() == 0  # by script neither
    before = dispatched()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Enter")
    expect(page.locator("#main .flash")).to_contain_text("请选择承办单位")
    assert dispatched() == before
    assert axe(page) == []
    unsure(number, 0.9)
    page.goto(f"/dispatch?list=returned&ticket={number}")
    assert page.locator("[data-pick='1']").is_checked()
    page.select_option("#other", index=2)
    page.locator("[data-pick='1']").focus()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("1")
    assert page.locator("#other").input_value() == ""  # one choice stands, and it is the one shown


def test_a_key_does_not_send_the_form_beside_the_one_written_in(visit: Open, three_returned: list[str]) -> None:
    assert three_returned
    page = visit("pai01", "/dispatch?list=returned")
    before = dispatched()
    page.keyboard.press("q")  # 退单不成立: its reason
    expect(page.locator("#keep-reason")).to_be_focused()
    page.keyboard.type("应由原单位办理。")
    page.keyboard.press("Escape")
    for key in ("Control+Enter", "Enter"):
        page.keyboard.press(key)
        expect(page.locator("#trouble")).to_contain_text("有没提交的内容")
    page.wait_for_timeout(300)
    assert dispatched() == before
    expect(page.locator("#keep-reason")).to_have_value("应由原单位办理。")


def test_no_key_of_a_desk_acts_from_outside_of_it_or_under_a_dialog(visit: Open, three_returned: list[str]) -> None:
    assert three_returned
    page = visit("pai01", "/dispatch?list=returned")
    before = dispatched()
    page.focus("header.bar form button")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    for key in ("Control+Enter", "F2", "F9", "1", "j"):
        page.keyboard.press(key)
    expect(page.locator("dialog#keys")).to_be_visible()
    page.wait_for_timeout(300)
    assert dispatched() == before
    page = visit("hua01", "/desk")
    page.fill("#text", "表格开着的时候。")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    count = len(numbers())
    for key in ("F4", "Control+Enter"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert (len(numbers()), page.locator("#answer-box:visible").count()) == (count, 0)


def test_a_key_closes_no_open_form(visit: Open) -> None:
    number = numbers(TICKET.c.text == WAITING["helped"][0])[0]
    page = visit("cgj01", f"/tickets/{number}")
    page.keyboard.press("n")
    page.keyboard.type("写到一半的备注")
    page.keyboard.press("Escape")
    page.keyboard.press("n")  # the same key again: back into it
    expect(page.locator("#note-note")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("h")
    expect(page.locator("#invite-unit")).to_be_focused()
    expect(page.locator("#note-note")).to_be_visible()
    expect(page.locator("#note-note")).to_have_value("写到一半的备注")


def test_a_key_that_leads_away_keeps_what_was_just_written(visit: Open, three_returned: list[str]) -> None:
    assert len(three_returned) >= 2
    page = visit("pai01", "/dispatch?list=returned")
    number, address = shown(page), page.url
    page.keyboard.press("q")
    page.keyboard.type("理由写了一半")
    page.keyboard.press("Escape")
    page.fill("#note", "给承办单位的话")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")  # the next ticket
    page.wait_for_function(
        "(number) => !document.querySelector('form[data-dispatch]').action.endsWith(number)", arg=number
    )
    page.goto(address)
    page.goto(f"/dispatch?list=returned&ticket={number}")
    expect(page.locator("#keep-reason")).to_be_visible()  # not folded away
    expect(page.locator("#keep-reason")).to_have_value("理由写了一半")
    expect(page.locator("#note")).to_have_value("给承办单位的话")


def test_after_back_an_old_form_acts_on_nothing(visit: Open) -> None:
    page = visit("hui01", "/callback?list=callback")
    number = shown(page, "form[data-callback]")
    page.goto(f"/callback?list=callback&ticket={number}")
    for key in ("1", "1", "2"):
        page.keyboard.press(key)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#main .flash")).to_contain_text(f"{number} 的回访已保存")
    count = moves_of(number, "close")
    page.go_back()
    page.wait_for_timeout(500)
    for key in ("1", "1", "1", "Control+Enter"):
        page.keyboard.press(key)
        page.wait_for_timeout(200)
    assert (moves_of(number, "close"), row(number).satisfaction) == (count, 4)
