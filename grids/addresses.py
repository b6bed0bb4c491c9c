"""Finds names of places and landmarks in free Chinese text.

People write 街道办事处 as 街道, 街办 or nothing at all, 三号楼 as 3号楼 or 3#楼, and put no space between anything.
So every place is known by its name, its aliases, the usual forms of its official ending and, where that cannot mean
another place, without any ending.
Words such as 对面, 附近, 交叉口 are no names and simply stay unmatched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from grids import reading
from grids.names import spellings, stem, tail, title
from grids.tree import DEPTH, Level, Tree

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_IN_PLACE = str.maketrans({character: str(value) for character, value in (_DIGITS | {"十": 10, "百": 100}).items()})
_NUMERAL = "".join(_DIGITS) + "十百"
_COUNTED = "号|单元|层|室|组|队|网格|弄|期|小区|社区|街坊"
# a run of numerals is read once, from its beginning: whoever writes 20,000 digits waits for nobody
_NUMBERED = re.compile(
    rf"(?:(?<!第)第++|(?<![第{_NUMERAL}0-9]))([{_NUMERAL}0-9]++)(?:([栋幢]|#楼?|号楼)|(?={_COUNTED}))"
)
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_FOLD = (
    _WIDTH
    | {upper: upper + 32 for upper in range(65, 91)}
    | {upper: upper - 0xFEE0 + 32 for upper in range(0xFF21, 0xFF3B)}
)
SHORT = "short"  # the kind of a landmark that only counts how often a place's short name meant the place
# a short form followed by one of these is the head of another name: 北苑 in 北苑路, 北苑一横路, 北苑大桥
_ANOTHER = re.compile(
    r"[东西南北中一二三四五六七八九十0-9]{0,2}(?:横|纵|支)?(?:路|街(?!道|办)|巷|大道|大街|大桥|桥|河|线|公路|高速|立交|小学|中学|学校|大学|医院)"
)


_RANGE = re.compile(r"(.{1,60}?)(\d{1,5})号?[-~－—至到](\d{1,5})号?(?:[(（]?([单双])号?[)）]?)?")
_HOUSE = re.compile(r"(\d{1,5})(?:[-之]\d+)?号?")


class Landmark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name that tells where: an estate, a shop, a road, a bus stop.

    name      also a stretch of a road by its house numbers: 清风路1-99号, 清风路2-98号双号
    place     code of the smallest place it surely lies in; a road through several communities is several landmarks
              of one name
    lng lat   WGS-84, where known
    seen      for a name learned from tickets: how many texts held it, and how many of them (`agreed`) lay here
    """

    name: str
    place: str
    kind: str = ""
    lng: float | None = None
    lat: float | None = None
    seen: int = 0
    agreed: int = 0


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """One name found in a text, with one place it may mean; a name that several places bear gives several mentions.

    text    as written by the citizen
    start   index of its first character in the text as given
    kind    level of the place ("street" ...), or the landmark's own kind ("landmark" if it has none)
    short   written without the official ending, so less sure
    """

    text: str
    place: str
    start: int
    kind: str
    short: bool = False


class Name(NamedTuple):
    """What a name in the gazetteer stands for.

    places  codes; none for a name known to be one, but not where
    weak    counts only beside another name of the same place
    form    the name itself, folded, where it is a short one
    trust   how far it can be trusted alone, 0 to 1, where that was counted or lowered; 0 = as its kind
    """

    places: tuple[str, ...]
    kind: str
    short: bool
    weak: bool
    trust: float = 0.0
    form: str = ""


class Hit(NamedTuple):
    """A name found: `start` and `end` in the text as given."""

    start: int
    end: int
    name: Name


def counted(seen: int, agreed: int) -> float:
    """Return how far a learned name can be trusted: the share that agreed, lower the fewer texts there were.

    The prior (2 texts, 0.6 of them right) is what new names of two texts were worth on later real tickets.
    """
    return round((agreed + 2 * 0.6) / (seen + 2) * 0.9, 3)


