"""Which model is in use is a person's word, and one step back is always there."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from classifiers.errors import StaleModel
from classifiers.model import from_bytes
from hotline import city as cities
from hotline.errors import NotAllowed, RuleSaysNo
from hotline.flow.learning import promotion
from hotline.flow.learning.promotion import NoSuchModel, StoredModel
from hotline.people import Me
from hotline.store import db
from tests.cast import AGENT, HOUR, NOW, SUPERVISOR, Office
from tests.hotline.flow import lessons

REFUSED = {"passed": False, "reasons": ["变差了"]}


@pytest.fixture(autouse=True)
def two_models(office: Office) -> Iterator[None]:
    lessons.keep(office, lessons.model("one", NOW))
    lessons.keep(office, lessons.model("two", NOW + HOUR), active=False, verdict={"passed": True, "reasons": ["好"]})
    yield
    lessons.forget(office)


def promote(office: Office, name: str, me: Me = SUPERVISOR, reason: str = "") -> StoredModel:
    with db.transaction() as session:
        return promotion.promote(session, office.city, me, name, NOW + 2 * HOUR, reason)


def in_use() -> str:
    found = lessons.city().model
    return found.card.name if found else ""


def test_a_promoted_model_is_asked_at_once_and_it_is_on_record(office: Office) -> None:
    assert in_use() == "one"
    promote(office, "two", reason="更准")
    assert in_use() == "two"
    with db.reading() as session:
        two, one = promotion.every(session, office.city.region)
    assert [(line["what"], line["by"]) for line in two.log] == [("trained", ""), ("promoted", "du01")]
    assert one.log[-1]["what"] == "retired"


def test_rollback_is_one_step_there_and_back(office: Office) -> None:
    promote(office, "two")
    for hour, name in enumerate(("one", "two", "one"), 3):
        with db.transaction() as session:
            promotion.rollback(session, office.city, SUPERVISOR, NOW + hour * HOUR, "不准")
        assert in_use() == name


def test_without_a_former_model_there_is_nothing_to_go_back_to(office: Office) -> None:
    with pytest.raises(RuleSaysNo, match="不能回退"), db.transaction() as session:
        promotion.rollback(session, office.city, SUPERVISOR, NOW, "")
    assert in_use() == "one"


def test_one_the_gate_refused_takes_a_reason(office: Office) -> None:
    lessons.keep(office, lessons.model("bad", NOW + HOUR), active=False, verdict=REFUSED)
    with pytest.raises(RuleSaysNo, match="须写明理由"):
        promote(office, "bad")
    promote(office, "bad", reason="旧模型训练得更差，先用着")
    assert in_use() == "bad"


def test_who_may_not_and_what_is_not_there(office: Office) -> None:
    with pytest.raises(NotAllowed):
        promote(office, "two", AGENT)
    with pytest.raises(NoSuchModel):
        promote(office, "three")
    with pytest.raises(RuleSaysNo, match="已在使用"):
        promote(office, "one")


def test_an_altered_file_is_refused_and_not_used(office: Office) -> None:
    held = lessons.MODEL
    with db.transaction() as session:
        data = session.execute(sa.select(held.c.data).where(held.c.name == "two")).scalar_one()
        session.execute(sa.update(held).where(held.c.name == "two").values(data=data + b"x"))
    with pytest.raises(StaleModel, match="可能被改动过"):
        promote(office, "two")
    with db.transaction() as session:
        session.execute(sa.update(held).values(active=held.c.name == "two"))
    found = lessons.city()
    assert found.model is None
    assert "可能被改动过" in found.model_problem
    assert from_bytes(cities.unsealed(data, ""), office.city.taxonomy).card.name == "two"


def test_one_runs_in_shadow_at_a_time(office: Office) -> None:
    lessons.keep(office, lessons.model("three", NOW + HOUR), active=False)
    for name in ("two", "three"):
        with db.transaction() as session:
            promotion.shadow(session, office.city, SUPERVISOR, name, NOW, on=True)
    with db.reading() as session:
        assert [one.name for one in promotion.every(session, office.city.region) if one.shadow] == ["three"]
    with pytest.raises(RuleSaysNo, match="正在使用"), db.transaction() as session:
        promotion.shadow(session, office.city, SUPERVISOR, "one", NOW, on=True)
