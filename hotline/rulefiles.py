"""Reads the city's rule files (a folder, or the stored texts of an edition) into values.

What is wrong is refused with file, line and field; nothing is guessed.
"""

import csv
import hashlib
import io
import json
import tomllib
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from classifiers import danger, danger_scores
from classifiers import taxonomy as areas
from classifiers.drift import DriftRule
from classifiers.errors import ClassifierError
from classifiers.gate import GateRule
from classifiers.likeness import Repeats
from classifiers.replies import ReplyRules
from classifiers.signals import SignalLists
from classifiers.taxonomy import Area, Taxonomy
from classifiers.topics import TopicRules
from dispatch import decoding
from dispatch.callbacks import CallbackRules
from dispatch.checks import CheckRules
from dispatch.contact import ContactRules
from dispatch.duty import RoutingRules
from dispatch.errors import BadRule
from dispatch.extensions import ExtensionRules, Ground
from dispatch.filing import FilingRules
from dispatch.kpis import FigureRules
from dispatch.photos import PhotoRules
from dispatch.returns import ReturnRules
from dispatch.rulebook import Rulebook
from dispatch.verification import VerifyRules
from dispatch.visits import VisitRules
from dispatch.whistles import WhistleRules
from grids import tree
from grids.addresses import Landmark
from grids.errors import GridError
from grids.leaders import Post
from grids.locate import GroundRules
from grids.messages import Message, said_by
from grids.tree import Place, Tree
from hotline.errors import RulesUnreadable

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

FILES = (
    "city.toml",
    "calendar.toml",
    "promises.toml",
    "ladder.toml",
    "units.csv",
    "areas.csv",
    "duty.csv",
    "places.csv",
    "grids.geojson",
    "leaders.csv",
    "landmarks.csv",
    "danger.toml",
    "danger.tsv",
)
OPTIONAL = frozenset({"places.csv", "grids.geojson", "leaders.csv", "landmarks.csv", "danger.toml", "danger.tsv"})
SHIPPED = Path(__file__).parent / "sample" / "city"  # words of danger for a city that has none of its own