def number(numeral: str) -> str:
    """Return a Chinese numeral in digits: 十二 is 12, 一百零三 is 103, 五零二 is 502; digits among it stay."""
    if not any(unit in numeral for unit in "十百"):
        return "".join(str(_DIGITS.get(character, character)) for character in numeral)
    if any(character.isascii() for character in numeral):
        return numeral.translate(_IN_PLACE)
    total, last = 0, 0
    for character in numeral:
        if character == "百":
            total, last = total + (last or 1) * 100, 0
        elif character == "十":
            total, last = total + (last or 1) * 10, 0
        else:
            last = _DIGITS[character]
    return str(total + last)


def _numbered(found: re.Match[str]) -> str:
    digits = number(found[1])
    return f"{digits}号楼" if found[2] else digits


def fold(text: str) -> tuple[str, list[int] | None]:
    """Return the text in one form (half width, lower case, numbers of houses and grids in digits).

    The second value tells for each folded character, and for the end, where it stood; None if nothing moved.
    """
    plain = text.translate(_FOLD)
    if _NUMBERED.search(plain) is None:
        return plain, None
    pieces: list[str] = []
    origin: list[int] = []
    done = 0
    for found in _NUMBERED.finditer(plain):
        pieces.append(plain[done : found.start()])
        origin.extend(range(done, found.start()))
        piece = _numbered(found)
        pieces.append(piece)
        origin.extend([found.start()] * len(piece))
        done = found.end()
    pieces.append(plain[done:])
    origin.extend(range(done, len(plain) + 1))
    return "".join(pieces), origin


