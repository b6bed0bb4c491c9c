"""What needs a person is told by readyz and metrics, and stands on the dispatcher's desk."""

import time
from collections.abc import Callable

import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient

from hotline import clock
from hotline.store import db, troubles
from hotline.store.outbox import TRIES
from hotline.store.schema import METADATA
from hotline.store.troubles import Trouble
from tests.hotline.web.test_api_tickets import hand_in

Web = TestClient[Litestar]
Bearer = Callable[[str], dict[str, str]]
OUTBOX, TICKET = METADATA.tables["outbox"], METADATA.tables["ticket"]


def ready(web: Web) -> dict[str, object]:
    """Return what readyz says once it has looked again."""
    time.sleep(1.1)  # it looks once a second
    answer = web.get("/readyz")
    assert answer.status_code == 200, "work can be done all the same"
    found: dict[str, object] = answer.json()
    return found


def test_a_ticket_in_trouble_is_told_everywhere(running: Web, bearer: Bearer) -> None:
    number = hand_in(running, bearer("agent"))
    assert ready(running)["attention"] == ""
    assert 'hotline_troubles{kind="clock"} 0.0' in running.get("/metrics").text
    with db.transaction() as session:
        row = session.execute(sa.select(TICKET.c.id).where(TICKET.c.number == number)).one()
        told = Trouble(region="sample", kind="clock", key=row.id, ticket_id=row.id, number=number, at=clock.now())
        troubles.note(session, [told])
        session.execute(sa.update(OUTBOX).where(OUTBOX.c.number == number).values(tries=TRIES))
    assert ready(running)["attention"] == "时限记录有误，已搁置 1"
    text = running.get("/metrics").text
    assert 'hotline_troubles{kind="clock"} 1.0' in text
    assert "hotline_outbox_given_up 1.0" in text
    page = running.get("/dispatch?list=troubled", headers=bearer("dispatcher") | {"accept": "text/html"}).text
    assert 'href="/dispatch?list=troubled" class="alarm" aria-current="page">系统异常 <b>1</b>' in page
    assert number in page
