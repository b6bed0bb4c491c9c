"""Whether the background processes work, read from what they leave in the database."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from hotline.store.columns import col
from hotline.store.outbox import TRIES, OutboxRow
from hotline.store.troubles import BeatRow, TroubleRow

QUIET = timedelta(minutes=3)  # rounds beat once a minute
STUCK = timedelta(minutes=5)  # an event is carried out within seconds


def silent(db: Session, now: datetime) -> str:
    """Return what has stopped, in words, "" for nothing: rounds that beat no more, workers that leave events undone.

    Rounds that hold because the clock jumped beat no more either; they say so themselves (`troubles`).
    """
    waits = col(OutboxRow.done_at).is_(None), col(OutboxRow.tries) < TRIES, col(OutboxRow.at) < now - STUCK
    late = sa.select(sa.func.count()).where(*waits).scalar_subquery()
    last = sa.select(sa.func.max(col(BeatRow.at))).scalar_subquery()
    holds = sa.exists().where(col(TroubleRow.kind) == "hold")
    undone, beaten, held = db.execute(sa.select(late, last, sa.select(holds).scalar_subquery())).one()
    said = []
    if beaten is not None and not held and now - beaten > QUIET:
        said.append(f"巡查（hotline rounds）已停 {_minutes(now - beaten)} 分钟")
    if undone:
        said.append(f"后台处理（hotline work）没有跟上：{undone} 件超过 {_minutes(STUCK)} 分钟未处理")
    return "；".join(said)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
