"""What a phone hands in late: once, by its own identifier, whatever its clock and its network do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from hotline import clock
from hotline.store import db
from hotline.store.schema import METADATA

Web = TestClient[Litestar]
Bearer = Callable[[str], dict[str, str]]
Send = Callable[..., Response]
TICKET, SUBMISSION = METADATA.tables["ticket"], METADATA.tables["submission"]
GRID, OTHER, FAR = "990101001001001", "990101001001002", "990101004001001"
LEADER = "wu.haoran"


@pytest.fixture
def number(running: Web, bearer: Bearer) -> str:
    """A ticket in the leader's grid."""
    body = {"text": f"门口的井盖松了，车一过就响。{uuid4()}", "unit": "cgj", "grid": GRID}
    made: str = running.post("/api/v1/tickets", json=body, headers=bearer("agent")).json()["number"]
    running.post(f"/api/v1/tickets/{made}/moves/route", json={"unit": "cgj"}, headers=bearer("dispatcher"))
    return made


@pytest.fixture
def send(running: Web, bearer: Bearer) -> Send:
    """A function that hands something in."""

    def put(kind: str, number: str = "", *, key: str = "", login: str = LEADER, ago: int = 0, **said: str) -> Response:
        return running.put(
            f"/api/v1/submissions/{key or uuid4()}", json=body(kind, number, ago, **said), headers=bearer(login)
        )

    return put


def body(kind: str, number: str = "", ago: int = 0, **said: str) -> dict[str, Any]:
    now = clock.now()
    return {
        "kind": kind, "number": number, "said": said, "occurred_at": (now - timedelta(seconds=ago)).isoformat(),
        "sent_at": now.isoformat(),
    }  # fmt: skip


def history(web: Web, bearer: Bearer, number: str) -> list[tuple[str, str]]:
    sheet = web.get(f"/api/v1/tickets/{number}", headers=bearer("dispatcher")).json()
    return [(line["move"], line["note"]) for line in sheet["history"]]


def test_the_same_identifier_is_taken_once(running: Web, bearer: Bearer, send: Send, number: str) -> None:
    key = str(uuid4())
    form = body("answer", number, answer="doing", note="正在联系产权单位")
    first = running.put(f"/api/v1/submissions/{key}", json=form, headers=bearer(LEADER))
    again = form | {"sent_at": (clock.now() + timedelta(minutes=5)).isoformat()}  # sent anew, said the same
    second = running.put(f"/api/v1/submissions/{key}", json=again, headers=bearer(LEADER))
    assert (first.status_code, second.status_code) == (201, 200), second.text
    assert first.json() == second.json() == {"id": key, "number": number, "seq": first.json()["seq"]}
    assert [move for move, _ in history(running, bearer, number)].count("report") == 1
    other = send("answer", number, key=key, answer="doing", note="别的话")
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")


def test_two_at_the_same_moment_are_one(running: Web, bearer: Bearer, number: str) -> None:
    key, form, headers = uuid4(), body("answer", number, answer="there"), bearer(LEADER)
    with ThreadPoolExecutor(4) as pool:
        tries = [pool.submit(running.put, f"/api/v1/submissions/{key}", json=form, headers=headers) for _ in range(4)]
        answers = [one.result() for one in tries]
    assert sorted(one.status_code for one in answers) == [200, 200, 200, 201], [one.text for one in answers]
    assert [move for move, _ in history(running, bearer, number)].count("report") == 1


def test_a_report_comes_in_once_and_goes_on(running: Web, bearer: Bearer, send: Send) -> None:
    key, text = str(uuid4()), f"垃圾桶满了三天没人清运{uuid4()}"
    said = {"text": text, "end": "handled", "area": "010101", "grid": GRID}
    first = send("report", key=key, **said)
    now = clock.now().isoformat()
    form = {"kind": "report", "said": said, "occurred_at": now, "sent_at": now}
    assert first.status_code == 201, first.text
    second = running.put(f"/api/v1/submissions/{key}", json=form, headers=bearer(LEADER))
    assert (second.status_code, second.json()["code"]) == (409, "key_reused")  # another moment: not the same form
    with db.reading() as session:
        held = session.execute(sa.select(TICKET).where(TICKET.c.text == text)).all()
        kept = session.execute(sa.select(SUBMISSION).where(SUBMISSION.c.number == held[0].number)).one()
    assert [(one.state, one.number) for one in held] == [("closed", first.json()["number"])]
    assert (kept.ticket_id, kept.seq, kept.kind) == (held[0].id, held[0].seq, "report")


def test_a_visit_is_kept_once_and_is_no_ticket(running: Web, bearer: Bearer) -> None:
    visit = METADATA.tables["visit"]

    def note(key: str = "", **said: str) -> Response:
        form = body("visit", ago=5400) | {"said": {"kind": "home", "note": "看过一户"} | said}
        return running.put(f"/api/v1/submissions/{key or uuid4()}", json=form, headers=bearer(LEADER))

    key = str(uuid4())
    first = note(key, note="楼道堆了纸箱")
    assert (first.status_code, first.json()) == (201, {"id": key, "number": "", "seq": 0})
    assert note(key).status_code == 409
    wrong = {"kind": "none", "note": " ", "grid": FAR, "until": "明天"}
    for path, value in wrong.items():
        refused = note(**{path: value})
        assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, path)
    with db.reading() as session:
        [row] = session.execute(sa.select(visit)).all()
    assert (row.login, row.grid, row.note) == (LEADER, GRID, "楼道堆了纸箱")
    assert timedelta(minutes=89) < clock.now() - row.at < timedelta(minutes=91)


