"""The citizen's page: public words only, one same answer to whatever is wrong, slow to whoever tries."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline import clock
from hotline.flow import query
from hotline.sealing import Seal
from hotline.store import db, guesses
from hotline.store.schema import METADATA
from hotline.web import peers
from tests.hotline.web.pages import stage
from tests.hotline.web.pages.conftest import SECRET, Browser

TICKET, CALLER, GUESS = (METADATA.tables[name] for name in ("ticket", "caller", "guess"))
CODE = "1380000777"
WRONG = "1380000778"


@pytest.fixture(autouse=True)
def forgiven() -> None:
    """Nobody has guessed yet."""
    with db.transaction() as session:
        session.execute(sa.delete(GUESS))


@pytest.fixture
def come_from(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A function that lets all that follows come from a network."""
    return lambda network: monkeypatch.setattr(peers, "network", lambda _: network)


def coded(number: str) -> str:
    """Give a ticket a query code; return its number."""
    with db.transaction() as session:
        kept = query.hashed(Seal(SECRET.encode()), "sample", number, CODE)
        session.execute(sa.update(TICKET).where(TICKET.c.number == number).values(query_hash=kept))
    return number


def of_state(state: str) -> str:
    """Return the number of a ticket that CODE opens."""
    held = sa.select(TICKET.c.number).where(TICKET.c.caller_id.is_not(None), TICKET.c.state == state)
    with db.reading() as session:
        number: str = session.execute(held.order_by(TICKET.c.id.desc()).limit(1)).scalar_one()
    return coded(number)


@pytest.mark.parametrize(("state", "words"), [
    ("signed", "承办单位已签收"), ("answered", "这次办得怎么样？"), ("closed", "办结"), ("received", "已受理"),
])  # fmt: skip
def test_progress(browser: Browser, state: str, words: str) -> None:
    number = of_state(state)
    answer = browser("").post("/progress", {"number": number.lower(), "code": CODE})
    assert answer.status_code == 200
    assert words in answer.text


@pytest.mark.parametrize(("what", "words"), [
    ("lacking", ("请您补充", "请说明是几号楼几单元。", "前补充，到期未补充的按现有材料办理", "12345 撤回")),
    ("extended", ("办理时限延长", "同意延期3个工作日", "油污须专业清洗", "已延期3个工作日，承诺在")),
    ("parked", ("列入挂账", "拟于", "待桥梁大修一并处理", "暂停计时；至少每90天复查一次")),
    ("refused", ("不予受理", "属于民事合同纠纷", "请向示例区人民法院或消费者协会反映。")),
    ("withdrawn", ("已撤回",)),
    ("disputed", ("承诺在",)),
    ("reviewing", ("承办单位已报送办理结果，正在审核",)),
])  # fmt: skip
def test_what_became_of_it_is_said_in_words(browser: Browser, what: str, words: tuple[str, ...]) -> None:
    with db.reading() as session:
        number = session.execute(sa.select(TICKET.c.number).where(TICKET.c.text == stage.WAITING[what][0])).scalar_one()
    text = browser("").post("/progress", {"number": coded(number), "code": CODE}).text
    assert [one for one in words if one not in text] == []
    assert ('class="steps"' in text) is (what not in ("refused", "withdrawn"))
    assert not re.search(r"移交|会商|退单|催办人|误登记", text)  # what units say to each other


def test_internal_lines_and_handlers_are_not_shown(browser: Browser) -> None:
    text = browser("").post("/progress", {"number": of_state("signed"), "code": CODE}).text
    assert not re.search(r"提醒|黄牌|红牌|督办|cgj01|hua01|责任表|\d{3}\*{4}", text)


def test_a_number_and_a_code_are_read_as_they_are_written_down(browser: Browser) -> None:
    number = of_state("closed")
    for one, two in (
        (f"{number[:2]} {number[2:6]} {number[6:]}", "138 000 0777"),
        (number, "１３８－０００－０７７７"),
    ):
        assert browser("").post("/progress", {"number": one, "code": two}).status_code == 200


def test_the_digits_of_the_phone_open_nothing(browser: Browser) -> None:
    number = of_state("closed")
    with db.reading() as session:
        caller = sa.select(CALLER.c.phone_mask).join(TICKET, TICKET.c.caller_id == CALLER.c.id)
        mask = session.execute(caller.where(TICKET.c.number == number)).scalar_one()
    for form in ({"digits": mask[-4:]}, {"code": mask[-4:]}, {"code": mask}, {"code": ""}):
        assert browser("").post("/progress", {"number": number} | form).status_code == 404


def test_whatever_is_wrong_gets_one_same_answer(browser: Browser) -> None:
    number = of_state("closed")
    with db.reading() as session:
        bare = session.execute(sa.select(TICKET.c.number).where(TICKET.c.query_hash == "").limit(1)).scalar_one()
    tries = [
        (number, WRONG), (number, ""), ("SL20990101000018", CODE), (bare, CODE), (bare, ""), (bare, "0" * 64),
        (number, query.NEVER), ("'; DROP", "0000"),
    ]  # fmt: skip
    answers = [browser("").post("/progress", {"number": one, "code": two}) for one, two in tries]
    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}) == 1


def test_whatever_is_wrong_costs_the_same_statements(browser: Browser, statements: Callable[[], list[str]]) -> None:
    number, costs = of_state("closed"), []
    statements()
    for one, two in ((number, WRONG), ("SL20990101000018", CODE)):
        assert browser("").post("/progress", {"number": one, "code": two}).status_code == 404
        costs.append(statements())
        forget_all()
        statements()
    assert costs[0] == costs[1]
    assert len(costs[0]) == 1 + 1 + 2  # the limits, the code, the guess counted
    assert browser("").post("/progress", {"number": number, "code": CODE}).status_code == 200
    assert [text for text in statements() if text.startswith(("INSERT", "UPDATE", "DELETE"))] == []  # no write


