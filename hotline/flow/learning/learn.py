"""Drafts a first set of rule files from a city's history of tickets, for people to review.

A first set of rule files for people to review; nothing hidden.

Areas from the levels of classification, units as they were written, a duty table of who had how many tickets of what,
the tree of district, street and community.  What history does not settle is listed as disputed and left out.
"""

import csv
import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from classifiers.calibration import error_bound
from classifiers.succession import KnownCodes, codes_of
from grids.tree import DEPTH, Level

UNDISPUTED_SHARE = 0.6  # share of the first unit below which an area is disputed
LEAST_TICKETS = 3  # tickets below which nothing follows
PLACE_LEVELS = (Level.DISTRICT, Level.STREET, Level.COMMUNITY)
PLACE_DIGITS = (4, 3, 3)
PLACE_PREFIX = "99"  # no district has it (GB/T 2260)
BACKSTOPS = ("街道办", "镇人民政府", "镇政府", "乡政府", "乡人民政府", "街办", "街道")

ALONE = """
# 责任表没有写明的，承办单位的模型有经检验的把握时直接派出；改为 false 则由派单员确定
[learning]
units_alone = true
"""

ROWS = (
    "由历史得出的行（support 不为空），承办单位的模型与之一致并经检验有把握的才自动派单；",
    "没有这样的模型时，差错上限（bound，90%把握）足够小的才自动派单。",
    "经人确认的行，把 support、of、bound 三列清空，即按本市规定派单。",
)

Path = tuple[str, ...]


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket of history: its area as names from the top down, the unit that had it, and where it was."""

    area: Path
    unit: str
    place: Path = ()


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What the new city is called."""

    region: str
    name: str
    short: str
    preset: str = "3/7/10"
    zone: str
    edition: str


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """An area (at a place) whose history does not say who is responsible."""

    area: str
    label: str
    support: int
    shares: tuple[tuple[str, int], ...]
    why: str


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the duty table that history supports: `support` of `of` tickets."""

    area: str
    place: str
    unit: str
    support: int
    of: int
    label: str


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """The rule files (name -> text), and what they rest on; `folded` rare areas went into the area above them."""

    files: dict[str, str]
    tickets: int
    areas: int
    units: int
    places: int
    duty: tuple[Duty, ...]
    disputed: tuple[Dispute, ...]
    folded: int
    covered: float


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Codes that names have already: what was learned before is not called otherwise now."""

    areas: KnownCodes = KnownCodes()
    units: dict[str, str] = {}
    places: dict[Path, str] = {}


def learn(pasts: Iterable[Past], head: Head, preset: dict[str, str], known: Known = Known()) -> Learned:  # noqa: B008 - frozen
    """Return the first rules of a city from its history.

    preset  calendar.toml, promises.toml, ladder.toml ... to start from, and `rules.toml`: tables to append to city.toml
    """
    seen = _Seen()
    for past in pasts:
        seen.add(past)
    folded = seen.fold_rare()
    areas = codes_of(seen.areas, known.areas)
    units, places = unit_codes(seen.units, known.units), place_codes(seen.places, known.places)
    duty, disputed = _duty(seen, areas, units, places)
    held = sum(row.support for row in duty)
    files = {
        "city.toml": _city_toml(head, preset["rules.toml"]),
        **{name: text for name, text in preset.items() if name != "rules.toml"},
        "areas.csv": _areas_csv(areas),
        "units.csv": _units_csv(units, places),
        "duty.csv": _duty_csv(duty),
        "places.csv": _places_csv(places),
    }
    return Learned(
        files=files,
        tickets=seen.tickets,
        areas=len(areas),
        units=len(units),
        places=len(places),
        duty=duty,
        disputed=disputed,
        folded=folded,
        covered=held / seen.tickets if seen.tickets else 0.0,
    )


