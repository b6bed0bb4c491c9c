"""How good the guess of a unit is, on real tickets that never leave their folder: figures only, no text.

Units are learned from earlier months and asked about a later one, under the areas a model of the earlier months
guesses.  Places are found in the texts with the names of districts, streets and communities in the full tickets.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec

from classifiers.evaluation import Report, evaluate
from classifiers.habit import Habit
from classifiers.model import Model
from classifiers.samples import NOTHING, Around, Sample
from classifiers.training import train
from classifiers.unit_training import as_new, train_units
from classifiers.units import EVENING_SIGN, NIGHT_SIGN, WEEKEND_SIGN
from grids.locate import Locator
from hotline import city as cities
from hotline import clock, rulefiles
from hotline.bench import where
from hotline.bench.guesses import GIVEN, HEAD, LABEL, LABELLED_TICKETS, RAW, Lines, Split, figures
from hotline.bench.matters import CITY
from hotline.bench.report import Say
from hotline.channels import pasts, placed
from hotline.channels.columns import Map
from hotline.channels.labelled import Beside, by_unit, labelled, own_labels
from hotline.channels.sheets import open_sheet
from hotline.flow.learning import gather

UNIT, TITLE, TRADE, QUEUE = "处置单位", "工单标题", "行业分类1级", "诉求区域"
NEEDED_FILES = (LABELLED_TICKETS, where.PLACED_TICKETS)
DOUBT = 0.6  # confidence below which a place is not used
EARLIER = 0.6  # share of the full tickets, the first by time, that is learned from
HOURS = {NIGHT_SIGN, EVENING_SIGN, WEEKEND_SIGN}

Keep = Callable[[Around], Around]


def sections(folder: Path, say: Say) -> Iterator[Lines]:
    """Yield the document's parts, one as soon as it is measured."""
    say("读取文件和地名")
    told = placed.read_placed(open_sheet(folder / where.PLACED_TICKETS), where.COLUMNS, places=True)
    locator = Locator(gather.tree_of(one.names for one in told if one.names[1])[0])
    months = _read(folder / LABELLED_TICKETS, locator, text=(GIVEN,), area=(LABEL,), unit=(UNIT,))
    yield _months(months, say)
    full = _read(folder / where.PLACED_TICKETS, locator, text=(RAW,), title=(TITLE,), area=(TRADE,), unit=(UNIT,))
    yield _two_days(full, say)


def _read(path: Path, locator: Locator, **columns: tuple[str, ...]) -> list[Sample]:
    """Return the samples labelled with their units, the earliest first."""
    city = cities.build(rulefiles.read_folder(CITY))
    beside = Beside(source=QUEUE, places=partial(_places, locator))
    said = pasts.with_columns(Map(), **columns)
    found = labelled(open_sheet(path), said, city.taxonomy, city.zone, city.phrases, own=True, beside=beside)
    samples, _ = by_unit(found, city.unit_list)
    return sorted((one for one in samples if one.at), key=lambda one: (one.at, one.text))


def _places(locator: Locator, names: list[str], text: str, address: str) -> Sequence[str]:
    found = locator.locate(text, "".join(names) + address, None)
    codes = (found.district, found.street, found.community)
    return [code for code in codes if code] if found.confidence >= DOUBT else []


def _words(_: Around) -> Around:
    return NOTHING


def _area(around: Around) -> Around:
    return msgspec.structs.replace(around, places=(), signs=())


def _place(around: Around) -> Around:
    return msgspec.structs.replace(around, signs=())


def _way(around: Around) -> Around:
    return msgspec.structs.replace(around, places=(), signs=tuple(one for one in around.signs if one not in HOURS))


def _hour(around: Around) -> Around:
    return msgspec.structs.replace(around, places=(), signs=tuple(one for one in around.signs if one in HOURS))


def _all(around: Around) -> Around:
    return around


def _asked(split: Split) -> Split:
    """Return the split with the later samples under guessed areas."""
    earlier, later = split
    areas = own_labels(one.around.settled for one in earlier)
    return earlier, as_new(later, earlier, areas, clock.now())


