"""The citizen's page: public words only, one same answer to whatever is wrong, slow to whoever tries."""

import re

import pytest
import sqlalchemy as sa

from hotline.store import db
from hotline.store.schema import METADATA
from hotline.web.pages import citizen
from hotline.web.pages.slow import Brake
from tests.hotline.web.pages import stage
from tests.hotline.web.pages.conftest import Browser

TICKET, CALLER = METADATA.tables["ticket"], METADATA.tables["caller"]


@pytest.fixture(autouse=True)
def loose(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests ask more often than a citizen; what is slow is tested by itself."""
    monkeypatch.setattr(citizen, "BRAKE", Brake(tries=1000))


def of_state(state: str) -> tuple[str, str]:
    """Return number and last four digits of a ticket."""
    query = sa.select(TICKET.c.number, CALLER.c.phone_mask).join(CALLER, CALLER.c.id == TICKET.c.caller_id)
    with db.reading() as session:
        found = session.execute(query.where(TICKET.c.state == state).order_by(TICKET.c.id.desc())).first()
    assert found
    return found.number, found.phone_mask[-4:]


@pytest.mark.parametrize(("state", "words"), [
    ("signed", "承办单位已签收"), ("answered", "这次办得怎么样？"), ("closed", "办结"), ("received", "已受理"),
])  # fmt: skip
def test_progress(browser: Browser, state: str, words: str) -> None:
    number, digits = of_state(state)
    answer = browser("").post("/progress", {"number": number.lower(), "digits": digits})
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
    text = browser("").post("/progress", {"number": number, "digits": stage.PHONE[-4:]}).text
    assert [one for one in words if one not in text] == []
    assert ('class="steps"' in text) is (what not in ("refused", "withdrawn"))
    assert not re.search(r"移交|会商|退单|催办人|误登记", text)  # what units say to each other


def test_internal_lines_and_handlers_are_not_shown(browser: Browser) -> None:
    number, digits = of_state("signed")
    text = browser("").post("/progress", {"number": number, "digits": digits}).text
    assert not re.search(r"提醒|黄牌|红牌|督办|cgj01|hua01|责任表|\d{3}\*{4}", text)


def test_whatever_is_wrong_gets_one_same_answer(browser: Browser) -> None:
    number, digits = of_state("closed")
    other = f"{(int(digits) + 1) % 10000:04d}"
    tries = [(number, other), (number, ""), ("SL20990101000018", digits), (number, "****"), ("'; DROP", "0000")]
    answers = [browser("").post("/progress", {"number": one, "digits": two}) for one, two in tries]
    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}) == 1


def test_a_rating_closes_and_may_be_changed_for_some_days(browser: Browser) -> None:
    number, digits = of_state("answered")
    form = {"number": number, "digits": digits, "solved": "yes", "satisfaction": "5", "contacted": "yes", "reason": ""}
    lacking = browser("").post("/progress/rating", form | {"solved": ""})
    assert lacking.status_code == 422
    assert "请选择是否解决" in lacking.text
    done = browser("").post("/progress/rating", form)
    assert "您的评价已记录" in done.text
    with db.reading() as session:
        held = session.execute(sa.select(TICKET).where(TICKET.c.number == number)).one()
    assert (held.state, held.solved, held.satisfaction) == ("closed", "yes", 5)
    assert "您的评价：已解决、非常满意" in done.text
    unhappy = form | {"satisfaction": "1", "solved": "no"}
    asked = browser("").post("/progress/rating", unhappy)
    assert asked.status_code == 422
    assert "请告诉我们不满意的原因" in asked.text
    assert re.search(r'value="no" required checked', asked.text), "what was chosen stays"
    changed = browser("").post("/progress/rating", unhappy | {"cause": "办理太慢"})
    assert "您的评价已记录" in changed.text
    with db.reading() as session:
        held = session.execute(sa.select(TICKET).where(TICKET.c.number == number)).one()
    assert (held.state, held.redos) == ("signed", 1)
    assert "现在不能评价" in browser("").post("/progress/rating", form).text


def test_a_rating_needs_the_digits(browser: Browser) -> None:
    number, digits = of_state("answered")
    wrong = f"{(int(digits) + 1) % 10000:04d}"
    form = {"number": number, "digits": wrong, "solved": "no", "satisfaction": "1"}
    assert browser("").post("/progress/rating", form).status_code == 404
    with db.reading() as session:
        assert session.execute(sa.select(TICKET.c.state).where(TICKET.c.number == number)).scalar_one() == "answered"


def test_too_many_tries_are_slowed(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(citizen, "BRAKE", Brake(tries=5))
    number, digits = of_state("closed")
    statuses = [browser("").post("/progress", {"number": number, "digits": "0000"}).status_code for _ in range(5)]
    assert set(statuses) <= {404, 429}
    answer = browser("").post("/progress", {"number": number, "digits": digits})
    assert answer.status_code == 429
    assert "请过一分钟再试" in answer.text


def test_the_page_is_small_and_works_without_script(browser: Browser) -> None:
    page = browser("").get("/progress")
    assert len(page.content) < 10 * 1024
    assert '<form class="card" method="post" action="/progress"' in page.text


def test_brake() -> None:
    brake = Brake(tries=2)
    assert [brake.allows(("a",), 0.0) for _ in range(3)] == [True, True, False]
    assert not brake.allows(("a", "b"), 59.0)
    assert brake.allows(("b",), 59.0)
    assert brake.allows(("a",), 60.0)
    brake.forgive("a")
    assert [brake.allows(("a",), 61.0) for _ in range(3)] == [True, True, False]
