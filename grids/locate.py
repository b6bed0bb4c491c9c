"""`Locator`: a ticket's text, its address field and its point -> which grid, how sure, and why.

A point in a drawn place beats words; words of the address field beat words of the text, because the street's name
stands in nearly every address and in one text of four.  Where the three disagree the answer stays, the confidence
falls, and the why says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

import msgspec

from grids.addresses import Gazetteer, Hit, Landmark
from grids.evidence import Choice, Scale
from grids.geometry import Point
from grids.names import title
from grids.plane import Plane
from grids.polygons import Near, Polygons
from grids.tree import LEVEL_NAMES, Level, Tree

How = Literal["point", "address", "text", "none"]


class GroundRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The city's own measures for finding a place: the table [ground] of `city.toml`.

    border    metres: a point nearer than this to another place has both as candidates
    doubt     confidence below which a place found is no place to send somebody to: the address is to be checked.  On
              647 real tickets answers above 0.6 were right in 99 of 100 by address and text, in 84 of 100 by text alone
    plane     how the city writes plane coordinates, if its exports hold any
    support, agreement   texts that must hold a name, and the share of them that must agree, before it is learned
    """

    border: Annotated[float, msgspec.Meta(ge=0, le=1000)] = 30.0
    doubt: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.6
    support: Annotated[int, msgspec.Meta(ge=2)] = 2
    agreement: Annotated[float, msgspec.Meta(gt=0.5, le=1)] = 0.8
    plane: Plane | None = None
    source: str = ""


# how sure a point is that lies         agreeing  silent  disagreeing    words
_INSIDE = {True: 0.98, None: 0.95, False: 0.6}
_BORDER = {True: 0.9, None: 0.75, False: 0.5}  # another place is nearer than the border width
_BESIDE = {True: 0.85, None: 0.65, False: 0.45}  # in no place, but one is nearer than the border width
_TEXT_ONLY = 0.8  # what a place named in the story rather than in the address is worth
_OPPOSED = 0.95  # the text names another place than the address


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """Where a ticket is: codes from the grid up to the district, none where it cannot be said.

    confidence   0 to 1, that the deepest code given is right
    nearby       codes of the other smallest places within the border width, for a person to choose from
    words        the parts of text and address that point there, as written
    """

    grid: str | None
    community: str | None
    street: str | None
    district: str | None
    how: How
    confidence: float
    why: str
    nearby: tuple[str, ...] = ()
    micro: str | None = None
    words: tuple[str, ...] = ()


class _Words(msgspec.Struct, frozen=True, kw_only=True):
    """What the words of one ticket say together."""

    code: str | None
    how: How
    confidence: float
    named: str  # which words, as the head of a Chinese sentence
    doubts: str  # what speaks against it, as its tail
    parts: tuple[str, ...] = ()


