"""A new query code (查询码) for who calls from a ticket's own number: tries are counted before they are looked at."""

from hotline import clock, people
from hotline.errors import TooMany
from hotline.flow import query
from hotline.store import db
from hotline.web.access import Here
from hotline.wire.tickets import Coded, Phoned


def issue(here: Here, number: str, said: Phoned) -> Coded:
    """Return the code, in transactions of its own.  raises as `query.issue`; TooMany for who tries number on number"""
    now = clock.now()
    with db.transaction() as session:
        if people.knocked(session, here.me.region, f"recode:{here.me.login}", now):
            raise TooMany
    with db.transaction() as session:
        return query.issue(session, here.hall.seal, number, said, here.me, now)
