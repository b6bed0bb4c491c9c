"""Puts the sample city into an empty database: rules, classifier, people, and six weeks of tickets.  All or nothing."""

import csv
import io
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from tqdm import tqdm

from classifiers import training
from classifiers.model import Model, to_bytes
from classifiers.samples import Sample
from hotline import city as cities
from hotline import clock, rulefiles
from hotline.city import City
from hotline.flow.figures import tally
from hotline.flow.learning import samples
from hotline.sample import lives, staff
from hotline.sample.lives import Lived, Row, Stage
from hotline.sample.past import Past
from hotline.sample.staff import Staff
from hotline.sealing import Seal
from hotline.settings import Settings
from hotline.store import db, numbers
from hotline.store.columns import col
from hotline.store.ids import new_id
from hotline.store.learning import EditionRow

FOLDER = Path(str(resources("hotline.sample"))) / "city"
BY = cities.BY_SAMPLE
OPENED = timedelta(days=90)  # how long before today the office of the sample city was opened


def ensure(given: Settings) -> bool:
    """Plant the sample city if the database holds no city at all; return whether it did.  The schema must be there."""
    db.bind(given.database_url)
    if not empty():
        return False
    now = clock.now()
    files = rulefiles.read_folder(FOLDER)
    bare = cities.build(files)
    plant(bare, files, _train(bare, now), Seal(given.secret_key()), now)
    return True


def accounts() -> list[tuple[str, str, str]]:
    """Return (role, login, password) of the sample accounts; none where another city is in force."""
    with db.reading() as session:
        region = session.execute(sa.select(col(EditionRow.region)).where(col(EditionRow.active))).scalar_one_or_none()
        if region != rulefiles.head(rulefiles.read_folder(FOLDER)).region:
            return []
        return staff.still_public(session, region, staff.read(FOLDER))


def plant(bare: City, files: dict[str, str], made: Model, seal: Seal, now: datetime) -> None:
    """Write everything in one transaction, so that a planting cut short leaves the database empty."""
    rows = tickets()
    taken = _numbers(bare, rows, now)
    members = staff.read(FOLDER)
    with db.transaction() as session:
        cities.apply(session, files, BY, now - OPENED)
        card: dict[str, Any] = msgspec.to_builtins(made.card)
        cities.keep_model(session, bare, BY, to_bytes(made), card, new_id(now), now)
        samples.keep(session, samples.of_file(bare, _samples()))
        staff.hire(session, bare.region, members, now - OPENED)
        city = msgspec.structs.replace(bare, model=made, model_problem="")
        past = Past(session, city, now)
        stage = Stage(past, Staff(city, members), seal)
        for turn, (row, number) in enumerate(zip(rows, taken, strict=True)):
            past.add(lives.life(Lived(stage, row, number, turn)))
        past.unfold()
        tally.fold_all(session, city, now)


def tickets() -> list[Row]:
    """Return tickets.csv, oldest first."""
    lines = csv.DictReader(io.StringIO((FOLDER / "tickets.csv").read_text(encoding="utf-8-sig")))
    return sorted((msgspec.convert(line, Row, strict=False) for line in lines), key=lambda row: -row.days_ago)


def empty() -> bool:
    """Say whether the database holds no city at all."""
    with db.reading() as session:
        return session.execute(sa.select(col(EditionRow.region)).limit(1)).first() is None


def _numbers(city: City, rows: Sequence[Row], now: datetime) -> list[str]:
    """Return a number of its day for each row; taken before the transaction, which numbers must not wait for."""
    days = [city.day(now - timedelta(days=row.days_ago)) for row in rows]
    held = {day: iter(numbers.take(city.region, city.short, day, days.count(day))) for day in dict.fromkeys(days)}
    return [next(held[day]) for day in days]


def _samples() -> list[Sample]:
    """Return samples.csv."""
    lines = csv.DictReader(io.StringIO((FOLDER / "samples.csv").read_text(encoding="utf-8-sig")))
    return [Sample(text=line["text"], title=line["title"], area=line["area"]) for line in lines]


def _train(city: City, now: datetime) -> Model:
    """Learn from samples.csv; equal samples make an equal model."""
    with tqdm(total=100, desc="训练示例区的分类模型", file=sys.stderr, bar_format="{desc} {percentage:3.0f}%") as bar:

        def moved(_: str, share: float) -> None:
            bar.update(round(100 * share) - bar.n)

        return training.train(_samples(), city.taxonomy, trained_at=now, name=BY, progress=moved)
