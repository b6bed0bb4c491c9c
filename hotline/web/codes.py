"""Issues a new query code (查询码) to who calls from a ticket's own number; tries are counted first."""

from collections.abc import Callable
from functools import partial

from sqlmodel import Session

from hotline import clock, people
from hotline.errors import TooMany
from hotline.flow import query
from hotline.store import db
from hotline.web.access import Here
from hotline.wire.tickets import Coded, Phoned

Make = Callable[[], Coded]
Once = Callable[[Session, Make], Coded | None]


def issue(here: Here, number: str, said: Phoned) -> Coded:
    """Return the code, in transactions of its own.  raises as `query.issue`; TooMany for who tries number on number"""
    given = issue_once(here, number, said, lambda _, make: make())
    assert given is not None
    return given


def issue_once(here: Here, number: str, said: Phoned, once: Once) -> Coded | None:
    """Return the same through `once`, or None where that knows it was issued: it is told once.  raises as `issue`"""
    now = clock.now()
    with db.transaction() as session:
        if people.knocked(session, here.me.region, f"recode:{here.me.login}", now):
            raise TooMany
    with db.transaction() as session:
        return once(session, partial(query.issue, session, here.hall.seal, number, said, here.me, now))
