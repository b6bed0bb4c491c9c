"""`City`: everything one edition of the rules says, built once, kept, and put into force.

The folder is what people review, the database is what is in force.

Every edition ever applied stays in the table `edition`; the active one is built once per process, and again when
another edition or model is activated.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlmodel import Session, col, select

from classifiers.danger import Ears
from classifiers.errors import ClassifierError, StaleModel
from classifiers.likeness import Repeats
from classifiers.model import Model, from_bytes
from classifiers.replies import ReplyRules
from classifiers.signals import SignalLists
from classifiers.taxonomy import Area, Taxonomy
from classifiers.topics import TopicRules
from dispatch.duty import Unit
from dispatch.errors import BadRule
from dispatch.routing import Router
from dispatch.rulebook import Rulebook, check
from grids import leaders, names
from grids.addresses import Landmark
from grids.errors import GridError
from grids.leaders import Answering, Post
from grids.locate import GroundRules, Locator
from grids.messages import Message
from grids.tree import Tree
from hotline import rulefiles
from hotline.errors import NoCity, RulesUnreadable
from hotline.rulefiles import Learning
from hotline.store import staff
from hotline.store.learning import EditionRow, ModelRow
from hotline.store.staff import Change, StaffRow


class City(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One city with the edition of its rules in force, ready to be asked."""

    region: str
    name: str
    short: str
    zone: ZoneInfo
    edition: str
    phrases: tuple[str, ...]
    signals: SignalLists
    rulebook: Rulebook
    taxonomy: Taxonomy
    tree: Tree
    locator: Locator  # over the whole tree; `locator_on` for the places valid on a day
    landmarks: tuple[Landmark, ...]
    where: GroundRules
    router: Router
    posts: tuple[Post, ...]
    learning: Learning
    repeats: Repeats
    ears: Ears  # what hears danger in a text
    model: Model | None
    model_problem: str  # why there is no model to ask, "" if there is one
    unit_model: Model | None = None  # who usually acts, where the duty table is silent
    unit_problem: str = ""
    topics: TopicRules = TopicRules()
    replies: ReplyRules = ReplyRules()

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Units (承办单位) by code."""
        return {unit.code: unit for unit in self.rulebook.units}

    @cached_property
    def unit_list(self) -> Taxonomy:
        """The units as labels to learn, of the edition of the areas they are learned with."""
        return _unit_list(self.rulebook, self.taxonomy)

    @cached_property
    def _by_login(self) -> dict[str, list[Post]]:
        return _grouped(self.posts, "login")

    @cached_property
    def _by_grid(self) -> dict[str, list[Post]]:
        return _grouped(self.posts, "grid")

    @cached_property
    def _locators(self) -> dict[frozenset[str], Locator]:
        return {frozenset(place.code for place in self.tree.places): self.locator}

    @cached_property
    def _dated(self) -> bool:
        return any(place.since or place.until for place in self.tree.places)

    def locator_on(self, day: date) -> Locator:
        """Return the locator over the places valid on a day; landmarks of places that are not go with them."""
        if not self._dated:
            return self.locator
        ground = self.tree.on(day)
        key = frozenset(place.code for place in ground.places)
        if key not in self._locators:
            marks = [mark for mark in self.landmarks if mark.place in ground]
            self._locators[key] = Locator(ground, marks, self.where.border)
        return self._locators[key]

    def unit_name(self, code: str) -> str:
        """Return a unit's name, or the code itself where this edition no longer knows it."""
        return self.units[code].name if code in self.units else code

    def area_label(self, code: str) -> str:
        """Return "市容环卫/垃圾清运", or the code itself where this edition no longer knows it."""
        try:
            return self.taxonomy.label(code) if code else ""
        except ClassifierError:
            return code

    def place_name(self, code: str) -> str:
        """Return a place's name as people say it, or the code itself where this edition no longer knows it."""
        return names.title(self.tree, code) if code in self.tree else code

    def serving(self, grid: str, on: date) -> list[Post]:
        """Return who is appointed to a grid on day `on`, leave or not: leaders first."""
        held = [post for post in self._by_grid.get(grid, ()) if post.grid == grid and post.serves(on)]
        return sorted(held, key=lambda post: (post.duty != "leader", post.login))

    def day(self, at: datetime) -> date:
        """Return the city's own date at a moment."""
        return at.astimezone(self.zone).date()

    def grids_of(self, login: str, on: date) -> tuple[str, ...]:
        """Return the grids a person leads or deputises on day `on`."""
        held = (post for post in self._by_login.get(login, ()) if post.since <= on)
        return tuple(sorted({post.grid for post in held if post.until is None or on <= post.until}))

    def leader_of(self, grid: str, on: date) -> Answering | None:
        """Return who answers for a grid on day `on`: 网格长, deputy, else the community's or street's; or None."""
        if grid not in self.tree:
            return None
        posts = (post for place in self.tree.chain(grid) for post in self._by_grid.get(place.code, ()))
        return leaders.answering_above(posts, self.tree, grid, on)

    def above(self, code: str) -> dict[str, str]:
        """Return level -> code for a place and all it belongs to: {"grid": ..., "community": ..., ...}."""
        return {place.level.value: place.code for place in self.tree.chain(code)} if code in self.tree else {}


