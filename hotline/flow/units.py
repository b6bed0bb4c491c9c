"""Weighs who must act: the duty table's answer beside the unit model's guess of who usually had such a matter.

A matter goes alone where both name the same unit and held-out tickets bound the model's error for units like it; by
the table alone where a person settled the area and the row is people's word or history bounds its error; by the model
alone only where the table is silent and the city allows it (`[learning] units_alone`).  The rest is a person's, who
is shown the table's unit first and then the model's own.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from classifiers import inference, questions
from classifiers import units as heads
from classifiers.habit import PastCases
from classifiers.samples import Around
from dispatch.duty import Candidate, DutyRow
from hotline.city import City
from hotline.flow.classify import Classified
from hotline.flow.locate import Placed
from hotline.flow.route import Chosen

LEAST_SHARE = 0.05  # a guess less likely than this is no help
OFFERED = 3  # units shown to a person
BY_MODEL = "承办单位的模型"  # so begins why a unit is shown that the duty table does not name


class Usual(msgspec.Struct, frozen=True, kw_only=True):
    """The unit that usually has such a matter, how likely, and why.

    sure     held-out tickets prove that such a guess may be acted on; `support` says so in words
    others   the next likely ones, with how likely
    """

    unit: str
    confidence: float
    sure: bool
    why: str
    support: str = ""
    others: tuple[tuple[str, float], ...] = ()


def around(
    city: City,
    places: Sequence[str],
    source: str,
    at: datetime | None,
    settled: str = "",
    areas: tuple[tuple[str, float], ...] = (),
) -> Around:
    """Return what is known beside the words, as the unit head learns and asks it.

    places  codes from the widest to the narrowest; "" is left out
    """
    return questions.beside(places, source, at.astimezone(city.zone) if at else None, settled, areas)


def of_new(city: City, what: Classified, where: Placed, source: str, at: datetime) -> Around:
    """Return the same of a matter that was just classified and located."""
    return of_saved(city, what, (where.district, where.street, where.community), source, at)


def of_saved(city: City, what: Classified, places: Sequence[str], source: str, at: datetime) -> Around:
    """Return the same of a matter whose places are known already."""
    areas = tuple((one.area, one.confidence) for one in what.candidates)
    by_person = what.area if not areas else ""
    return around(city, places, source, at, settled=by_person, areas=areas)


def usual(city: City, text: str, title: str, beside: Around) -> Usual | None:
    """Return who usually has it; None without a unit head, or where it has hardly an idea."""
    model = city.unit_model
    if model is None:
        return None
    guess = inference.guess(model, *questions.bare(text, title, city.phrases), beside)
    if not guess.candidates or guess.confidence < LEAST_SHARE:
        return None
    first, *rest = guess.candidates
    told = heads.habit_of(model, first.area, beside) or PastCases(n=0, of=0, area="", place="")
    area, place = city.area_label(told.area), city.place_name(told.place)
    why = heads.reason_for(guess, told if told.of else None, area, place, city.unit_name(first.area))
    sure = guess.area is not None and model.card.threshold_from == "bound"
    return Usual(
        unit=first.area,
        confidence=guess.confidence,
        sure=sure,
        why=why,
        support=_support(city, first.area),
        others=tuple((one.area, one.confidence) for one in rest),
    )


def weigh(city: City, what: Classified, table: Chosen, found: Usual | None) -> tuple[Chosen, str]:
    """Return what becomes of a matter, and the area it goes under ("" = a person must say).

    table   what the duty table says of the settled area, else of the likeliest (`likely`)
    """
    if table.unit and (why := _agreed(city, what, table, found)):
        return msgspec.structs.replace(table, why=why, candidates=offered(city, table, found)), likely(what)
    if not table.unit and _alone(city, what, table, found):
        assert found is not None
        why = f"{table.why}；{found.why}；{found.support}；按本市设置直接派出（city.toml [learning] units_alone）"
        return Chosen(unit=found.unit, why=why, candidates=offered(city, table, found)), what.area
    why = table.why
    if table.unit:
        why = f"{_doubt(city, what, table, found)}，请派单员确定；{table.why}"
    elif not what.area:
        why = "事项未定，无法按责任表派单，请派单员确定"
    return Chosen(unit="", why=why, candidates=offered(city, table, found)), what.area


def likely(what: Classified) -> str:
    """Return the area a matter is put to the duty table under: the settled one, else the likeliest."""
    return what.area or what.guessed


def offered(city: City, table: Chosen, found: Usual | None) -> tuple[Candidate, ...]:
    """Return whom a person is shown, at most three: the table's (two of a tie), then the model's own, then the rest."""
    tied = [one for one in table.candidates if one.row]
    first = table.candidates[:1] if table.unit else tied[: OFFERED - 1]
    guesses = [(found.unit, found.confidence), *found.others] if found else []
    own = [Candidate(unit, None, f"{BY_MODEL}：{city.unit_name(unit)}（{share:.0%}）") for unit, share in guesses]
    by_unit: dict[str, Candidate] = {}
    for one in (*first, *own, *table.candidates):
        by_unit.setdefault(one.unit, one)
    return tuple(by_unit.values())[:OFFERED]


def _agreed(city: City, what: Classified, table: Chosen, found: Usual | None) -> str:
    """Return why the table's unit is sent to without a person, "" where it is not."""
    row, same = _row(table), found is not None and found.unit == table.unit
    if same and found is not None and found.sure:
        return f"{table.why}；承办单位的模型与责任表一致：{found.why}；{found.support}"
    if not what.area or not _unopposed(city, what, table, same=same):
        return ""
    agrees = f"；承办单位的模型与责任表一致：{found.why}" if same and found is not None else ""
    return table.why + agrees if row is None or row.proven(_allowed(city, what)) else ""


