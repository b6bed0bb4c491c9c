"""`Model` and its `Card`: what was learned, where it came from, and both as bytes.

No pickle: a model file is data and can run nothing.
"""

import io
import zipfile
import zlib
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from classifiers.calibration import Scale, Trust
from classifiers.errors import StaleModel, UnknownArea
from classifiers.features import Starts, starts
from classifiers.guarantee import Group
from classifiers.habit import Habit
from classifiers.taxonomy import Taxonomy
from grids.messages import Message

FORMAT = "hotline-linear-3"


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person must know of a model before trusting it.

    digest           of the samples and the taxonomy's words; equal data, equal digest
    scores           on held-out samples, empty if none: the figures of `evaluation.Report` without its rows
    model_digest     of what was learned (words, weights, scale, thresholds); equal samples, equal digest
    own_labels       the labels are the training file's own, not the city's areas: never to be put into use for a city
    threshold        a guess below this confidence is left to a person
    thresholds       areas which have a threshold of their own; above 1: never automatic
    threshold_from   "bound", "observed", "none_safe" (never automatic) or "default" (too few samples to choose)
    floor            share of automatic guesses which must be right
    target           what the labels are: "area", or "unit" (承办单位)
    held_out         how the held-out part was made: "time" (the newest), "stretches" of time in turn, "folds", "none"
    until            when the newest dated sample was received
    groups           of units: which are judged together, and what the held-out samples say of each
    sizes            of units: the same of all large, all middle, all small ones, whose bound keeps the floor
    warnings         Chinese sentences
    """

    taxonomy_edition: str
    digest: str
    trained_at: datetime
    samples: int
    areas: int
    scores: dict[str, float]
    versions: dict[str, str]
    name: str = ""
    model_digest: str = ""
    own_labels: bool = False
    target: str = "area"
    threshold: float
    thresholds: dict[str, float] = {}
    threshold_from: str
    floor: float
    held_out: str
    warnings: tuple[str, ...] = ()
    until: datetime | None = None
    groups: tuple[Group, ...] = ()
    sizes: tuple[Group, ...] = ()

    def group_of(self, label: str) -> Group | None:
        """Return the group a unit is judged in."""
        return next((one for one in self.groups if label in one.labels), None)


class Model(msgspec.Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """A linear model over words and characters.

    codes, names   of the areas, in the order of the rows of `coef`
    columns        feature -> column: made of characters, made of words, signs
    coef           float32, shape (areas, columns), Fortran order: C order costs a copy of all of it at every guess
    scale, trust   from margins to confidence
    habit          who usually had it, None where labels are no units
    """

    card: Card
    codes: tuple[str, ...]
    names: tuple[str, ...]
    columns: dict[str, int]
    idf: NDArray[np.float32]
    coef: NDArray[np.float32]
    intercept: NDArray[np.float32]
    scale: Scale
    trust: Trust
    habit: Habit | None = None

    def __post_init__(self) -> None:
        wanted = (len(self.codes), len(self.columns))
        if self.coef.shape != wanted or self.idf.shape != wanted[1:] or self.intercept.shape != wanted[:1]:
            raise ValueError(
                f"shapes do not fit: {self.coef.shape}, {self.idf.shape}, {self.intercept.shape}, not {wanted}"
            )
        if len(self.trust.areas) != len(self.codes):
            raise ValueError(f"{len(self.trust.areas)} areas are trusted, not {len(self.codes)}")
        for array in (self.coef, self.idf, self.intercept):
            assert array.dtype == np.float32
            array.flags.writeable = False
        assert self.coef.flags.f_contiguous

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The feature of every column."""
        return tuple(sorted(self.columns, key=self.columns.__getitem__))

    @cached_property
    def begin(self) -> Starts:
        """Where the blocks of columns begin."""
        return starts(self.columns)

    @cached_property
    def usual(self) -> NDArray[np.float32]:
        """What every column says of an area on the mean: only what is above it speaks for one."""
        found: NDArray[np.float32] = self.coef.mean(axis=0)
        return found

    @cached_property
    def limits(self) -> NDArray[np.float64]:
        """The threshold of every area, in the order of `codes`."""
        return np.array([self.card.thresholds.get(code, self.card.threshold) for code in self.codes])


class _Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: str
    card: Card
    codes: tuple[str, ...]
    names: tuple[str, ...]
    scale: Scale
    trust: Trust
    habit: Habit | None = None