def _learned(split: Split, keep: Keep) -> tuple[Model, Report]:
    """Return a model of what `keep` leaves of the earlier part, and how it does on the later."""
    earlier, later = ([msgspec.structs.replace(one, around=keep(one.around)) for one in part] for part in split)
    units, areas = (
        own_labels(names) for names in ((one.area for one in earlier), (one.around.settled for one in split[0]))
    )
    how = {"trained_at": clock.now(), "own_labels": True}
    plain = keep is _words
    made = train(earlier, units, **how) if plain else train_units(earlier, units, areas=areas, **how)  # type: ignore[arg-type]  # one table of both
    return made, evaluate(made, later)


def _months(samples: list[Sample], say: Say) -> Lines:
    known = sum(bool(one.around.places) for one in samples) / len(samples)
    lines = [
        "## Units: words, habits, places",
        "",
        f"`{UNIT}` as written ({len({one.area for one in samples})} units), asked under the areas (`{LABEL}`) that our",
        f"model of areas guesses; a place is found in {known:.0%} of the texts.",
        "",
        HEAD,
    ]
    held = ["", HEADING, RULE]
    for month in (4, 5):
        part = [one for one in samples if one.at and _before(one, month)]
        later = [one for one in samples if one.at and one.at.year == 2018 and one.at.month == month]
        split = _asked((part, later))
        for name, keep in (("words only", _words), ("and habits by area", _area), ("and place (kept)", _all)):
            say(f"承办单位：{month} 月，{name}")
            made, report = _learned(split, keep)
            lines.append(figures(f"{name}, month {month}", report))
        held.append(_guarantee(f"month {month}", made, report))
        shares = _habit_alone(made, later, split[1])
        held += [f"| habits alone name it, month {month} | | {shares:.3f} of all | | |"]
    return lines + held


HEADING = "| the kept one | threshold | share without a person | of these wrong | weight of habits |"
RULE = "|---|---|---|---|---|"


def _before(one: Sample, month: int) -> bool:
    return one.at is not None and (one.at.year < 2018 or one.at.month < month)


def _guarantee(name: str, made: Model, report: Report) -> str:
    weight = made.habit.weight if made.habit else 0.0
    return (
        f"| {name} | {made.card.threshold:.3f} ({made.card.threshold_from}) | {report.coverage:.3f} "
        f"| {report.error_when_automatic:.3f} | {weight:.2f} |"
    )


def _habit_alone(made: Model, later: Sequence[Sample], asked: Sequence[Sample]) -> float:
    """Return how often the habits' likeliest unit is the right one, the words unread."""
    assert made.habit is not None
    alone = Habit(counts=made.habit.counts, units=made.habit.units, weight=1.0)
    best = alone.margins([one.around for one in asked]).argmax(axis=1)
    right = sum(made.codes[int(k)] == one.area for k, one in zip(best, later, strict=True))
    return right / len(later)


def _two_days(samples: list[Sample], say: Say) -> Lines:
    cut = round(EARLIER * len(samples))
    split = _asked((samples[:cut], samples[cut:]))
    known = sum(bool(one.around.places) for one in samples) / len(samples)
    new = {one.area for one in samples[cut:]} - {one.area for one in samples[:cut]}
    lines = [
        "## Units on full tickets of two days",
        "",
        f"{cut:,} tickets learned from, the {len(samples) - cut:,} after them asked;",
        f"{len(new)} of their units never seen before;",
        f"place known for {known:.0%} (columns, address, text); way = `{QUEUE}`; hour = night, evening, weekend;",
        f"areas are `{TRADE}`. So few samples of so many units: what counts is the difference.",
        "",
        HEAD,
    ]
    ideas = (
        ("words only", _words),
        ("and area", _area),
        ("and area, place", _place),
        ("and area, way", _way),
        ("and area, hour", _hour),
        ("and all", _all),
    )
    for name, keep in ideas:
        say(f"承办单位，两天的完整工单：{name}")
        lines.append(figures(name, _learned(split, keep)[1]))
    return lines