def build(
    files: Mapping[str, str], model: bytes | None = None, mark: str = "", *, units: tuple[bytes, str] | None = None
) -> City:
    """Return the city these files describe.

    mark    the SHA-256 the model was stored with, "" where it is not known;  units  the same two of the model of units
    raises  RulesUnreadable with file, line and field of the first error
    """
    head = rulefiles.head(files)
    rulebook = rulefiles.rulebook(files, head)
    taxonomy, ground = rulefiles.taxonomy(files), rulefiles.ground(files, head.edition)
    marks, where = rulefiles.landmarks(files), head.ground
    router, locator = _ways(rulebook, taxonomy, ground, marks, where.border)
    return City(
        region=head.region,
        name=head.name,
        short=head.short,
        zone=ZoneInfo(head.zone),
        edition=head.edition,
        phrases=head.phrases,
        signals=head.signals,
        rulebook=rulebook,
        taxonomy=taxonomy,
        tree=ground,
        locator=locator,
        landmarks=marks,
        where=where,
        router=router,
        posts=rulefiles.posts(files, ground),
        learning=head.learning,
        repeats=head.repeats,
        ears=rulefiles.ears(files, head),
        topics=head.topics,
        replies=head.replies,
        **_models(rulebook, taxonomy, (model, mark), units or (None, "")),
    )


class _Models(TypedDict):
    model: Model | None
    model_problem: str
    unit_model: Model | None
    unit_problem: str


def _models(
    book: Rulebook, taxonomy: Taxonomy, of_areas: tuple[bytes | None, str], of_units: tuple[bytes | None, str]
) -> _Models:
    """Return the two models as a city holds them, each with what is wrong with it."""
    model, problem = _fitted(*of_areas, taxonomy)
    unit_model, unit_problem = _fitted(*of_units, _unit_list(book, taxonomy))
    return {"model": model, "model_problem": problem, "unit_model": unit_model, "unit_problem": unit_problem}


def _ways(
    book: Rulebook, taxonomy: Taxonomy, tree: Tree, marks: Sequence[Landmark], border: float
) -> tuple[Router, Locator]:
    """Return what finds the unit and what finds the place.  raises RulesUnreadable"""
    try:
        router = Router(book.duty, book.units, taxonomy, tree, book.calendar, book.routing)
        return router, Locator(tree, marks, border)
    except BadRule as wrong:
        raise RulesUnreadable(wrong.path, wrong.message) from wrong
    except GridError as wrong:
        raise RulesUnreadable("landmarks.csv", wrong.sentence) from wrong


BY_SAMPLE = "sample"  # who put the sample city into force: the first edition of a city's own takes its place


