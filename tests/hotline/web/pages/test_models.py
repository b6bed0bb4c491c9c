"""The classifier's page: what is in use, what waits and why, one click back; not for everybody."""

import shutil
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from hotline import clock
from hotline.flow.learning import promotion
from hotline.settings import Settings
from hotline.store import db
from hotline.store.schema import METADATA
from tests.cast import HOUR, NOW, Office
from tests.hotline.flow import lessons
from tests.hotline.web.pages import stage
from tests.hotline.web.pages.conftest import Browser, given

TRAINING = METADATA.tables["training"]


@pytest.fixture(scope="module")
def config(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an installation with the sample city, its people, and no tickets yet."""
    home = tmp_path_factory.mktemp("models")
    shutil.copyfile(sqlite_template, home / "hotline.db")
    made = given(home)
    db.bind(made.database_url)
    stage.city(clock.now(), 60)
    return made


@pytest.fixture(autouse=True)
def models(door: TestClient[Litestar]) -> None:
    """One in use, one that passed the gate, one that did not."""
    lessons.forget(None)
    with db.transaction() as session:
        session.execute(TRAINING.delete())
    office = Office.__new__(Office)
    office.city = lessons.city()
    lessons.keep(office, lessons.model("one", NOW))
    lessons.keep(office, lessons.model("two", NOW + HOUR), active=False, verdict={"passed": True, "reasons": ["更准"]})
    lessons.keep(office, lessons.model("bad", NOW + HOUR), active=False, verdict={"passed": False, "reasons": ["变差"]})
    door.app.state["hall"].forget_city()


def in_use() -> str:
    with db.reading() as session:
        return next(one.name for one in promotion.every(session, "sample") if one.active)


def test_who_may_come_in(browser: Browser) -> None:
    for login in ("pai01", "hua01", "cgj01", "ding.dayong"):
        assert browser(login).get("/models").status_code == 403
    assert 'href="/models"' in browser("du01").get("/models").text


def test_all_there_is_to_know(browser: Browser) -> None:
    page = browser("du01").get("/models").text
    for said in ("比较通过", "更准", "比较没有通过", "变差", "还没有安排过训练", "还没有满一周的数据"):
        assert said in page


def test_promoted_and_rolled_back_in_one_click(browser: Browser) -> None:
    boss = browser("du01")
    assert "模型 two 已启用" in boss.submit("/models", "/models/promote", name="two").text
    assert in_use() == "two"
    assert "已回退" in boss.submit("/models", "/models/rollback", reason="不准").text
    assert in_use() == "one"


def test_a_refusal_says_why_and_changes_nothing(browser: Browser) -> None:
    told = browser("du01").submit("/models", "/models/promote", name="bad")
    assert "须写明理由" in told.text
    assert in_use() == "one"


def test_a_training_is_asked_for_and_a_model_tried_aside(browser: Browser) -> None:
    boss = browser("du01")
    assert "训练已安排" in boss.submit("/models", "/models/train").text
    assert "等待" in boss.get("/models/trainings").text
    assert "旁路试跑中" in boss.submit("/models", "/models/shadow", name="two", on="1").text