def forget_all() -> None:
    with db.transaction() as session:
        session.execute(sa.delete(GUESS))


def test_a_rating_closes_nothing_and_may_be_changed_for_some_days(browser: Browser) -> None:
    number = of_state("answered")
    form = {"number": number, "code": CODE, "solved": "yes", "satisfaction": "5", "contacted": "yes", "reason": ""}
    lacking = browser("").post("/progress/rating", form | {"solved": ""})
    assert lacking.status_code == 422
    assert "请选择是否解决" in lacking.text
    due = ticket_row(number).callback_due_at
    done = browser("").post("/progress/rating", form)
    assert "您的评价已记录" in done.text
    assert "我们可能还会打电话向您核实" in done.text
    assert (ticket_row(number).state, ticket_row(number).solved, ticket_row(number).satisfaction) == (
        "answered",
        "yes",
        5,
    )
    assert ticket_row(number).callback_due_at == due is not None
    assert "您的评价：已解决、非常满意" in done.text
    called = browser("hui01").get(f"/callback?ticket={number}")
    assert "已解决、非常满意" in called.text
    assert "仍请电话核实" in called.text
    unhappy = form | {"satisfaction": "1", "solved": "no"}
    asked = browser("").post("/progress/rating", unhappy)
    assert asked.status_code == 422
    assert "请告诉我们不满意的原因" in asked.text
    assert re.search(r'value="no" required checked', asked.text), "what was chosen stays"
    changed = browser("").post("/progress/rating", unhappy | {"cause": "办理太慢"})
    assert "您的评价已记录" in changed.text
    assert (ticket_row(number).state, ticket_row(number).redos) == ("signed", 1)
    assert "现在不能评价" in browser("").post("/progress/rating", form).text


def ticket_row(number: str) -> sa.Row[tuple[object, ...]]:
    with db.reading() as session:
        return session.execute(sa.select(TICKET).where(TICKET.c.number == number)).one()


def test_a_rating_needs_the_code(browser: Browser) -> None:
    number = of_state("answered")
    form = {"number": number, "code": WRONG, "solved": "no", "satisfaction": "1"}
    assert browser("").post("/progress/rating", form).status_code == 404
    assert ticket_row(number).state == "answered"


def test_who_guesses_waits_longer_and_longer(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    number, now = of_state("closed"), clock.now()
    monkeypatch.setattr(clock, "now", lambda at=now: at)
    waits = []
    for _ in range(4):
        while (answer := guess(browser, number)).status_code == 404:
            pass
        assert answer.status_code == 429
        waits.append(int(answer.headers["retry-after"]) // 60)
        assert f"请过{waits[-1]}分钟再试" in answer.text
        assert guess(browser, number, CODE).status_code == 429  # the code is not looked at
        now += timedelta(minutes=waits[-1])
        monkeypatch.setattr(clock, "now", lambda at=now: at)
    assert waits == [1, 2, 4, 8]
    assert guess(browser, number, CODE).status_code == 200


def guess(browser: Browser, number: str, code: str = WRONG) -> object:
    return browser("").post("/progress", {"number": number, "code": code})


def test_walking_numbers_is_slowed_as_well(browser: Browser) -> None:
    statuses = [guess(browser, f"SL20990101{one:06d}").status_code for one in range(12)]
    assert statuses == [404] * 10 + [429] * 2


def test_a_strangers_guesses_never_lock_the_owner_out(browser: Browser, come_from: Callable[[str], None]) -> None:
    number = of_state("closed")
    for stranger in range(30):
        come_from(f"198.51.100.{stranger}")
        for _ in range(6):
            guess(browser, number)
        assert guess(browser, number, CODE).status_code == 429
    come_from("203.0.113.7")
    assert guess(browser, number, CODE).status_code == 200
    come_from("203.0.113.8")  # one wrong guess is left to each network at a number so many have tried
    assert [guess(browser, number).status_code for _ in range(2)] == [404, 429]
    come_from("203.0.113.7")
    assert guess(browser, number, CODE).status_code == 200


def test_the_owner_who_mistyped_starts_anew(browser: Browser) -> None:
    number = of_state("closed")
    for _ in range(3):
        assert [guess(browser, number).status_code for _ in range(3)] == [404] * 3
        assert guess(browser, number, CODE).status_code == 200
    with db.reading() as session:
        fails = {row.key: row.fails for row in session.execute(sa.select(GUESS.c.key, GUESS.c.fails))}
    assert [value for key, value in fails.items() if key.startswith("network:")] == [9]
    assert not [key for key in fails if key.startswith("one:")]


def test_limits_are_forgotten(browser: Browser) -> None:
    guess(browser, of_state("closed"))
    now = clock.now()
    with db.transaction() as session:
        assert guesses.forget(session, now) == 0
    with db.transaction() as session:
        assert guesses.forget(session, now + timedelta(hours=2)) == 1
        assert guesses.forget(session, now + timedelta(days=2)) == 2


def test_the_page_is_small_and_works_without_script(browser: Browser) -> None:
    page = browser("").get("/progress")
    assert len(page.content) < 10 * 1024
    assert '<form class="card" method="post" action="/progress"' in page.text
    assert "请用当初反映时的那个电话，再拨打 12345" in page.text
