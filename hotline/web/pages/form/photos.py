"""Photos posted within a form without a script: of the phone's own forms, and of the unit's.

A photo that cannot be kept costs no word: the form comes back with what was written in it.  No form asks for one.
"""

import re
from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_413_REQUEST_ENTITY_TOO_LARGE as TOO_LARGE

from dispatch.photos import PhotoRules
from grids.messages import Message
from hotline.channels import attached
from hotline.channels.attached import BadFile
from hotline.errors import BadValue
from hotline.store.files import Cleaned
from hotline.web import bodies
from hotline.web.strings import Say

PHOTOS_FIELD = "photos"
LARGEST_FORM = 64_000_000  # bytes of one request: nine photos as most cameras make them
LONGEST_WORDS = 1_000_000  # bytes of all other fields together
NAME = 40  # characters of a file's name that are said again, and kept nowhere


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """A form: its fields by name, and the photos chosen in it."""

    data: dict[str, str]
    photos: list[UploadFile] = []

    def again(self, say: Say, refused: object = None) -> str:
        """Return what is to be said of the photos of a form that comes back: a browser does not choose them again.

        refused  why it comes back; what is wrong with a photo says so itself
        """
        told = getattr(refused, "path", "") == PHOTOS_FIELD
        return say("照片请重新选择。") if self.photos and not told else ""


async def posted(request: Request[Any, Any, Any]) -> Posted:
    """Dependency `posted`: the form of this request, of either type.  raises HTTPException 413, BadEncoding"""
    form = await bodies.form(request)
    data = {name: text for name, text in form.multi_items() if isinstance(text, str) and name != PHOTOS_FIELD}
    if sum(len(text) for text in data.values()) > LONGEST_WORDS:
        raise HTTPException(status_code=TOO_LARGE)
    found = form.getall(PHOTOS_FIELD, [])
    return Posted(data=data, photos=[one for one in found if isinstance(one, UploadFile) and one.filename])


def cleaned(given: Posted, rules: PhotoRules) -> list[Cleaned]:
    """Return what may be kept of the photos of a form.  raises BadValue that names the file, and why"""
    if rules.too_many(len(given.photos)):
        raise BadValue(PHOTOS_FIELD, Message("一次最多附 %(n)s 张照片，请减少后重新选择；写的内容还在。", n=rules.most))
    return [_cleaned(photo) for photo in given.photos]


def _cleaned(photo: UploadFile) -> Cleaned:
    photo.file.seek(0)
    try:
        return attached.clean("photo", photo.file.read(attached.LARGEST_SENT + 1))
    except BadFile as why:
        given = {"name": _name(photo.filename), "why": why.sentence}
        kept = Message("“%(name)s”没有附上：%(why)s。写的内容还在，照片请重新选择，或不附照片提交。", **given)
        raise BadValue(PHOTOS_FIELD, kept) from None


def _name(given: str) -> str:
    """Return the last part of a name as its owner knows it."""
    plain = re.sub(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", re.split(r"[/\\]", given)[-1])
    return plain if len(plain) <= NAME else f"…{plain[-NAME:]}"
