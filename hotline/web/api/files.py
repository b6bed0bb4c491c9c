"""Endpoints of photos and voice notes: sent piece by piece, resumed; read by whoever sees the ticket."""

import re
from uuid import UUID

import msgspec
from anyio import to_thread
from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from grids.messages import Message
from hotline.channels import attached
from hotline.channels.attached import BadFile
from hotline.errors import BadValue, NoSuchFile, WrongOffset
from hotline.flow.acts import attach
from hotline.store import db, files, sheets
from hotline.store.files import Stored
from hotline.web import access, bodies
from hotline.web.access import AnyRequest, Here
from hotline.web.bodies import ENCODER

LARGEST_PIECE = 262_144  # bytes of one request
RANGE = re.compile(r"bytes (\d{1,9})-(\d{1,9})/(\d{1,9})")
# A file is shown, never run: whatever its bytes turn out to be, no script of it lives and no page frames it.
READ = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=86400, immutable",
    "Content-Disposition": "inline",
}


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a file is here; `done`: it is whole, and kept.  code: why it does not go on here, "" = it does

    id  the identifier the phone sends it under
    """

    id: UUID
    received: int
    done: bool
    code: str = ""


@put("/files/{key:uuid}", guards=[access.may()], status_code=202, request_max_body_size=LARGEST_PIECE)
async def send(key: FromPath[UUID], request: AnyRequest, here: NamedDependency[Here]) -> ASGIResponse:
    """上传一个文件的一段（Content-Range: bytes 起-止/总长；缺省为整个文件）。

    未完返回 202，收齐返回 201，此前已收齐返回 200；位置不接续返回 409 和应续传的位置 received；不能保存的文件返回 422。
    """
    piece = await request.body()
    at, total = _range(request.headers.get("content-range", ""), len(piece))

    def work() -> ASGIResponse:
        try:
            with db.transaction() as session:
                file = attach.take(session, here.me, key, at, total, piece)
        except WrongOffset as gap:
            return _answer(Arrived(id=key, received=gap.received, done=False, code=gap.code), 409)
        if file.done:
            return _answer(Arrived(id=key, received=file.size, done=True), 200)
        return _stands(here, key, file)

    return await to_thread.run_sync(work)


@get("/files/{key:uuid}", guards=[access.may()], sync_to_thread=True)
def stands(key: FromPath[UUID], here: NamedDependency[Here]) -> ASGIResponse:
    """自己要上传的一个文件已收到多少字节，是否收齐。"""
    with db.transaction() as session:
        file = attach.announced(session, here.me, key)
    if file.done:
        return _answer(Arrived(id=key, received=file.size, done=True), 200)
    return _stands(here, key, file)


@get("/tickets/{number:str}/files/{file:uuid}", guards=[access.may()], sync_to_thread=True)
def read(number: FromPath[str], file: FromPath[UUID], here: NamedDependency[Here]) -> ASGIResponse:
    """查看工单的照片或录音。看不到工单的人同样看不到文件，返回 404；公开查询页不提供。"""
    with db.reading() as session:
        sheet = sheets.sheet(session, here.me.sight, number)
        found = next((one for one in sheet.files if one.id == file and one.done), None)
        if found is None:
            raise NoSuchFile
        body = files.body(session, file)
    return ASGIResponse(body=body, status_code=200, media_type=found.media, headers=READ)


def _stands(here: Here, key: UUID, file: Stored) -> ASGIResponse:
    """Say how far a file is; one with all its bytes is cleaned first, outside of any transaction."""
    if file.received < file.size:
        return _answer(Arrived(id=key, received=file.received, done=False), 202)
    with db.reading() as session:
        whole = files.body(session, file.id)
    try:
        kept = attached.clean("voice" if file.kind == "voice" else "photo", whole)
    except BadFile:
        with db.transaction() as session:
            files.forget(session, attach.announced(session, here.me, key).id)
        raise
    with db.transaction() as session:
        if attach.announced(session, here.me, key).done:
            return _answer(Arrived(id=key, received=file.size, done=True), 200)
        files.finish(session, file.id, kept)
    return _answer(Arrived(id=key, received=file.size, done=True), 201)


def _answer(arrived: Arrived, status: int) -> ASGIResponse:
    return ASGIResponse(body=ENCODER.encode(arrived), status_code=status, media_type=bodies.JSON)


def _range(given: str, length: int) -> tuple[int, int]:
    """Return (first byte, whole length) of a piece.  raises BadValue"""
    if not given:
        return 0, length
    found = RANGE.fullmatch(given.strip())
    if found is None or int(found.group(2)) - int(found.group(1)) + 1 != length:
        raise BadValue("Content-Range", Message("Content-Range 应为 bytes 起-止/总长，并与内容长度一致"))
    return int(found.group(1)), int(found.group(3))
