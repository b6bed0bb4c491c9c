"""The model of units (承办单位) beside a model of areas: learned from the same file, named after it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
import msgspec
from sqlmodel import Session, select

from classifiers import evaluation, inference, questions, units
from classifiers import model as models
from classifiers.evaluation import Report
from classifiers.inference import Guess
from classifiers.model import Model
from classifiers.samples import Sample
from classifiers.unit_training import train_units
from grids.messages import Message
from hotline import city as cities
from hotline.channels.labelled import Labelled, by_unit
from hotline.city import City
from hotline.cli.model_files import NoLabels, places
from hotline.jobs.training import UNITS
from hotline.store import db
from hotline.store.columns import col
from hotline.store.ids import new_id
from hotline.store.learning import ModelRow

Progress = Callable[[str, float], None]

_OPTIONS = (
    click.option("--unit", default="", help="承办单位所在的列；写明时另训练、评测承办单位的模型。"),
    click.option("--street", default="", help="镇街所在的列；不写则按内置的列名。"),
    click.option("--community", default="", help="村居所在的列；不写则按内置的列名。"),
    click.option("--source", default="", help="来源渠道所在的列。"),
)


def options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that name the columns units are learned from."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def learn(
    city: City,
    found: Labelled,
    name: str,
    floor: float,
    now: datetime,
    progress: Progress,
    group_error: float | None = None,
) -> Model:
    """Train the model of units.  raises NoLabels where no row names a unit, as `train_units` does"""
    samples, listed = by_unit(found, city.unit_list)
    samples = samples if found.own else [_known(city, one) for one in samples]
    if not samples:
        raise NoLabels(Message("没有一行写明本市单位表里的承办单位，无法训练承办单位的模型"))
    return train_units(
        samples,
        listed,
        areas=found.taxonomy,
        trained_at=now,
        name=name + UNITS,
        floor=floor,
        own_labels=found.own,
        group_error=group_error,
        progress=progress,
    )


def _known(city: City, one: Sample) -> Sample:
    """Return a sample without the places the city does not have: it will never be asked about them."""
    places = tuple(code for code in one.around.places if code in city.tree)
    return msgspec.structs.replace(one, around=msgspec.structs.replace(one.around, places=places))


def keep(session: Session, city: City, made: Model, now: datetime) -> bool:
    """Store it; return whether it is in use at once, as where there was none."""
    first = not made.card.own_labels and city.unit_model is None
    card, key = msgspec.to_builtins(made.card), new_id(now)
    cities.keep_model(session, city, made.card.name, models.to_bytes(made), card, key, now, active=first)
    return first


def cases(city: City, found: Labelled) -> list[Sample]:
    """Return the samples of a city's own file that name a unit, labelled with it; [] where none was asked for."""
    return by_unit(found, city.unit_list)[0]


def measure(areas: Model, held: Model, city: City, found: Labelled) -> Report:
    """Measure a model of units: each row asked under the areas that the model of areas guesses."""
    samples, _ = by_unit(found, city.unit_list)
    return evaluation.evaluate(held, units.guessed(areas, samples))


def guess(held: Model, areas: Guess, city: City, text: str, title: str, address: str) -> tuple[Guess, str]:
    """Return the guess of a unit and why, in words for a citizen."""
    likely = tuple((one.area, one.confidence) for one in areas.candidates)
    asked = questions.beside(places(city, [], text, address), "", None, areas=likely)
    found = inference.guess(held, *questions.bare(text, title, city.phrases), asked)
    names = dict(zip(held.codes, held.names, strict=True))
    best = found.candidates[0].area if found.candidates else ""
    told = units.habit_of(held, best, asked)
    area, place = (city.area_label(told.area), city.place_name(told.place)) if told else ("", "")
    return found, units.reason_for(found, told, area, place, names.get(best, ""))


def stored(city: City, name: str) -> Model | None:
    """Return the model of units that goes with a model of areas ("": those in use), None without one."""
    query = select(ModelRow.data, ModelRow.card, ModelRow.digest)
    query = query.where(ModelRow.region == city.region, ModelRow.target == "unit")
    query = query.where(ModelRow.name == name + UNITS) if name else query.where(col(ModelRow.active))
    with db.reading() as session:
        row = session.exec(query.order_by(col(ModelRow.id).desc())).first()
    if row is None:
        return None
    data, card, mark = row
    return models.from_bytes(cities.unsealed(data, mark), None if card.get("own_labels") else city.unit_list)


def with_labels(held: Model, found: Guess, why: str) -> dict[str, Any]:
    """Return a guess as JSON."""
    names = dict(zip(held.codes, held.names, strict=True))
    rows = [{"unit": one.area, "name": names[one.area], "confidence": one.confidence} for one in found.candidates]
    return {"unit": found.area or "", "confidence": found.confidence, "candidates": rows, "why": why}