def report(learned: Learned, name: str) -> str:
    """Return learn.md, for the people who review the files."""
    lines = [
        f"# {name}：从历史工单得出的初始规则",
        "",
        (
            f"依据 {learned.tickets:,} 件历史工单："
            f"{learned.areas} 个事项，{learned.units} 个承办单位，{learned.places} 个地点。"
        ),
        (
            f"责任分解表 {len(learned.duty)} 行，与 {learned.covered:.0%} 的历史工单一致；"
            f"{len(learned.disputed)} 个事项有争议，没有写入，列在 disputed.csv；"
            f"{learned.folded} 个不到{LEAST_TICKETS}件的细分事项并入了上一级。"
        ),
        "",
        "请逐项核对 units.csv、areas.csv、duty.csv、places.csv，修改后运行 `hotline city apply 本文件夹` 启用。",
        *ROWS,
        "日历、时限和催办阶梯取自预设，须按本地文件修改 calendar.toml、promises.toml、ladder.toml。",
        "",
        "## 责任分解表（按历史件数）",
        "",
        "| 事项 | 地点 | 承办单位 | 支持 | 占比 |",
        "| --- | --- | --- | ---: | ---: |",
    ]
    units = {row["code"]: row["name"] for row in csv.DictReader(io.StringIO(learned.files["units.csv"]))}
    places = {row["code"]: row["name"] for row in csv.DictReader(io.StringIO(learned.files["places.csv"]))}
    for row in sorted(learned.duty, key=lambda row: -row.support):
        place = places.get(row.place, "全市")
        lines.append(f"| {row.label} | {place} | {units[row.unit]} | {row.support} | {row.support / row.of:.0%} |")
    lines += [
        "",
        "## 有争议的事项（请人工确定）",
        "",
        "| 事项 | 件数 | 历史上的承办单位 | 原因 |",
        "| --- | ---: | --- | --- |",
    ]
    for one in sorted(learned.disputed, key=lambda one: -one.support):
        said = "、".join(f"{unit} {count}" for unit, count in one.shares[:4])
        lines.append(f"| {one.label} | {one.support} | {said} | {one.why} |")
    return "\n".join(lines) + "\n"


def disputed_csv(learned: Learned) -> str:
    """Return disputed.csv: one line for each unit that had tickets of a disputed area."""
    rows = [
        (one.area, one.label, str(one.support), unit, str(count), f"{count / one.support:.2f}", one.why)
        for one in learned.disputed
        for unit, count in one.shares
    ]
    return _csv(("area", "label", "support", "unit", "tickets", "share", "why"), rows)