def test_what_is_lacking_is_said_and_nothing_is_kept(send: Send, number: str) -> None:
    key = str(uuid4())
    wrong = send("answer", number, key=key, answer="cannot", note=" ")
    assert wrong.status_code == 422
    assert wrong.json()["fields"] == [{"path": "note", "message": "选这一项时请写明理由"}]
    assert send("report", text="说不清的事", end="").json()["fields"][0]["path"] == "end"
    assert send("whistle", number).json()["fields"][0]["path"] == "reason"
    assert send("regrid", number).json()["fields"][0]["path"] == "grid"
    mended = send("answer", number, key=key, answer="doing")  # the identifier was not used up
    assert mended.status_code == 201, mended.text


def test_a_ticket_that_moved_on_is_said_in_words(send: Send, number: str) -> None:
    assert send("regrid", number, grid=FAR).status_code == 201
    late = send("answer", number, answer="doing", note="我到了")
    assert (late.status_code, late.json()["code"]) == (409, "ticket_moved_on")
    assert "已转给其他网格" in late.json()["message"]
    assert "还在手机上" in late.json()["message"]
    unknown = send("answer", "SL000000000000", answer="doing")
    assert (unknown.status_code, unknown.json()["code"]) == (409, "ticket_moved_on")


def test_own_forms_filled_in_on_the_way_come_one_by_one(running: Web, bearer: Bearer, send: Send, number: str) -> None:
    seq = str(running.get(f"/api/v1/tickets/{number}", headers=bearer("dispatcher")).json()["card"]["seq"])
    assert send("answer", number, answer="there", seq=seq).status_code == 201
    noted = running.post(f"/api/v1/tickets/{number}/moves/note", json={"note": "请注意"}, headers=bearer("dispatcher"))
    assert noted.status_code == 200
    assert send("answer", number, answer="doing", seq=seq).status_code == 201  # takes nothing back
    stale = send("answer", number, answer="done", seq=seq, note="好了")
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_ticket")
    now = str(running.get(f"/api/v1/tickets/{number}", headers=bearer("dispatcher")).json()["card"]["seq"])
    assert send("whistle", number, reason="money", seq=now).status_code == 201
    assert send("answer", number, answer="done", seq=now, note="好了", alone="true").status_code == 201


@pytest.mark.parametrize(("shift", "ago", "said"), [(0, 30, ""), (366, 7200, "补传"), (-366, 7200, "补传")])
def test_a_wrong_clock_is_not_believed_but_the_time_between(
    running: Web, bearer: Bearer, number: str, shift: int, ago: int, said: str
) -> None:
    """A phone a year ahead or behind: what counts is how long ago it was by the same clock."""
    theirs = clock.now() + timedelta(days=shift)
    form = {
        "kind": "answer", "number": number, "said": {"answer": "there"}, "sent_at": theirs.isoformat(),
        "occurred_at": (theirs - timedelta(seconds=ago)).isoformat(),
    }  # fmt: skip
    key = uuid4()
    assert running.put(f"/api/v1/submissions/{key}", json=form, headers=bearer(LEADER)).status_code == 201
    with db.reading() as session:
        kept = session.execute(sa.select(SUBMISSION).where(SUBMISSION.c.id == key)).one()
    assert abs(clock.now() - timedelta(seconds=ago) - kept.occurred_at) < timedelta(minutes=1)
    note = history(running, bearer, number)[-1][1]
    assert note.startswith("已到现场")
    assert ("补传" in note) is bool(said)


@pytest.mark.parametrize(
    ("change", "status", "path"),
    [({"kind": "route"}, 422, "kind"), ({"said": {"note": "字" * 4001}}, 422, "said[...]"),
     ({"files": [{"id": "x", "kind": "photo", "size": 1}]}, 422, "files[0].id"),
     ({"occurred_at": "2026-01-01"}, 422, "occurred_at"), ({"more": 1}, 422, "more")],
)  # fmt: skip
def test_a_form_nobody_filled_in(
    running: Web, bearer: Bearer, number: str, change: dict[str, Any], status: int, path: str
) -> None:
    form = body("answer", number, answer="doing") | change
    answer = running.put(f"/api/v1/submissions/{uuid4()}", json=form, headers=bearer(LEADER))
    assert (answer.status_code, answer.json()["fields"][0]["path"]) == (status, path), answer.text


def test_only_grid_leaders_and_only_with_a_login(running: Web, bearer: Bearer, send: Send, number: str) -> None:
    assert send("answer", number, login="cgj", answer="doing").status_code == 403
    assert running.put(f"/api/v1/submissions/{uuid4()}", json=body("answer", number)).status_code == 401
