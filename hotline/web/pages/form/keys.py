"""Carries out a form once: sent again after a lost answer, or pressed twice, it is answered as done."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import TypeVar

from sqlmodel import Session

from dispatch.errors import RuleBroken
from hotline.city import City
from hotline.errors import FormReused, HotlineError, KeyReused
from hotline.people import Me
from hotline.store import db, movekeys
from hotline.store.files import Cleaned
from hotline.store.movekeys import KEY_CHARACTERS, Key
from hotline.web.access import CSRF_FIELD, Here

KEY_FIELD = "key"
T = TypeVar("T")
Step = Callable[[Session, City, str, T, Me, datetime], object]


def once(
    session: Session,
    here: Here,
    number: str,
    what: str,
    data: dict[str, str],
    make: Callable[[], object],
    photos: Sequence[Cleaned] = (),
) -> None:
    """Carry out what a form asks for, unless it was carried out under the key it carries.

    what    names the form among those of a ticket
    raises  FormReused for a form that was carried out with other words; what `make` raises
    """

    def made() -> str:
        make()
        return ""

    try:
        movekeys.once(session, _key(here, number, what, data, photos), here.now, made)
    except KeyReused as reused:
        raise FormReused(reused.key, reused.number) from None


def carry_out(
    here: Here, number: str, what: str, data: dict[str, str], read: Callable[[], T], step: Step[T]
) -> Exception | None:
    """Read a form and take its step, once, in a transaction of its own; return why it was refused."""
    try:
        said = read()
        with db.transaction() as session:
            once(session, here, number, what, data, partial(step, session, here.city, number, said, here.me, here.now))
    except (HotlineError, RuleBroken) as refused:
        return refused
    return None


def _key(here: Here, number: str, what: str, data: dict[str, str], photos: Sequence[Cleaned]) -> Key | None:
    given = data.get(KEY_FIELD, "")
    if not given.isprintable() or not 0 < len(given) <= KEY_CHARACTERS - len("form:"):
        return None
    said = {name: text for name, text in data.items() if name not in (KEY_FIELD, CSRF_FIELD)}
    seen = [blake2b(one.body, digest_size=16).hexdigest() for one in photos]
    return Key(
        region=here.me.region,
        login=here.me.login,
        key=f"form:{given}",
        number=number,
        digest=movekeys.digest(what, number, said, seen),
    )
