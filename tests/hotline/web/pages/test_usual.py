"""The usual unit (办理习惯) beside the duty table, at the dispatcher's desk, the operator's and on the models' page."""

import re

import pytest

from hotline import city as cities
from hotline.settings import Settings
from hotline.store import db
from tests.cast import LAMP
from tests.hotline.flow import lessons
from tests.hotline.web.pages.conftest import Browser, hidden


@pytest.fixture(autouse=True, scope="module")
def learned(config: Settings) -> None:
    """A model of units in use, and one that waits."""
    lessons.teach_units(config.database_url)


def open_number(browser: Browser) -> str:
    """Return a ticket at the dispatcher's that the model of areas was not sure of."""
    page = browser("pai01").get("/dispatch?list=person").text
    return re.findall(r"ticket=([0-9A-Z-]+)", page)[0]


def test_the_dispatcher_reads_past_cases(browser: Browser) -> None:
    page = browser("pai01").get(f"/dispatch?list=person&ticket={open_number(browser)}").text
    assert "办理习惯" in page
    assert re.search(r"过去[^<]*工单 \d+ 件中 \d+ 件由[^<]*办理；", page)


def test_where_the_table_speaks_it_comes_first_and_the_difference_is_said(browser: Browser) -> None:
    said = {"text": "路灯坏了一直不亮", "area": LAMP, "address": "示例区云桥街道云桥社区第一网格"}
    token = hidden(browser("hua01").get("/desk").text, "csrf_token")
    desk = browser("hua01").post("/desk/suggestions", said | {"csrf_token": token}).text
    units = desk.split("承办单位</h3>")[1]
    assert units.index("示例区市政设施养护中心") < units.index("办理习惯")
    assert "与责任表不一致，以责任表为准" in units


def test_each_kind_of_model_has_its_place_and_goes_back_alone(browser: Browser) -> None:
    boss = browser("du01")
    page = boss.get("/models").text
    assert "正在使用：承办单位" in page
    assert page.count("旁路试跑</button>") == 0
    assert "模型 w2-units 已启用" in boss.submit("/models", "/models/promote", name="w2-units").text
    assert "已回退" in boss.submit("/models", "/models/rollback", target="unit", reason="不准").text
    with db.reading() as session:
        held = cities.current(session)
    assert held.unit_model is not None
    assert (held.unit_model.card.name, held.model is not None) == ("w1-units", True)