def _unopposed(city: City, what: Classified, table: Chosen, *, same: bool) -> bool:
    """Return whether no proven model knows better: it agrees, never heard of the unit, or people settled all."""
    model, row = city.unit_model, _row(table)
    if model is None or model.card.threshold_from != "bound" or table.unit not in model.codes:
        return True
    return same or (not what.candidates and (row is None or row.support == 0))


def _allowed(city: City, what: Classified) -> float:
    """Return how much a row of history may err: what the guess of the area leaves of what is allowed of both."""
    error = city.learning.gate.error
    if not what.candidates or city.model is None:
        return error
    return error - city.model.card.scores.get("error_when_automatic", error)


def _alone(city: City, what: Classified, table: Chosen, found: Usual | None) -> bool:
    """Only with a settled area, a proven guess, and among tied rows only one of their units."""
    if found is None or not what.area or not found.sure or not city.learning.units_alone:
        return False
    tied = {one.unit for one in table.candidates if one.row}
    return not tied or found.unit in tied


def _doubt(city: City, what: Classified, table: Chosen, found: Usual | None) -> str:
    if found is not None and found.unit != table.unit:
        named, meant = city.unit_name(table.unit), city.unit_name(found.unit)
        return f"责任表为{named}，承办单位的模型指向{meant}（{found.confidence:.0%}），两者不一致"
    if found is not None:
        return f"承办单位的模型把握不足（{found.confidence:.0%}）"
    return "责任表这一行的历史依据不足以单独派单" if what.area else "事项未定，无法按责任表派单"


def _row(table: Chosen) -> DutyRow | None:
    return table.candidates[0].row if table.candidates else None


def _support(city: City, unit: str) -> str:
    """Return what held-out tickets say of guesses of units like this one."""
    group = city.unit_model.card.group_of(unit) if city.unit_model else None
    if group is None or not group.n:
        return ""
    who = city.unit_name(unit) if len(group.labels) == 1 else f"{city.unit_name(unit)}等{len(group.labels)}个单位"
    return f"留出检验中派{who} {group.n} 件，错 {group.wrong} 件，差错上限 {group.bound:.1%}"