class Learning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[learning]` of `city.toml`: when a new model is trained, on what, and what it must be able to do.

    weekday  1 = Monday; hour is the city's own.  window: tickets closed within so many days are looked at.
    units_alone  where the duty table is silent, the usual unit is sent to without a person, if that is proven safe
    """

    weekday: Annotated[int, msgspec.Meta(ge=1, le=7)] = 7
    hour: Annotated[int, msgspec.Meta(ge=0, le=23)] = 2
    window: Annotated[int, msgspec.Meta(ge=7, le=3650)] = 730
    units_alone: bool = False
    gate: GateRule = GateRule()
    drift: DriftRule = DriftRule()


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`city.toml`: what the city is called, and the rules that are one table each.

    short    letters its ticket numbers start with
    phrases  the operators' own routing requests, taken out of a text before anything learns from it
    signals  word lists: kinds of request, urgency, watch lists
    """

    edition: str
    region: str
    name: str
    short: str
    zone: str = "Asia/Shanghai"
    preset: str = "3/7/10"
    centre: tuple[float, float] | None = None
    phrases: tuple[str, ...] = ()
    signals: SignalLists = SignalLists()
    returns: ReturnRules = ReturnRules()
    callbacks: CallbackRules = CallbackRules()
    checks: CheckRules = CheckRules()
    filing: FilingRules = FilingRules()
    contact: ContactRules = ContactRules()
    verify: VerifyRules = VerifyRules()
    visit: VisitRules = VisitRules()
    photos: PhotoRules = PhotoRules()
    whistle: WhistleRules = WhistleRules()
    extensions: ExtensionRules = ExtensionRules()
    exclusion: tuple[Ground, ...] = ()
    figures: FigureRules = FigureRules()
    routing: RoutingRules = RoutingRules()
    ground: GroundRules = GroundRules()
    learning: Learning = Learning()
    repeats: Repeats = Repeats()
    topics: TopicRules = TopicRules()
    replies: ReplyRules = ReplyRules()


def read_folder(path: Path) -> dict[str, str]:
    """Return the rule files of a folder, name -> text.  raises RulesUnreadable naming the file"""
    found = {}
    for name in FILES:
        file = path / name
        if not file.exists() and name in OPTIONAL:
            continue
        try:
            found[name] = file.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise RulesUnreadable(str(file), Message("缺少这个规则文件")) from None
        except (OSError, UnicodeDecodeError) as wrong:
            raise RulesUnreadable(
                str(file), Message("读不出来（%(wrong)s），规则文件须为 UTF-8", wrong=wrong)
            ) from None
    return found


def head(files: Mapping[str, str]) -> Head:
    """Return `city.toml`.  raises RulesUnreadable"""
    return _of_toml(files, "city.toml", _head)


def _head(data: dict[str, Any]) -> Head:
    old = data.get("callbacks")
    made = decoding.convert(data | {"callbacks": decoding.current(old)} if isinstance(old, dict) else data, Head)
    decoding.check_whistle(made.whistle)
    decoding.check_exclusions(made.exclusion)
    decoding.check_figures(made.figures)
    return made


def rulebook(files: Mapping[str, str], of: Head) -> Rulebook:
    """Return all tables of `dispatch`.  raises RulesUnreadable"""
    try:
        duty = [decoding.duty_row(row, line) for line, row in _csv(files, "duty.csv")]
        units = [decoding.unit_row(row, line) for line, row in _csv(files, "units.csv")]
    except BadRule as wrong:
        raise RulesUnreadable(wrong.path, wrong.message) from wrong
    _no_repeats("duty.csv", [row.id for row in duty])
    _no_repeats("units.csv", [unit.code for unit in units])
    return Rulebook(
        edition=of.edition,
        preset=of.preset,
        promises=_of_toml(files, "promises.toml", decoding.read_promises),
        calendar=_of_toml(files, "calendar.toml", lambda data: decoding.read_calendar(data, of.zone)),
        ladder=_of_toml(files, "ladder.toml", decoding.read_ladder),
        duty=tuple(duty),
        units=tuple(units),
        returns=of.returns,
        callbacks=of.callbacks,
        checks=of.checks,
        visit=of.visit,
        photos=of.photos,
        verify=of.verify,
        contact=of.contact,
        filing=of.filing,
        whistle=of.whistle,
        extensions=of.extensions,
        exclusions=of.exclusion,
        figures=of.figures,
        routing=of.routing,
    )


def ears(files: Mapping[str, str], of: Head) -> danger.Ears:
    """Return what hears danger: `danger.toml` and `danger.tsv`, those shipped where a city has none of its own.

    Words of `[[signals.urgency]]` in `city.toml` are heard beside them.  raises RulesUnreadable
    """
    held = {name: files.get(name) or _shipped(name) for name in ("danger.toml", "danger.tsv")}
    more = [("critical" if one.name == "特急" else "urgent", one.words) for one in of.signals.urgency]
    try:
        scores = danger_scores.parse(held["danger.tsv"])
    except ValueError as wrong:
        raise RulesUnreadable("danger.tsv", said_by(wrong)) from wrong

    def made(data: dict[str, Any]) -> danger.Ears:
        try:
            return danger.Ears(decoding.convert(data, danger.DangerLists), scores, more)  # type: ignore[arg-type]  # two grades
        except danger.BadList as wrong:
            raise BadRule(wrong.where, wrong.message) from wrong

    return _of_toml(held, "danger.toml", made)


@lru_cache
def _shipped(name: str) -> str:
    return (SHIPPED / name).read_text(encoding="utf-8")


def taxonomy(files: Mapping[str, str]) -> Taxonomy:
    """Return `areas.csv`.  Its edition follows from its codes: a new duty table must not make a model stale.

    raises  RulesUnreadable
    """
    found = [_row(row, f"areas.csv:{line}", Area) for line, row in _csv(files, "areas.csv")]
    codes = "|".join(sorted(f"{area.code}<{area.parent or ''}" for area in found))
    try:
        return areas.build(f"areas-{hashlib.blake2b(codes.encode(), digest_size=5).hexdigest()}", found)
    except ClassifierError as wrong:
        raise RulesUnreadable("areas.csv", wrong.sentence) from wrong


def ground(files: Mapping[str, str], edition: str) -> Tree:
    """Return `places.csv` with the polygons of `grids.geojson`.  raises RulesUnreadable"""
    rings = _rings(files.get("grids.geojson", ""))
    found = [_row(row, f"places.csv:{line}", Place) for line, row in _csv(files, "places.csv")]
    if stray := set(rings) - {place.code for place in found}:
        raise RulesUnreadable("grids.geojson", Message("多边形的编码 %(stray)s 不在 places.csv 中", stray=min(stray)))
    try:
        return tree.plant(edition, [msgspec.structs.replace(one, rings=rings.get(one.code, ())) for one in found])
    except GridError as wrong:
        raise RulesUnreadable("places.csv / grids.geojson", wrong.sentence) from wrong


def posts(files: Mapping[str, str], of: Tree) -> tuple[Post, ...]:
    """Return `leaders.csv`; leave (away) is written 2026-11-01/2026-11-05|...  raises RulesUnreadable"""
    found = []
    for line, row in _csv(files, "leaders.csv"):
        spans = [span.split("/") for span in row.pop("away", "").split("|") if span]
        found.append(_row(row, f"leaders.csv:{line}", Post, away=spans))
        if found[-1].grid not in of:
            raise RulesUnreadable(
                f"leaders.csv:{line}.grid", Message("没有编码为 %(grid)s 的网格", grid=found[-1].grid)
            )
    return tuple(found)


def landmarks(files: Mapping[str, str]) -> tuple[Landmark, ...]:
    """Return `landmarks.csv`.  raises RulesUnreadable"""
    return tuple(_row(row, f"landmarks.csv:{line}", Landmark) for line, row in _csv(files, "landmarks.csv"))


def _of_toml(files: Mapping[str, str], name: str, read: Callable[[dict[str, Any]], T]) -> T:
    try:
        return read(tomllib.loads(files[name]))
    except KeyError as missing:
        raise RulesUnreadable(name, Message("缺少 %(missing)s", missing=missing)) from None
    except tomllib.TOMLDecodeError as wrong:
        raise RulesUnreadable(name, Message("不是正确的 TOML：%(wrong)s", wrong=wrong)) from wrong
    except BadRule as wrong:
        line = decoding.line_of(files[name], wrong.path)
        raise RulesUnreadable(f"{name}{f':{line}' if line else ''} {wrong.path}", wrong.message) from wrong


def _csv(files: Mapping[str, str], name: str) -> list[tuple[int, dict[str, str]]]:
    """Return (line, row) of a CSV; the line is where the row ends, as an editor shows it."""
    reader = csv.DictReader(io.StringIO(files.get(name, "")), strict=True)
    try:
        return [(reader.line_num, {key or "": _cell(value) for key, value in row.items()}) for row in reader]
    except csv.Error as wrong:
        raise RulesUnreadable(f"{name}:{reader.line_num}", Message("不是正确的 CSV：%(wrong)s", wrong=wrong)) from wrong


def _cell(value: Any) -> str:
    return ("，".join(value) if isinstance(value, list) else value or "").strip()


def _row(row: Mapping[str, str], path: str, kind: type[S], **more: Any) -> S:
    """Return a CSV row as a struct: an empty cell is left out, a tuple's cell is split at "|"."""
    tuples = {field.name for field in msgspec.structs.fields(kind) if field.default == ()}
    cells: dict[str, Any] = {key: value for key, value in row.items() if value}
    for key in tuples & set(cells):
        cells[key] = [part.strip() for part in cells[key].split("|") if part.strip()]
    return _struct({**cells, **more}, kind, path, strict=False)


def _struct(data: Any, kind: type[T], path: str = "$", *, strict: bool = True) -> T:
    try:
        return decoding.convert(data, kind, path, strict=strict)
    except BadRule as wrong:
        raise RulesUnreadable(wrong.path, wrong.message) from wrong


def _no_repeats(name: str, keys: list[str]) -> None:
    seen = set()
    for key in keys:
        if key in seen:
            raise RulesUnreadable(name, Message("编号 %(key)s 出现了两次", key=key))
        seen.add(key)


def _rings(text: str) -> dict[str, tuple[tree.Ring, ...]]:
    if not text:
        return {}
    try:
        features = json.loads(text)["features"]
        return {one["properties"]["code"]: _outer(one["geometry"]) for one in features}
    except (ValueError, KeyError, TypeError) as wrong:
        raise RulesUnreadable(
            "grids.geojson", Message("不是正确的 GeoJSON（%(wrong)s）", wrong=f"{wrong!r}")
        ) from wrong


def _outer(geometry: dict[str, Any]) -> tuple[tree.Ring, ...]:
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return tuple(tuple((float(point[0]), float(point[1])) for point in part[0]) for part in parts)