class Gazetteer:
    """All names of one tree and its landmarks, ready to be found in texts; built once, then only read.

    raises NoSuchGrid for a landmark of a place that the tree does not hold
    """

    def __init__(self, tree: Tree, landmarks: Iterable[Landmark] = (), loose: Iterable[str] = ()) -> None:
        self._tree = tree
        self._names: dict[str, Name] = {}
        self._short_trust: dict[str, float] = {}
        self._ranges: dict[str, list[tuple[int, int, str, str]]] = {}
        self._collect_places()
        self._collect_landmarks(tuple(landmarks))
        self._collect_stems()
        for form in loose:
            self._names.setdefault(fold(form.strip())[0], Name((), "loose", short=False, weak=False))
        lengths: dict[str, set[int]] = {}
        for name in self._names:
            lengths.setdefault(name[:2], set()).add(len(name))
        self._lengths = {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}
        first = "".join(sorted({re.escape(head[0]) for head in lengths}))
        self._first = re.compile(f"[{first}]" if first else "(?!)")

    def __len__(self) -> int:
        return len(self._names)

    def find(self, text: str) -> tuple[Mention, ...]:
        """Return every name found, by position; of overlapping names the longest."""
        return tuple(
            Mention(
                text=text[hit.start : hit.end], place=code, start=hit.start, kind=hit.name.kind, short=hit.name.short
            )
            for hit in self.hits(text)
            for code in hit.name.places
        )

    def hits(self, text: str) -> list[Hit]:
        """Return the names found, one for each place in the text, by position."""
        folded, origin = fold(reading.head(text))
        chosen: list[tuple[int, int, Name]] = []
        for start, end, name in self._candidates(folded):
            while chosen and start < chosen[-1][1] and end - start > chosen[-1][1] - chosen[-1][0]:
                chosen.pop()
            if not chosen or start >= chosen[-1][1]:
                chosen.append((start, end, name))
        if origin is None:
            return [Hit(start, end, name) for start, end, name in chosen]
        return [Hit(origin[start], origin[end], name) for start, end, name in chosen]

    def _candidates(self, folded: str) -> Iterator[tuple[int, int, Name]]:
        """Yield the longest name at each position where one begins."""
        lengths, names, size = self._lengths, self._names, len(folded)
        for found in self._first.finditer(folded):
            start = found.start()
            for length in lengths.get(folded[start : start + 2], ()):
                end = start + length
                if end > size:
                    continue
                name = names.get(folded[start:end])
                if name is not None and _stands_alone(folded, start, end, name):
                    yield self._at_number(folded, start, end, name)
                    break

    def _add(
        self,
        form: str,
        places: tuple[str, ...],
        kind: str,
        *,
        short: bool = False,
        weak: bool = False,
        trust: float = 0.0,
    ) -> None:
        folded, _ = fold(form.strip())
        if len(folded) < 2:
            return
        known = self._names.get(folded)
        if known is None:
            self._names[folded] = Name(places, kind, short, weak, trust, folded if short else "")
            return
        merged = tuple(dict.fromkeys((*known.places, *places)))
        self._names[folded] = known._replace(
            places=merged, short=known.short and short, weak=known.weak and weak, form=known.form if short else ""
        )

    def _collect_places(self) -> None:
        for place in self._tree.places:
            for form in spellings(place):
                self._add(form, (place.code,), place.level.value, weak=place.level is Level.MICRO)
            if place.level is Level.MICRO and place.parent is not None:
                self._add(title(self._tree, place.code), (place.code,), place.level.value)
            if place.level is not Level.GRID or place.parent is None:
                continue
            above = self._tree.get(place.parent)
            own = tail(place, above)
            for head in (*spellings(above), stem(above)):
                if head:
                    self._add(head + own, (place.code,), place.level.value)
            self._add(own, (place.code,), place.level.value, short=True, weak=True)

    def _collect_landmarks(self, landmarks: tuple[Landmark, ...]) -> None:
        for landmark in landmarks:
            self._tree.get(landmark.place)
            if self._is_range(landmark):
                continue
            if landmark.kind == SHORT:
                self._short_trust[fold(landmark.name)[0]] = counted(landmark.seen, landmark.agreed)
                continue
            trust = counted(landmark.seen, landmark.agreed) if landmark.seen else 0.0
            self._add(landmark.name, (landmark.place,), landmark.kind or "landmark", trust=trust)

    def _is_range(self, landmark: Landmark) -> bool:
        """Take in a stretch of a road by its house numbers: 清风路100-198号双号 lies in the landmark's place."""
        found = _RANGE.fullmatch(fold(landmark.name.strip())[0])
        if found is None:
            return False
        road, first, last, side = found[1], int(found[2]), int(found[3]), found[4] or ""
        self._add(road, (landmark.place,), landmark.kind or "landmark")
        self._ranges.setdefault(road, []).append((first, last, side, landmark.place))
        return True

    def _at_number(self, folded: str, start: int, end: int, name: Name) -> tuple[int, int, Name]:
        """Return a road found with the house number after it as the one stretch it lies on, else as it is."""
        stretches = self._ranges.get(folded[start:end])
        number = _HOUSE.match(folded, end) if stretches else None
        if not stretches or number is None:
            return start, end, name
        house = int(number[1])
        places = tuple(
            place
            for first, last, side, place in stretches
            if first <= house <= last and side in {"", "单" if house % 2 else "双"}
        )
        return (start, number.end(), name._replace(places=places)) if places else (start, end, name)

    def _collect_stems(self) -> None:
        """Add names without their ending where only one place, or one place and what lies in it, can be meant."""
        bearers: dict[str, list[str]] = {}
        for place in self._tree.places:
            short = stem(place)
            if short:
                bearers.setdefault(short, []).append(place.code)
        for short, codes in bearers.items():
            if fold(short)[0] in self._names:
                continue
            top = min(codes, key=lambda code: DEPTH[self._tree.get(code).level])
            if all(any(place.code == top for place in self._tree.chain(code)) for code in codes):
                level = self._tree.get(top).level
                weak = level is Level.COMMUNITY and len(short) == 2
                trust = self._short_trust.get(fold(short)[0], 0.0)
                self._add(short, (top,), level.value, short=True, weak=weak and not trust, trust=trust)


def _stands_alone(folded: str, start: int, end: int, name: Name) -> bool:
    """Tell whether a name found is that name and not a piece of a longer one: 3号楼 in 13号楼, 北苑 in 北苑路."""
    if folded[start].isdigit() and start and folded[start - 1].isdigit():
        return False
    if folded[end - 1].isdigit() and end < len(folded) and folded[end].isdigit():
        return False
    return not (name.short and name.kind != Level.GRID and _ANOTHER.match(folded, end))