def digest(files: Mapping[str, str]) -> str:
    """Return what tells one content of the files from another."""
    return hashlib.sha256(json.dumps(dict(files), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def apply(db: Session, files: dict[str, str], by: str, now: datetime) -> City:
    """Check the files, keep them as an edition and put it into force.  raises RulesUnreadable

    The same edition may be applied again only unchanged: an edition stamped on tickets must stay what it was.
    """
    city = build(files)
    for finding in check(city.rulebook, city.taxonomy, city.tree):
        if finding.severity == "error":
            raise RulesUnreadable(finding.where, finding.message)
    held, mark = db.get(EditionRow, (city.region, city.edition)), digest(files)
    if held is not None and held.digest != mark:
        raise RulesUnreadable(
            "city.toml",
            Message("版本 %(edition)s 已经启用过，内容不同；请改一个新的 edition 再启用", edition=city.edition),
        )
    db.execute(sa.update(EditionRow).values({col(EditionRow.active): False}))  # rows the session holds follow
    if held is None:
        held = EditionRow(
            region=city.region, edition=city.edition, digest=mark, files=files, applied_at=now, applied_by=by
        )
    held.active = True
    db.add(held)
    db.flush()
    return city


def keep_model(
    db: Session,
    city: City,
    name: str,
    data: bytes,
    card: dict[str, Any],
    key: UUID,
    now: datetime,
    *,
    active: bool = True,
    by: str = "",
    verdict: dict[str, Any] | None = None,
) -> None:
    """Store a trained model, by default as the one in use; otherwise it waits for a person to promote it."""
    target = card.get("target", "area")
    if active:
        mine = col(ModelRow.region) == city.region, col(ModelRow.target) == target
        db.execute(sa.update(ModelRow).where(*mine).values({col(ModelRow.active): False}))
    told = {"at": now.isoformat(), "by": by, "what": "trained_in_use" if active else "trained", "reason": ""}
    row = ModelRow(
        id=key,
        region=city.region,
        name=name,
        card=card,
        data=data,
        active=active,
        at=now,
        digest=hashlib.sha256(data).hexdigest(),
        target=target,
        verdict=verdict or {},
        log=[told],
    )
    db.add(row)
    db.flush()


def unsealed(data: bytes, mark: str) -> bytes:
    """Return a stored model's bytes.  raises StaleModel where they are not what was stored"""
    if mark and hashlib.sha256(data).hexdigest() != mark:
        raise StaleModel(Message("文件与入库时不同（摘要不符），可能被改动过"))
    return data


_cities: dict[str, tuple[tuple[Any, ...], City]] = {}  # as the edition says
_staffed: dict[str, tuple[tuple[Any, ...], City]] = {}  # the same, with who is on leave


def current(db: Session) -> City:
    """Return the city in force.  NoCity where the database holds none.  One small statement when nothing changed."""
    stamp = db.execute(_STAMP).first()
    if stamp is None:
        raise NoCity
    bound, rules = str(db.get_bind().engine.url), tuple(stamp)[:-1]
    if bound not in _cities or _cities[bound][0] != rules:
        row = db.exec(select(EditionRow).where(col(EditionRow.active))).one()
        query = select(ModelRow.target, ModelRow.data, ModelRow.digest)
        used = db.exec(query.where(col(ModelRow.active), ModelRow.region == row.region))
        held = {target: (data, mark) for target, data, mark in used}
        _cities[bound] = (rules, build(row.files, *held.get("area", ()), units=held.get("unit")))
    if bound not in _staffed or _staffed[bound][0] != tuple(stamp):
        city = _cities[bound][1]
        _staffed[bound] = (tuple(stamp), with_leaves(city, staff.leaves(db, city.region, date.min)))
    return _staffed[bound][1]


def with_leaves(city: City, leaves: Sequence[Change]) -> City:
    """Return the city with these people away, beside the leave its leaders table knows of."""
    away = staff.spans(leaves)
    if not away:
        return city
    posts = (
        msgspec.structs.replace(post, away=(*post.away, *away[post.login])) if post.login in away else post
        for post in city.posts
    )
    return msgspec.structs.replace(city, posts=tuple(posts))


_books: dict[tuple[str, str, str], Rulebook] = {}


def rulebook_of(db: Session, city: City, edition: str) -> Rulebook:
    """Return the rulebook of an edition ever applied, with the calendar in force: its days are facts, not rules.

    A ticket goes on by the promises, ladder, returns and extensions it was given; who must act is asked of the duty
    table in force on the day of each dispatch (`City.router`), also after a return: a unit that is no more takes none.
    "" and an edition that is not kept mean the one in force.
    One statement, and only the first time this process meets the edition.
    """
    if edition in ("", city.edition):
        return city.rulebook
    key = (str(db.get_bind().engine.url), city.region, edition)
    if key not in _books:
        row = db.get(EditionRow, (city.region, edition))
        _books[key] = rulefiles.rulebook(row.files, rulefiles.head(row.files)) if row else city.rulebook
    return msgspec.structs.replace(_books[key], calendar=city.rulebook.calendar)


_USED = [
    sa.select(sa.cast(col(ModelRow.id), sa.String))
    .where(col(ModelRow.active), col(ModelRow.region) == col(EditionRow.region), col(ModelRow.target) == target)
    .limit(1)
    .scalar_subquery()
    for target in ("area", "unit")
]
_LEAVE = (
    sa.select(sa.func.max(col(StaffRow.changed_at)))
    .where(col(StaffRow.region) == col(EditionRow.region))
    .scalar_subquery()
)
_STAMP = sa.select(col(EditionRow.region), col(EditionRow.digest), *_USED, _LEAVE).where(col(EditionRow.active))


def _grouped(posts: tuple[Post, ...], by: str) -> dict[str, list[Post]]:
    found: dict[str, list[Post]] = {}
    for post in posts:
        found.setdefault(getattr(post, by), []).append(post)
    return found


def _unit_list(rulebook: Rulebook, taxonomy: Taxonomy) -> Taxonomy:
    return Taxonomy(taxonomy.edition, tuple(Area(code=unit.code, name=unit.name) for unit in rulebook.units))


def _fitted(data: bytes | None, mark: str, taxonomy: Taxonomy) -> tuple[Model | None, str]:
    if data is None:
        return None, "还没有训练分类模型"
    try:
        return from_bytes(unsealed(data, mark), taxonomy), ""
    except ClassifierError as wrong:
        return None, str(wrong)