def display_names(codes: tuple[str, ...], taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return what people read for each code: the name, or the whole label of a shared one.  raises UnknownArea"""
    names = [taxonomy.get(code).name for code in codes]
    return tuple(
        taxonomy.label(code) if names.count(name) > 1 else name for code, name in zip(codes, names, strict=True)
    )


def packed(coef: NDArray[Any]) -> NDArray[np.float32]:
    """Return coefficients as they come back from bytes (half precision): a model and its copy guess the same."""
    return np.asfortranarray(coef.astype(np.float16).astype(np.float32))


def to_bytes(model: Model) -> bytes:
    """Return the model as a compressed npz: a JSON head and plain arrays.  Equal models give equal bytes."""
    head = _Head(
        format=FORMAT,
        card=model.card,
        codes=model.codes,
        names=model.names,
        scale=model.scale,
        trust=model.trust,
        habit=model.habit,
    )
    words = "\n".join(model.words).encode()
    out = io.BytesIO()
    np.savez_compressed(
        out,
        head=np.frombuffer(msgspec.json.encode(head, order="deterministic"), dtype=np.uint8),
        words=np.frombuffer(words, dtype=np.uint8),
        idf=model.idf,
        coef=model.coef.astype(np.float16),
        intercept=model.intercept,
    )
    return out.getvalue()


def learned_digest(*parts: object) -> str:
    """Return 32 hex digits that stand for what was learned: arrays bit by bit, all else as JSON."""
    found = blake2b(digest_size=16)
    for part in parts:
        found.update(part.tobytes("A") if isinstance(part, np.ndarray) else msgspec.json.encode(part))
    return found.hexdigest()


def from_bytes(data: bytes, taxonomy: Taxonomy | None) -> Model:
    """Return the model for this taxonomy; None: a model of its own labels, for looking at, never for a city.

    raises   StaleModel: a broken file, another format, another edition of the taxonomy, an area it no longer has, or
             labels of another kind than asked for
    """
    try:
        head, words, arrays = _open(data)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error, msgspec.MsgspecError) as broken:
        raise StaleModel(Message("文件已损坏，或不是本系统的模型文件")) from broken
    try:
        return Model(
            card=head.card,
            codes=head.codes,
            names=_names(head, taxonomy),
            columns={word: place for place, word in enumerate(words)},
            idf=arrays["idf"].astype(np.float32),
            coef=packed(arrays["coef"]),
            intercept=arrays["intercept"].astype(np.float32),
            scale=head.scale,
            trust=head.trust,
            habit=head.habit,
        )
    except UnknownArea as gone:
        table = Message("单位表") if head.card.target == "unit" else Message("事项表")
        raise StaleModel(Message("%(table)s里已没有“%(area)s”", table=table, area=gone.area), found=gone.area) from gone
    except (AssertionError, ValueError) as broken:
        raise StaleModel(Message("文件各部分对不上")) from broken


def _names(head: _Head, taxonomy: Taxonomy | None) -> tuple[str, ...]:
    edition = head.card.taxonomy_edition
    if taxonomy is None and head.card.own_labels:
        return head.names
    if head.card.own_labels:
        raise StaleModel(Message("它学的是训练文件自带的标签，不是本市事项表"), found=edition)
    if taxonomy is None:
        raise StaleModel(Message("它学的是事项表，须连同事项表打开"), found=edition)
    if edition != taxonomy.edition:
        raise StaleModel(
            Message("训练时的事项表版本是 %(then)s，现在是 %(now)s", then=edition, now=taxonomy.edition),
            found=edition,
            wanted=taxonomy.edition,
        )
    return display_names(head.codes, taxonomy)


def _open(data: bytes) -> tuple[_Head, list[str], dict[str, NDArray[Any]]]:
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in ("head", "words", "idf", "coef", "intercept")}
    raw = arrays.pop("head").tobytes()
    found = str(msgspec.json.decode(raw, type=dict[str, Any]).get("format"))
    if found != FORMAT:
        raise StaleModel(
            Message("文件格式是“%(found)s”，本系统使用“%(format)s”", found=found, format=FORMAT),
            found=found,
            wanted=FORMAT,
        )
    words = arrays.pop("words").tobytes().decode()
    return msgspec.json.decode(raw, type=_Head), words.split("\n") if words else [], arrays
