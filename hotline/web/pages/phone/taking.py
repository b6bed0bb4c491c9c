"""Takes a leader's form about a ticket once, with its photos; the same words under another form are asked about."""

from litestar.params import URLEncodedBody

from dispatch.errors import RuleBroken
from hotline.errors import HotlineError, NoSuchTicket
from hotline.flow.acts import attach, deeds
from hotline.store import db
from hotline.web.access import Here
from hotline.web.pages.form import keys, photos
from hotline.web.pages.form.photos import Posted

Form = URLEncodedBody[dict[str, str]]


def take(here: Here, number: str, kind: str, posted: Posted) -> Exception | None:
    """Do what a form of this kind (`deeds.KINDS`) asks; return why it was refused.  raises NoSuchTicket"""
    try:
        kept = photos.cleaned(posted, here.city.rulebook.photos)
        with db.transaction() as session:

            def step() -> None:
                deeds.once_said(session, here, kind, number, posted.data)
                ticket = deeds.KINDS[kind](session, here, number, posted.data)
                attach.keep(session, ticket, kept, here.me, here.now)

            keys.once(session, here, number, kind, posted.data, step, kept)
    except NoSuchTicket:
        raise
    except (HotlineError, RuleBroken) as refused:
        return refused
    return None
