"""A move whose answer was lost and is sent again is answered as done, by the API; nothing is done twice."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from hotline import clock
from hotline.flow.doors import MOVES_BY_NAME
from hotline.store import db, movekeys
from tests.hotline.web.test_api_tickets import hand_in, rows

Web = TestClient[Litestar]
Bearer = Callable[[str], dict[str, str]]


def move(web: Web, headers: dict[str, str], number: str, name: str, key: str = "", **said: object) -> object:
    given = headers | ({"Idempotency-Key": key} if key else {})
    return web.post(f"/api/v1/tickets/{number}/moves/{name}", json=said, headers=given)


def test_the_same_again_is_answered_as_done(running: Web, bearer: Bearer) -> None:
    number = hand_in(running, bearer("agent"))
    before = rows("entry")
    first = move(running, bearer("agent"), number, "note", "k-1", note="来电人又打来", seq=1)
    again = move(running, bearer("agent"), number, "note", "k-1", note="来电人又打来", seq=1)
    assert (first.status_code, again.status_code) == (200, 200), again.text
    assert first.json() == again.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert rows("entry") == before + 1


@pytest.mark.parametrize(("name", "said"), [("note", {"note": "别的话"}), ("urge", {"note": "来电人又打来"})])
def test_a_key_with_other_words_or_another_move_is_refused(
    running: Web, bearer: Bearer, name: str, said: dict[str, str]
) -> None:
    number = hand_in(running, bearer("agent"))
    move(running, bearer("agent"), number, "note", f"k-2-{name}", note="来电人又打来")
    before = rows("entry")
    other = move(running, bearer("agent"), number, name, f"k-2-{name}", **said)
    assert (other.status_code, other.json()["code"], rows("entry")) == (409, "key_reused", before)
    elsewhere = hand_in(running, bearer("agent"))
    other = move(running, bearer("agent"), elsewhere, "note", f"k-2-{name}", note="来电人又打来")
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")


def test_a_key_is_its_person_s(running: Web, bearer: Bearer) -> None:
    number = hand_in(running, bearer("agent"))
    for login in ("agent", "agent2"):
        answer = move(running, bearer(login), number, "note", "k-3", note="来电人又打来")
        assert (answer.status_code, "idempotent-replayed" in answer.headers) == (200, False)


def test_a_move_that_was_refused_leaves_its_key_free(running: Web, bearer: Bearer) -> None:
    number = hand_in(running, bearer("agent"))
    assert move(running, bearer("agent"), number, "note", "k-4", note="一", seq=99).status_code == 409
    answer = move(running, bearer("agent"), number, "note", "k-4", note="一", seq=1)
    assert (answer.status_code, "idempotent-replayed" in answer.headers) == (200, False)


@pytest.mark.parametrize("key", ["", "k" * 129, "a\x7fb"])
def test_a_key_nobody_can_use(running: Web, bearer: Bearer, key: str) -> None:
    number = hand_in(running, bearer("agent"))
    given = bearer("agent") | {"Idempotency-Key": key}
    answer = running.post(f"/api/v1/tickets/{number}/moves/urge", json={}, headers=given)
    assert answer.status_code == 422, answer.text


def test_two_at_the_same_moment_are_one(running: Web, bearer: Bearer) -> None:
    number, headers = hand_in(running, bearer("agent")), bearer("agent")
    before, answers = rows("entry"), []

    def send() -> None:
        answers.append(move(running, headers, number, "note", "k-5", note="来电人又打来"))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert [one.status_code for one in answers] == [200] * 4
    assert len({one.text for one in answers}) == 1
    assert rows("entry") == before + 1


def test_without_a_key_each_is_made(running: Web, bearer: Bearer) -> None:
    number = hand_in(running, bearer("agent"))
    before = rows("entry")
    for _ in range(2):
        assert move(running, bearer("agent"), number, "note", note="来电人又打来").status_code == 200
    assert rows("entry") == before + 2


def test_every_move_is_described_with_its_key(running: Web) -> None:
    paths = running.get("/api/openapi.json").json()["paths"]
    keyed = {
        path.rpartition("/")[2] for path, methods in paths.items()
        if "/moves/" in path and "Idempotency-Key" in [one["name"] for one in methods["post"]["parameters"]]
    }  # fmt: skip
    assert keyed == set(MOVES_BY_NAME)


def test_old_keys_are_forgotten(running: Web, bearer: Bearer) -> None:
    number = hand_in(running, bearer("agent"))
    move(running, bearer("agent"), number, "note", "k-6", note="来电人又打来")
    with db.transaction() as session:
        assert movekeys.forget(session, "sample", clock.now()) == 0
        held = rows("move_key")
        assert movekeys.forget(session, "sample", clock.now() + movekeys.KEYS_KEPT + timedelta(minutes=1)) == held