def unit_codes(names: Iterable[str], held: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a code for each unit: the one it has, else one that depends on its name alone."""
    return {
        name: (held or {}).get(name) or f"u{hashlib.blake2b(name.encode(), digest_size=4).hexdigest()}"
        for name in sorted(set(names))
    }


def place_codes(paths: Iterable[Path], held: Mapping[Path, str] | None = None) -> dict[Path, str]:
    """Return a code for each place and each above it: the one it has, else one that depends on the names alone, but for
    rare collisions."""
    known = {path[:depth] for path in paths for depth in range(1, len(path) + 1)}
    had = held or {}
    codes: dict[Path, str] = {(): PLACE_PREFIX} | {path: had[path] for path in known if path in had}
    taken = set(had.values())
    for path in sorted(known - set(codes), key=lambda path: (len(path), path)):
        digits = PLACE_DIGITS[len(path) - 1]
        number = int(hashlib.blake2b("/".join(path).encode(), digest_size=6).hexdigest(), 16)
        code = f"{codes[path[:-1]]}{number % 10**digits:0{digits}d}"
        while code in taken:
            number += 1
            code = f"{codes[path[:-1]]}{number % 10**digits:0{digits}d}"
        taken.add(code)
        codes[path] = code
    del codes[()]
    return codes


class _Seen:
    """Counts over a history: never the tickets themselves."""

    def __init__(self) -> None:
        self.tickets = 0
        self.areas: set[Path] = set()
        self.units: Counter[str] = Counter()
        self.places: set[Path] = set()
        self.of_area: dict[Path, Counter[str]] = defaultdict(Counter)
        self.of_place: dict[tuple[Path, Path], Counter[str]] = defaultdict(Counter)

    def add(self, past: Past) -> None:
        """Count one ticket; without area or unit it teaches only the other names."""
        self.tickets += 1
        if past.place:
            self.places.add(past.place)
        if past.unit:
            self.units[past.unit] += 1
        if past.area:
            self.areas.add(past.area)
        if past.area and past.unit:
            self.of_area[past.area][past.unit] += 1
            for depth in range(1, min(len(past.place), 2) + 1):
                self.of_place[past.area, past.place[:depth]][past.unit] += 1

    def fold_rare(self) -> int:
        """Count areas with hardly any tickets as the area above; return how many there were."""
        support: Counter[Path] = Counter()
        for path, counts in self.of_area.items():
            support.update({path[:depth]: counts.total() for depth in range(1, len(path) + 1)})
        of_area, of_place = self.of_area, self.of_place
        self.of_area, self.of_place = defaultdict(Counter), defaultdict(Counter)
        for path, counts in of_area.items():
            self.of_area[_kept(path, support)].update(counts)
        for (path, place), counts in of_place.items():
            self.of_place[_kept(path, support), place].update(counts)
        before = len(self.areas)
        self.areas = {_kept(path, support) for path in self.areas}
        return before - len(self.areas)


def _kept(path: Path, support: Counter[Path]) -> Path:
    while len(path) > 1 and support[path] < LEAST_TICKETS:
        path = path[:-1]
    return path


def _duty(
    seen: _Seen, areas: dict[Path, str], units: dict[str, str], places: dict[Path, str]
) -> tuple[tuple[Duty, ...], tuple[Dispute, ...]]:
    duty, disputed = [], []
    by_place: dict[Path, list[tuple[Path, Counter[str]]]] = defaultdict(list)
    for (area, place), counts in seen.of_place.items():
        by_place[area].append((place, counts))
    above = {area[:-1] for area in areas}
    for area in sorted(areas, key=areas.__getitem__):
        counts = seen.of_area[area]
        if not counts:
            continue
        label, code = "/".join(area), areas[area]
        unit, most = counts.most_common(1)[0]
        why = _doubt(most, counts.total()) or ("下面还有更细的事项，写入会把它们一并带走" if area in above else "")
        if not why:
            duty.append(_row(code, "", units[unit], most, counts.total(), label))
            continue
        disputed.append(
            Dispute(area=code, label=label, support=counts.total(), shares=tuple(counts.most_common()), why=why)
        )
        for place, here in sorted(by_place[area], key=lambda pair: places[pair[0]]):
            unit, most = here.most_common(1)[0]
            if not _doubt(most, here.total()):
                duty.append(_row(code, places[place], units[unit], most, here.total(), label))
    return tuple(duty), tuple(disputed)


def _row(area: str, place: str, unit: str, support: int, of: int, label: str) -> Duty:
    return Duty(area=area, place=place, unit=unit, support=support, of=of, label=label)


def _doubt(most: int, total: int) -> str:
    if total < LEAST_TICKETS:
        return f"只有{total}件，少于{LEAST_TICKETS}件"
    return f"第一位只占{most / total:.0%}，不到{UNDISPUTED_SHARE:.0%}" if most / total < UNDISPUTED_SHARE else ""


def _city_toml(head: Head, rules: str) -> str:
    lines = [
        f"# {head.name}：从历史工单得出，请核对后启用",
        *(f"{name} = {_toml(getattr(head, name))}" for name in ("edition", "region", "name", "short", "zone")),
        f"preset = {_toml(head.preset)}",
    ]
    return "\n".join(lines) + "\n\n" + rules + ALONE


def _toml(text: str) -> str:
    return msgspec.json.encode(text).decode()  # a TOML basic string is written as JSON writes it


def _areas_csv(areas: dict[Path, str]) -> str:
    rows = [(code, path[-1], areas.get(path[:-1], ""), "", "", "") for path, code in areas.items()]
    return _csv(("code", "name", "parent", "aliases", "keywords", "examples"), sorted(rows))


def _units_csv(units: dict[str, str], places: dict[Path, str]) -> str:
    rows = []
    for name, code in units.items():
        place = _home(name, places)
        rows.append((code, name, "街镇" if place else "", place, "true" if place else "false"))
    return _csv(("code", "name", "kind", "place", "backstop"), sorted(rows))


def _home(unit: str, places: dict[Path, str]) -> str:
    """Return the street whose office a unit is (属地兜底), "" if it is none or two could be meant."""
    if not unit.endswith(BACKSTOPS) and not unit.endswith("办事处"):
        return ""
    found = {code for path, code in places.items() if len(path) == DEPTH[Level.STREET] + 1 and _stem(path[-1]) in unit}
    return found.pop() if len(found) == 1 else ""


def _stem(street: str) -> str:
    return street.removesuffix("办事处").removesuffix("街道") or street


def _duty_csv(duty: Sequence[Duty]) -> str:
    heads = ("id", "area", "place", "unit", "helpers", "grid_role", "basis", "note", "since", "until", "support")
    rows = []
    for place, row in enumerate(duty, 1):
        note = f"{row.of}件中的{row.support}件（{row.support / row.of:.0%}）"
        count = (str(row.support), str(row.of), f"{error_bound(row.of - row.support, row.of):.4f}")
        rows.append((f"L{place:04d}", row.area, row.place, row.unit, "", "", "历史工单", note, "", "", *count))
    return _csv((*heads, "of", "bound"), rows)


def _places_csv(places: dict[Path, str]) -> str:
    rows = [
        (code, path[-1], PLACE_LEVELS[len(path) - 1].value, places.get(path[:-1], ""), _alias(path[-1]), "")
        for path, code in places.items()
    ]
    return _csv(("code", "name", "level", "parent", "aliases", "owner"), sorted(rows))


def _alias(name: str) -> str:
    """Return what people call a place: 清河街道 for 清河街道办事处, 柳园社区 for 柳园社区居委会."""
    for ending in ("办事处", "居委会", "居民委员会", "村民委员会", "村委会"):
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            return stem if len(stem) > 2 else ""
    return ""


def _csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return out.getvalue()
