"""Figures over the API: whole days, one dimension, and the tickets behind each number; a unit sees its own alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from hotline import clock
from hotline.city import City
from hotline.flow import triage
from hotline.flow.figures import tally
from hotline.store import db

Web = TestClient[Litestar]
Bearer = Callable[[str], dict[str, str]]
TEXTS = {
    "hwzx": "小区东门的垃圾桶满了五天没有人清运",
    "cgj": "人行道上的烧烤摊每晚占道经营",
    "cgj ": "沿街店铺把货物堆在盲道上",
}


@pytest.fixture(scope="module")
def numbers(running: Web, bearer: Bearer, rules: City) -> dict[str, str]:
    """Two tickets of cgj and one of hwzx, which has signed for it; all counted."""
    made = {}
    for code, text in TEXTS.items():
        body = {"text": text, "unit": code.strip(), "source": "12345", "name": "李秋白", "phone": "13800000411"}
        answer = running.post("/api/v1/tickets", json=body, headers=bearer("agent"))
        assert answer.status_code == 201, answer.text
        made[code] = answer.json()["number"]
    with db.transaction() as session:
        triage.waiting(session, rules, clock.now())
    signed = running.post(f"/api/v1/tickets/{made['hwzx']}/moves/sign", json={}, headers=bearer("hwzx"))
    assert signed.status_code == 200, signed.text
    with db.transaction() as session:
        assert tally.fold_all(session, rules, clock.now()) == 3
    return made


def get(running: Web, address: str, who: dict[str, str], **params: Any) -> Any:
    answer = running.get(f"/api/v1/figures{address}", params=params, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_rows_of_a_dimension(running: Web, bearer: Bearer, numbers: dict[str, str]) -> None:
    who = bearer("supervisor")
    found = get(running, "", who)
    assert {row["key"]: row["tickets"] for row in found["rows"]} == {"cgj": 2, "hwzx": 1}
    assert (found["received"], found["behind"]) == (3, 0)
    assert [row["key"] for row in get(running, "", who, by="source")["rows"]] == ["12345"]
    assert get(running, "", who, unit="cgj")["received"] == 2
    assert len(numbers) == 3


def test_each_number_lists_its_tickets(running: Web, bearer: Bearer, numbers: dict[str, str]) -> None:
    who = bearer("supervisor")
    signed = get(running, "/sign_on_time/tickets", who, side="hits")
    assert [(one["number"], one["hit"]) for one in signed["items"]] == [(numbers["hwzx"], True)]
    first = get(running, "/received/tickets", who, size=2)
    rest = get(running, "/received/tickets", who, size=2, after=first["after"])
    found = [one["number"] for one in first["items"] + rest["items"]]
    assert (first["total"], sorted(found), rest["after"]) == (3, sorted(numbers.values()), None)
    nowhere = get(running, "/received/tickets", who, by="area", key="")
    assert nowhere["total"] == len(nowhere["items"])
    assert "李" not in str(first)
    assert "138" not in str(first)


def test_a_unit_sees_its_own_figures_and_tickets_alone(running: Web, bearer: Bearer, numbers: dict[str, str]) -> None:
    who = bearer("hwzx")
    for asked in ({}, {"unit": "cgj"}, {"by": "street"}, {"by": "unit", "key": "cgj"}):
        found = get(running, "", who, **asked)
        assert (found["by"], found["key"], [row["key"] for row in found["rows"]]) == ("unit", "hwzx", ["hwzx"])
        listed = get(running, "/received/tickets", who, **asked)
        assert [one["number"] for one in listed["items"]] == [numbers["hwzx"]]


def test_a_day_is_whole(running: Web, bearer: Bearer, numbers: dict[str, str]) -> None:
    assert numbers
    now = clock.now()
    found = get(running, "", bearer("admin"), since=now.isoformat(), until=(now + timedelta(seconds=1)).isoformat())
    assert found["since"][11:] == found["until"][11:]
    assert found["received"] == 3


@pytest.mark.parametrize(("address", "params", "path"), [
    ("", {"by": "person"}, "by"), ("", {"order": "charm"}, "order"), ("", {"unit": "cgj", "by": "street"}, "unit"),
    ("/charm/tickets", {}, "rate"), ("/solve/tickets", {"side": "excluded"}, "ground"),
    ("", {"since": "2026-02-01", "until": "2026-01-01"}, "since"),
])  # fmt: skip
def test_what_cannot_be_asked(running: Web, bearer: Bearer, address: str, params: dict[str, str], path: str) -> None:
    answer = running.get(f"/api/v1/figures{address}", params=params, headers=bearer("admin"))
    assert answer.status_code == 422, answer.text
    assert path in answer.text
    assert answer.json()["code"] == "bad_value"


def test_a_grid_leader_has_no_figures(running: Web, bearer: Bearer) -> None:
    assert running.get("/api/v1/figures/solve/tickets", headers=bearer("wu.haoran")).status_code == 403
