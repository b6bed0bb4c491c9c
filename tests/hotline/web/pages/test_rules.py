"""The page of the rules: what is put forward with all it changes, decided by another person, and how it came to be."""

import shutil
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from hotline import city as cities
from hotline import clock, rulefiles
from hotline.city import City
from hotline.flow.editions import approval
from hotline.people import Me
from hotline.sealing import Seal
from hotline.settings import Settings
from hotline.store import db
from hotline.store.schema import METADATA
from tests.cast import DAY, DISPATCHER, NOW, SAMPLE, SUPERVISOR, Office, unit
from tests.hotline.web.pages import stage
from tests.hotline.web.pages.conftest import SECRET, Browser, given

FILES = rulefiles.read_folder(SAMPLE)
PROPOSAL, EDITION = METADATA.tables["proposal"], METADATA.tables["edition"]
GRID = "990101001001001"


@pytest.fixture(scope="module")
def config(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an installation with the sample city, its people, and no tickets yet."""
    home = tmp_path_factory.mktemp("rules")
    shutil.copyfile(sqlite_template, home / "hotline.db")
    made = given(home)
    db.bind(made.database_url)
    stage.city(clock.now(), 60)
    return made


@pytest.fixture(autouse=True)
def first(door: TestClient[Litestar]) -> City:
    """Put the sample's own edition into force again, with nothing put forward."""
    with db.transaction() as session:
        session.execute(PROPOSAL.delete())
        session.execute(EDITION.delete().where(EDITION.c.edition != "2026.1"))
        city = cities.apply(session, FILES, "test", NOW - 30 * DAY)
    door.app.state["hall"].forget_city()
    return city


def propose(city: City, name: str = "2026.2", me: Me = DISPATCHER) -> None:
    """Put forward the edition of the stage, by whom and under what name a test wants."""
    with db.transaction() as session:
        approval.propose(session, city, stage.next_edition(name), me, clock.now(), "城管接手清运")


def active() -> str:
    with db.reading() as session:
        return cities.current(session).edition


def test_nothing_is_put_forward(browser: Browser) -> None:
    page = browser("du01").get("/rules").text
    assert "没有待审批的版本" in page
    assert "公布到 2026-12-31" in page
    assert 'href="/rules" aria-current="page"' in page
    assert "批准并启用" not in page


def test_who_may_come_in(browser: Browser) -> None:
    for login in ("cgj01", "hua01", "hui01", "ding.dayong"):
        assert browser(login).get("/rules").status_code == 403
        assert 'href="/rules"' not in browser(login).get("/").text
    assert browser("pai01").get("/rules").status_code == 200
    assert 'href="/rules"' in browser("admin").get("/board").text


def test_all_that_would_change_is_shown(browser: Browser, first: City) -> None:
    propose(first)
    page = browser("du01").get("/rules").text
    assert "城管接手清运" in page
    assert "承办单位由示例区环境卫生服务中心改为示例区城市管理局（综合行政执法局）" in page
    assert "天数由7改为5" in page
    assert "新增1行，删去0行" in page
    assert "没有承办单位" not in page.partition("检查结果")[0]
    assert "批准并启用" in page
    english = browser("du01").get("/rules?lang=en").text
    assert "Approve and put into force" in english
    browser("du01").get("/rules?lang=zh-CN")


def test_another_person_approves(browser: Browser, first: City) -> None:
    propose(first)
    me = browser("du01")
    page = me.submit("/rules", "/rules/approve", edition="2026.2", seen="2026.1")
    assert page.status_code == 200
    assert "规则版本 2026.2 已启用" in page.text
    assert active() == "2026.2"
    assert '<span class="tag green">2026.2</span>' in page.text  # this process looks anew at once
    assert "没有待审批的版本" in page.text
    past = page.text.partition("版本记录")[2]
    assert past.index("2026.2") < past.index("2026.1")
    assert ("pai01" in past, "du01" in past, "首版" in past) == (True, True, True)


def test_another_person_rejects_with_a_reason(browser: Browser, first: City) -> None:
    propose(first)
    me = browser("admin")
    refused = me.submit("/rules", "/rules/reject", edition="2026.2", reason=" ")
    assert (refused.status_code, "驳回须写明理由" in refused.text) == (409, True)
    assert "已驳回" in me.submit("/rules", "/rules/reject", edition="2026.2", reason="依据不足").text
    assert active() == "2026.1"


def test_who_put_it_forward_decides_nothing(browser: Browser, first: City) -> None:
    propose(first, me=SUPERVISOR)
    me = browser("du01")
    page = me.get("/rules").text
    assert "由您提出；规则须两人启用" in page
    assert "批准并启用" not in page
    for move in ("approve", "reject"):
        refused = me.submit("/rules", f"/rules/{move}", edition="2026.2", reason="自己来")
        assert refused.status_code == 403
        assert "规则须两人启用，请由另一位督办员或管理员审批" in refused.text
    assert active() == "2026.1"


def test_a_dispatcher_looks_and_does_not_decide(browser: Browser, first: City) -> None:
    propose(first)
    me = browser("pai01")
    assert "由您提出" in me.get("/rules").text
    propose(first, "2026.3", SUPERVISOR)
    page = me.get("/rules?edition=2026.3").text
    assert "由督办员或管理员审批。" in page
    assert "待审批：2026.3" in page
    assert me.submit("/rules", "/rules/approve", edition="2026.3").status_code == 403


def test_what_was_seen_is_what_is_approved(browser: Browser, first: City) -> None:
    propose(first)
    propose(first, "2026.3")
    me = browser("du01")
    me.submit("/rules?edition=2026.2", "/rules/approve", edition="2026.2", seen="2026.1")
    late = me.submit("/rules?edition=2026.3", "/rules/approve", edition="2026.3", seen="2026.1")
    assert (late.status_code, "重新核对" in late.text) == (409, True)
    assert active() == "2026.2"


def test_an_edition_put_into_force_by_one_person_is_marked(browser: Browser) -> None:
    files = FILES | {"city.toml": FILES["city.toml"].replace('edition = "2026.1"', 'edition = "2026.9"')}
    with db.transaction() as session:
        approval.alone(session, files, "值班员", clock.now())
    assert "一人启用" in browser("du01").get("/rules").text


def test_a_ruling_is_put_forward_from_the_ticket(browser: Browser, first: City, config: Settings) -> None:
    office = Office.__new__(Office)  # the steps of the cast on this database, with nothing emptied
    office.engine, office.seal, office.city = db.engine(), Seal(SECRET.encode()), first
    number = office.triaged(clock.now(), area="010101", grid=GRID)
    refused = browser("pai01").submit("/rules", "/rules/precedent", number=number)
    assert (refused.status_code, "没有经会商裁定" in refused.text) == (409, True)
    assert browser("pai01").submit("/rules", "/rules/precedent", number="SL0").status_code == 404
    said = {"reason": "非环卫区域", "basis": "责任分解表", "unit": "sljd"}
    office.do("return", number, unit("hwzx"), clock.now(), **said)
    office.do("convene", number, DISPATCHER, clock.now())
    office.do("rule", number, SUPERVISOR, clock.now(), unit="sljd", reason="属地", basis="会商纪要3号")
    page = browser("pai01").submit("/rules", "/rules/precedent", number=number)
    assert page.status_code == 200
    assert f"裁定已提为规则版本 2026.1-P-{number}" in page.text
    assert f"会商裁定 {number}：会商纪要3号" in page.text
    assert config.home
