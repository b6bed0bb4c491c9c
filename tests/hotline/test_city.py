"""One City value from one edition of rules; the database keeps every edition, and one is in force."""

from datetime import UTC, date, datetime

import msgspec
import pytest
import sqlalchemy as sa

from classifiers import training
from classifiers.model import to_bytes
from classifiers.samples import Sample
from classifiers.text import strip_routing
from hotline import city as cities
from hotline import rulefiles
from hotline.errors import NoCity, RulesUnreadable
from hotline.store import db, staff
from hotline.store.ids import new_id
from hotline.store.schema import METADATA
from tests.cast import LAMP, NOW, RUBBISH, SAMPLE, counted, rules

FILES = rulefiles.read_folder(SAMPLE)
EDITION, MODEL = METADATA.tables["edition"], METADATA.tables["model"]
DAY = date(2026, 11, 18)


@pytest.fixture
def empty(database_url: str) -> sa.Engine:
    """A database without rules."""
    engine = db.bind(database_url)
    with db.transaction() as session:
        session.execute(EDITION.delete())
        session.execute(MODEL.delete())
        session.execute(METADATA.tables["staff_change"].delete())
    return engine


def edition(name: str, **changed: str) -> dict[str, str]:
    return FILES | {"city.toml": FILES["city.toml"].replace('edition = "2026.1"', f'edition = "{name}"')} | changed


def applied(files: dict[str, str]) -> cities.City:
    with db.transaction() as session:
        return cities.apply(session, files, "test", NOW)


def current() -> cities.City:
    with db.reading() as session:
        return cities.current(session)


def test_the_sample_city_is_built_from_its_files() -> None:
    city = rules()
    assert (city.region, city.name, city.short, city.edition) == ("sample", "示例区", "SL", "2026.1")
    assert str(city.zone) == "Asia/Shanghai"
    assert len(city.units) == 28
    assert strip_routing("路口的路灯不亮。请属地街道核实处理。", city.phrases).startswith("路口的路灯不亮。")
    assert "属地街道" not in strip_routing("路口的路灯不亮。请属地街道核实处理。", city.phrases)
    assert (city.model, city.model_problem) == (None, "还没有训练分类模型")


@pytest.mark.parametrize(
    ("raw", "left"),
    [
        ("市民来电反映：松岭路路灯不亮，请城管局核实处理。", "松岭路路灯不亮。"),
        ("李女士来电咨询：公积金怎么提取，请公积金中心给予答复，谢谢", "公积金怎么提取"),
        ("小区漏水（请职能局30分钟内联系）", "小区漏水"),
        ("楼道堆物，望街道等相关部门尽快处理", "楼道堆物"),
        ("路面塌陷，转市政部门处理", "路面塌陷"),
        ("请问路灯什么时候修好", "请问路灯什么时候修好"),
        ("他请人来看过，没有修好", "他请人来看过，没有修好"),
    ],
)
def test_the_sample_citys_phrases_take_out_routing_requests_and_nothing_else(raw: str, left: str) -> None:
    said = strip_routing(raw, rules().phrases)
    assert said.rstrip("，。 ") == left.rstrip("，。 ")


def test_names_in_words_and_codes_this_edition_does_not_know() -> None:
    city = rules()
    assert (city.unit_name("cgj"), city.unit_name("gone")) == ("示例区城市管理局（综合行政执法局）", "gone")
    assert (city.area_label(LAMP), city.area_label("99"), city.area_label("")) == ("市政设施/路灯照明", "99", "")
    assert city.place_name("990101001") == "松岭街道"
    assert city.place_name("000") == "000"
    assert city.above("990101001001001") == {
        "grid": "990101001001001", "community": "990101001001", "street": "990101001", "district": "990101",
    }  # fmt: skip
    assert city.above("000") == {}


@pytest.mark.parametrize(("hour", "day"), [(15, DAY), (16, date(2026, 11, 19))])
def test_the_citys_day_begins_at_its_own_midnight(hour: int, day: date) -> None:
    assert rules().day(datetime(2026, 11, 18, hour, tzinfo=UTC)) == day


@pytest.mark.parametrize(("grid", "on", "login"), [
    ("990101001001001", DAY, "wu.haoran"),
    ("990101002003002", date(2026, 11, 15), "lu.xuejun"),
    ("990101002003002", DAY, "xie.wenjing"),                # away: the deputy answers
    ("990101002001003", date(2026, 6, 30), "tan.shouyi"),
    ("990101002001003", date(2026, 7, 1), "feng.dayong"),   # handed over
    ("000", DAY, None),
])  # fmt: skip
def test_who_answers_for_a_grid_follows_the_day(grid: str, on: date, login: str | None) -> None:
    found = rules().leader_of(grid, on)
    assert (found.login if found else None) == login


