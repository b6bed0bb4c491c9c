"""Sets up what is measured: the sample city with its rules, a trained classifier, one clerk with a token."""

import csv
from functools import cache

import msgspec

from classifiers import model as models
from classifiers.samples import Sample
from classifiers.training import train
from dispatch.roles import Role
from hotline import city as cities
from hotline import clock, people, rulefiles
from hotline.bench.matters import CITY
from hotline.city import City
from hotline.store import db
from hotline.store.ids import new_id

CLERK = "bench"


def settle(url: str) -> tuple[City, str]:
    """Bind an empty migrated database and move in; return the city in force and the clerk's token."""
    db.bind(url)
    now = clock.now()
    with db.transaction() as session:
        found = cities.apply(session, rulefiles.read_folder(CITY), "bench", now)
        made = _model()
        card = msgspec.to_builtins(made[1])
        cities.keep_model(session, found, "bench", made[0], card, new_id(now), now)
        people.add(session, found.region, CLERK, "压测", "", now)
        people.appoint(session, found.region, CLERK, Role.AGENT, "", now)
        token = people.machine_token(session, found.region, CLERK, device="bench", now=now)
    with db.reading() as session:
        return cities.current(session), token


@cache
def _model() -> tuple[bytes, object]:
    """Return the classifier of the sample city, trained once a run."""
    taxonomy = cities.build(rulefiles.read_folder(CITY)).taxonomy
    with (CITY / "samples.csv").open(encoding="utf-8", newline="") as file:
        samples = [Sample(text=row["text"], title=row["title"], area=row["area"]) for row in csv.DictReader(file)]
    made = train(samples, taxonomy, trained_at=clock.now(), name="bench")
    return models.to_bytes(made), made.card
