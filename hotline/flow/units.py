"""Who usually has it: where the duty table is silent, past cases of the same matter and place point to a unit.

The table always comes first; this is shown beside it.  It sends nothing by itself unless the city says so
(`[learning] units_alone`), and then only above the threshold that held-out tickets proved.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from classifiers import inference
from classifiers import text as words
from classifiers import units as heads
from classifiers.habit import Told
from classifiers.samples import Around
from dispatch.duty import Candidate
from hotline.city import City
from hotline.flow.classify import Classified
from hotline.flow.locate import Placed
from hotline.flow.route import Chosen

LEAST = 0.2  # a guess less likely than this is no help


class Usual(msgspec.Struct, frozen=True, kw_only=True):
    """The unit that usually has such a matter, how likely, and why; `sure`: likely enough to act on alone."""

    unit: str
    confidence: float
    sure: bool
    why: str


def around(
    city: City, places: Sequence[str], source: str, at: datetime | None, settled: str = "",
    areas: tuple[tuple[str, float], ...] = (),
) -> Around:  # fmt: skip
    """Return what is known beside the words, as the unit head learns and asks it.

    places  codes from the widest to the narrowest; "" is left out
    """
    signs = [source] * bool(source) + list(heads.hours(at.astimezone(city.zone) if at else None))
    return Around(settled=settled, areas=areas, places=tuple(filter(None, places)), signs=tuple(signs))


def of_new(city: City, what: Classified, where: Placed, source: str, at: datetime) -> Around:
    """Return the same of a matter that was just classified and located."""
    places = (where.district, where.street, where.community)
    areas = tuple((one.area, one.confidence) for one in what.candidates)
    by_person = what.area if not areas else ""
    return around(city, places, source, at, settled=by_person, areas=areas)


def usual(city: City, text: str, title: str, beside: Around) -> Usual | None:
    """Return who usually has it; None without a unit head, or where it has hardly an idea."""
    model = city.unit_model
    if model is None:
        return None
    bare, head = (words.strip_routing(one, city.phrases) for one in (text, title))
    guess = inference.guess(model, bare, head, beside)
    if not guess.candidates or guess.confidence < LEAST:
        return None
    unit = guess.candidates[0].area
    told = heads.habit_of(model, unit, beside) or Told(n=0, of=0, area="", place="")
    area, place = city.area_label(told.area), city.place_name(told.place)
    why = heads.said(guess, told if told.of else None, area, place, city.unit_name(unit))
    return Usual(unit=unit, confidence=guess.confidence, sure=guess.area is not None, why=why)


def alone(city: City, who: Chosen, found: Usual | None, area: str) -> Chosen:
    """Return what becomes of a matter the table leaves open: a person's, or the usual unit's where the city allows.

    Only with a settled area, a proven threshold, and among tied rows only one of their units.
    """
    if who.unit or found is None or not area or not found.sure or not city.learning.units_alone:
        return who
    if city.unit_model is None or city.unit_model.card.threshold_from != "bound":
        return who
    tied = {one.unit for one in who.candidates if one.row}
    if tied and found.unit not in tied:
        return who
    why = f"{who.why}；{found.why}；按本市设置直接派出（city.toml [learning] units_alone）"
    first = Candidate(found.unit, None, found.why)
    others = tuple(one for one in who.candidates if one.unit != found.unit)
    return Chosen(unit=found.unit, why=why, candidates=(first, *others))
