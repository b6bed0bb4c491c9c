"""Checks the wall clock against a steady one, turn by turn and across restarts; a jump stops the rounds.

A jump forward by more than `LEAP` holds what acts by the clock (cards, defaults, filing) until a person confirms the
time (`hotline rounds resume`) or the clock is put right again; what people do and what follows from it goes on.

What is a jump:
 - within one boot of the machine, also across a restart of the rounds: the wall clock went further than the clock that
   counts on through sleep (CLOCK_BOOTTIME).  Rounds that were stopped for a night are no jump;
 - after a boot nothing counted on.  A machine that was off for up to `OFF` is believed; longer asks a person, and so
   does, at any time, a wall clock ahead of the database server's (PostgreSQL).
A clock that was put back is believed: it shows no card early, and nothing acts twice.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from hotline.store import bulk, troubles
from hotline.store import db as store
from hotline.store.columns import col, table_of
from hotline.store.troubles import BeatRow, Trouble

LEAP = timedelta(minutes=5)
OFF = timedelta(days=3)
BEAT_EVERY = 60.0  # seconds of the steady clock between two beats
BEAT = table_of(BeatRow)
HOLD = troubles.named("hold")
BOOT = Path("/proc/sys/kernel/random/boot_id")
log = logging.getLogger(__name__)


class Mark(msgspec.Struct, frozen=True):
    """Both clocks at one moment: the wall's, and the steady one's seconds."""

    at: datetime
    steady: float


def steady() -> float:
    """Return seconds that nobody can set, counted through sleep where the system counts them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def boot() -> str:
    """Return what tells this boot of this machine from every other, "" where the system does not say."""
    try:
        return BOOT.read_text(encoding="ascii").strip()[:64]
    except OSError:
        return ""


class Heart:
    """Of one process of the rounds: `turn` is asked before anything acts by the clock."""

    def __init__(self, clock: Callable[[], datetime], counter: Callable[[], float] = steady, name: str = "") -> None:
        self._clock, self._counter, self._boot = clock, counter, name or boot()
        self._mark: Mark | None = None  # both clocks when the wall clock was last believed
        self._held = False
        self._passes = False  # whether the hold ends by itself once the clock is put right
        self._server = True  # whether the database server's clock is asked too

    def turn(self, region: str) -> bool:
        """Compare the clocks; return whether the time is to be believed."""
        now = Mark(self._clock(), self._counter())
        with store.reading() as db:
            waits, begins = is_stopped(db, region), self._mark is None
            why = self._begin(db, now) if begins else self._wrong(db, now)
        if self._held and not waits:
            self._confirmed(now)
        elif waits and self._passes and not why:
            self._release(region)
        elif waits or why:
            self._passes |= bool(why) and not (begins and self._mark == now)
            self._hold(region, why, now.at)
        elif begins or now.steady - self._beaten >= BEAT_EVERY:
            self._beat(now)
        return not self._held

    @property
    def _beaten(self) -> float:
        return self._mark.steady if self._mark else float("-inf")

    def _begin(self, db: Session, now: Mark) -> str:
        """Find what to compare with from now on; return what is wrong at the start, "" for nothing."""
        mine = db.execute(
            sa.select(col(BeatRow.at), col(BeatRow.steady)).where(col(BeatRow.boot) == self._boot)
        ).first()
        if self._boot and mine is not None and mine.steady <= now.steady:
            self._mark = Mark(mine.at, mine.steady)
            return self._wrong(db, now)
        self._mark = now
        newest = db.execute(sa.select(col(BeatRow.at)).order_by(col(BeatRow.at).desc()).limit(1)).scalar_one_or_none()
        if newest is None or now.at - newest <= OFF:
            return self._wrong(db, now)
        days = (now.at - newest).days
        return f"上次巡查在 {newest:%Y-%m-%d %H:%M} UTC，已隔 {days} 天，不能判断是停机还是时钟有误"

    def _wrong(self, db: Session, now: Mark) -> str:
        assert self._mark is not None
        ahead = (now.at - self._mark.at) - timedelta(seconds=now.steady - self._mark.steady)
        if ahead > LEAP:
            return f"系统时钟为 {now.at:%Y-%m-%d %H:%M} UTC，比应有的时间快 {_span(ahead)}"
        return _ahead_of_server(db, now.at) if self._server else ""

    def _hold(self, region: str, why: str, now: datetime) -> None:
        if why and not self._held:
            log.error("what acts by the clock is held: %s", why)
            with store.transaction() as db:
                troubles.note(db, [Trouble(region=region, kind="hold", key=HOLD, says=why, at=now)])
        self._held = True

    def _confirmed(self, now: Mark) -> None:
        """Go on by the time a person has confirmed, whatever the database server says of it."""
        log.info("the time was confirmed")
        self._held = self._passes = self._server = False
        self._beat(now)

    def _release(self, region: str) -> None:
        log.info("the wall clock is right again")
        with store.transaction() as db:
            troubles.clear(db, region, "hold")
        self._held = self._passes = False

    def _beat(self, now: Mark) -> None:
        self._mark = now
        if self._boot:
            row = {"boot": self._boot, "at": now.at, "steady": now.steady}
            with store.transaction() as db:
                if not bulk.insert_new(db, BEAT, [row]):
                    db.execute(
                        sa.update(BEAT)
                        .where(col(BeatRow.boot) == self._boot)
                        .values({col(BeatRow.at): now.at, col(BeatRow.steady): now.steady})
                    )


def is_stopped(db: Session, region: str) -> bool:
    """Return whether the time waits for a person's word."""
    return bool(troubles.open_troubles(db, region, ("hold",)))


def _ahead_of_server(db: Session, now: datetime) -> str:
    if db.get_bind().dialect.name != "postgresql":
        return ""
    there: datetime = db.execute(sa.select(sa.text("clock_timestamp()"))).scalar_one()
    return f"系统时钟比数据库服务器快 {_span(now - there)}" if now - there > LEAP else ""


def _span(far: timedelta) -> str:
    hours, minutes = divmod(int(far.total_seconds()) // 60, 60)
    days, hours = divmod(hours, 24)
    return "".join(f"{n} {unit}" for n, unit in ((days, "天"), (hours, "小时"), (minutes, "分钟")) if n)