@pytest.mark.parametrize(("login", "on", "grids"), [
    ("ding.dayong", DAY, ("990101004001001", "990101004001002")), ("ding.dayong", date(2024, 8, 31), ()),
    ("tan.shouyi", date(2026, 6, 30), ("990101002001003",)), ("tan.shouyi", date(2026, 7, 1), ()), ("nobody", DAY, ()),
])  # fmt: skip
def test_the_grids_of_a_person_follow_the_day(login: str, on: date, grids: tuple[str, ...]) -> None:
    assert rules().grids_of(login, on) == grids


def test_without_rules_there_is_no_city(empty: sa.Engine) -> None:
    assert empty
    with pytest.raises(NoCity):
        current()


def test_applying_puts_an_edition_into_force_and_keeps_the_former(empty: sa.Engine) -> None:
    assert empty
    applied(FILES)
    assert current().edition == "2026.1"
    applied(edition("2026.2"))
    assert current().edition == "2026.2"
    with db.reading() as session:
        rows = session.execute(sa.select(EDITION.c.edition, EDITION.c.active).order_by(EDITION.c.edition)).all()
    assert [tuple(row) for row in rows] == [("2026.1", False), ("2026.2", True)]
    applied(FILES)
    assert current().edition == "2026.1"


def test_an_edition_once_in_force_stays_what_it_was(empty: sa.Engine) -> None:
    assert empty
    applied(FILES)
    changed = FILES | {"units.csv": FILES["units.csv"].replace("城市管理局", "城管局")}
    with pytest.raises(RulesUnreadable, match=r"2026\.1 已经启用过"):
        applied(changed)
    assert "城市管理局" in current().unit_name("cgj")


def test_rules_that_cannot_be_read_change_nothing(empty: sa.Engine) -> None:
    assert empty
    applied(FILES)
    with pytest.raises(RulesUnreadable):
        applied(edition("2026.3", **{"duty.csv": FILES["duty.csv"].replace("D003,010101", "D003,999999")}))
    assert current().edition == "2026.1"


def test_the_city_is_built_once_and_asked_for_in_one_statement(empty: sa.Engine) -> None:
    applied(FILES)
    first = current()
    with counted(empty) as sent:
        assert current() is first
    assert len(sent) == 1


def test_a_leave_changes_who_answers_and_builds_nothing_anew(empty: sa.Engine) -> None:
    applied(FILES)
    first, day = current(), date(2026, 11, 20)
    said = {"kind": "leave", "login": "wu.haoran", "first": day, "last": day, "by": "du01"}
    with db.transaction() as session:
        staff.put(session, "sample", **said, now=NOW)
    with counted(empty) as sent:
        held = current()
        assert current() is held
    assert len(sent) == 3  # the stamp, the leaves, the stamp
    answering = held.leader_of("990101001001001", day)
    assert answering
    assert answering.login == "zhou.chunyan"
    assert (held.router, held.tree) == (first.router, first.tree)
    assert held.router is first.router


def test_a_model_is_used_until_another_one_or_another_taxonomy(empty: sa.Engine) -> None:
    assert empty
    city = applied(FILES)
    lines = [(f"{word}第{n}次没人管", area) for n in range(12) for word, area in (("垃圾", RUBBISH), ("路灯", LAMP))]
    made = training.train([Sample(text=text, area=area) for text, area in lines], city.taxonomy, trained_at=NOW)
    with db.transaction() as session:
        card = msgspec.to_builtins(made.card)
        cities.keep_model(session, city, "m1", to_bytes(made), card, new_id(NOW), NOW)
    held = current()
    assert held.model is not None
    assert held.model_problem == ""
    with db.transaction() as session:
        cities.keep_model(session, city, "m2", to_bytes(made), card, new_id(NOW), NOW)
    assert current() is not held
    with db.reading() as session:
        rows = session.execute(sa.select(MODEL.c.name, MODEL.c.active).order_by(MODEL.c.name)).all()
    assert [tuple(row) for row in rows] == [("m1", False), ("m2", True)]
    applied(edition("2026.9"))
    assert current().model is not None  # the same areas
    applied(edition("2027.1", **{"areas.csv": FILES["areas.csv"] + "0299,道路照明,02,,,\n"}))
    assert current().model is None
    assert current().model_problem