class Locator:
    """A tree, its polygons and all its names, ready to be asked; built once for an edition, then only read.

    border   metres: a point nearer than this to another place has both as candidates
    loose    names known to be names, but not where: a short form inside one of them is not that place
    raises   NoSuchGrid for a landmark of a place that the tree does not hold
    """

    def __init__(
        self, tree: Tree, landmarks: Iterable[Landmark] = (), border: float = 30.0, loose: Iterable[str] = ()
    ) -> None:
        self._tree = tree
        self._border = border
        self._polygons = Polygons(tree)
        self._scale = Scale(tree)
        self._gazetteer = Gazetteer(tree, self._refined(tuple(landmarks)), loose)

    @property
    def tree(self) -> Tree:
        """The edition that the answers speak of."""
        return self._tree

    def locate(self, text: str, address: str, point: Point | None) -> Located:
        """Return where one ticket is; a point must already be WGS-84 (`geometry.read_point`)."""
        return self.locate_many([(text, address, point)])[0]

    def locate_many(self, rows: Sequence[tuple[str, str, Point | None]]) -> list[Located]:
        """Return where each of many (text, address, point) is; the points are asked about all at once."""
        pointed = [index for index, (_, _, point) in enumerate(rows) if point is not None]
        nears = self._polygons.near([point for _, _, point in rows if point is not None], self._border)
        near_of = dict(zip(pointed, nears, strict=True))
        return [self._one(text, address, near_of.get(index)) for index, (text, address, _) in enumerate(rows)]

    def _refined(self, landmarks: tuple[Landmark, ...]) -> list[Landmark]:
        """Return the landmarks with those that have coordinates moved to the smallest drawn place within their own."""
        spotted = [
            (index, Point(mark.lng, mark.lat))
            for index, mark in enumerate(landmarks)
            if mark.lng is not None and mark.lat is not None
        ]
        refined = list(landmarks)
        for (index, _), nears in zip(spotted, self._polygons.near([point for _, point in spotted], 0.0), strict=True):
            mark = landmarks[index]
            chain = [place.code for place in self._tree.chain(nears[0].code)] if nears else []
            if mark.place in chain:
                refined[index] = msgspec.structs.replace(mark, place=chain[0])
        return refined

    def _one(self, text: str, address: str, nears: list[Near] | None) -> Located:
        if nears:
            return self._from_point(text, address, nears)
        words = self._from_words(text, address)
        lost = "坐标不在任何已划定的范围内；" if nears is not None else ""
        if words.code is None:
            return self._answer(None, "none", 0.0, f"{lost}{words.named}，待核地址")
        code, only = self._sole_grid(words.code)
        why = f"{lost}{words.named}指向{self._title(code)}{only}{words.doubts}{self._open_end(code)}"
        return self._answer(code, words.how, words.confidence, why, words=words.parts)

    # --- words -------------------------------------------------------------------------------------------------------

    def _from_words(self, text: str, address: str, within: str | None = None) -> _Words:
        """Weigh the address, let the text narrow it down, and note where they part."""
        in_address, in_text = self._gazetteer.hits(address), self._gazetteer.hits(text)
        told = self._scale.choose(address, in_address, within, beside=in_text)
        said = self._scale.choose(text, in_text, within)
        if told is None or told.code is None:
            return self._from_text(told, said)
        doubts = _against("地址", told)
        confidence, best, named = told.confidence, told, f"地址中的{_quoted(told.words)}"
        narrowed = self._narrowed(told, (address, in_address), (text, in_text))
        if narrowed is not None:
            best, named = narrowed, f"地址和内容中的{_quoted(narrowed.words)}"
            confidence = min(confidence, narrowed.confidence * _TEXT_ONLY)
        if said is not None and said.code is not None and not self._scale.agrees(told.code, said.code):
            confidence *= _OPPOSED
            doubts += f"，但内容提到{_quoted(said.words)}，以地址为准"
        if best.shared:
            doubts += f"，{_quoted(best.words[-1:])}不止一处"
        return _Words(
            code=best.code, how="address", confidence=round(confidence, 3), named=named, doubts=doubts, parts=best.words
        )

    def _from_text(self, told: Choice | None, said: Choice | None) -> _Words:
        """Use the text alone: the address names nothing, or only what several places are called."""
        if said is None or said.code is None:
            vague = told or said
            named = f"{_quoted(vague.words)}不止一处，缺少区或街道" if vague else "诉求内容和地址中都没有认出地名"
            return _Words(code=None, how="none", confidence=0.0, named=named, doubts="")
        doubts = _against("内容", said) + (f"，{_quoted(said.words[-1:])}不止一处" if said.shared else "")
        confidence = round(said.confidence * _TEXT_ONLY, 3)
        return _Words(
            code=said.code,
            how="text",
            confidence=confidence,
            named=f"内容中的{_quoted(said.words)}",
            doubts=doubts,
            parts=said.words,
        )

    def _narrowed(self, told: Choice, address: tuple[str, list[Hit]], text: tuple[str, list[Hit]]) -> Choice | None:
        """Return a smaller place that address and text name together, inside what the address alone names."""
        if told.code is None or not text[1]:
            return None
        gap = len(address[0]) + 1
        hits = address[1] + [Hit(hit.start + gap, hit.end + gap, hit.name) for hit in text[1]]
        both = self._scale.choose(f"{address[0]}\n{text[0]}", hits, told.code)
        if both is None or both.code is None or self._scale.depth(both.code) <= self._scale.depth(told.code):
            return None
        return both

    # --- points ------------------------------------------------------------------------------------------------------

    def _from_point(self, text: str, address: str, nears: list[Near]) -> Located:
        """Trust the polygon, let words narrow it down or cast doubt on it."""
        first = nears[0]
        level = self._tree.get(first.code).level
        nearby = self._scale.apart(first.code, [near.code for near in nears[1:]])
        table = _BESIDE if first.metres else _BORDER if nearby else _INSIDE
        named = f"{LEVEL_NAMES[level]}“{self._title(first.code)}”"
        why = f"坐标距{named}边界约{first.metres:.0f}米" if first.metres else f"坐标落在{named}内"
        if nearby:
            why += f"，{self._border:.0f}米内还有{_quoted(tuple(map(self._title, nearby)))}"
        words = self._from_words(text, address)
        agree = None if words.code is None else self._scale.agrees(first.code, words.code)
        code, confidence = first.code, table[agree]
        if words.code is not None:
            if agree:
                why += f"，与{words.named}一致"
                if self._scale.depth(words.code) > self._scale.depth(code):
                    code, confidence = words.code, min(confidence, words.confidence)
            else:
                why += f"，但{words.named}指向{self._title(words.code)}，以坐标为准，请核对"
        code, only = self._sole_grid(code)
        return self._answer(code, "point", confidence, f"{why}{only}{self._open_end(code)}", nearby, words.parts)

    # --- answers -----------------------------------------------------------------------------------------------------

    def _sole_grid(self, code: str) -> tuple[str, str]:
        """Return the grid of a community that has only one, and the words for it; else the code as it is."""
        if self._tree.get(code).level is not Level.COMMUNITY:
            return code, ""
        grids = self._tree.children(code)
        return (grids[0].code, "（该社区只有一个网格）") if len(grids) == 1 else (code, "")

    def _open_end(self, code: str) -> str:
        """Return what is still open, as the tail of a Chinese sentence."""
        level = self._tree.get(code).level
        if level in {Level.DISTRICT, Level.STREET}:
            return f"，只能定到{LEVEL_NAMES[level]}，待核地址"
        return "，未能定到网格" if level is Level.COMMUNITY and self._tree.children(code) else ""

    def _title(self, code: str) -> str:
        return title(self._tree, code)

    def _answer(
        self,
        code: str | None,
        how: How,
        confidence: float,
        why: str,
        nearby: tuple[str, ...] = (),
        words: tuple[str, ...] = (),
    ) -> Located:
        found = {place.level: place.code for place in self._tree.chain(code)} if code is not None else {}
        return Located(
            grid=found.get(Level.GRID),
            community=found.get(Level.COMMUNITY),
            street=found.get(Level.STREET),
            district=found.get(Level.DISTRICT),
            how=how,
            confidence=confidence,
            why=why,
            nearby=nearby,
            micro=found.get(Level.MICRO),
            words=words,
        )


def _quoted(words: tuple[str, ...]) -> str:
    """Return words in Chinese quotation marks, each once, at most four."""
    return "".join(f"“{word}”" for word in tuple(dict.fromkeys(words))[:4])


def _against(where: str, choice: Choice) -> str:
    """Return the words of the same field that point elsewhere, as the tail of a Chinese sentence."""
    return f"，但{where}中的{_quoted(choice.against)}指向别处" if choice.against else ""
