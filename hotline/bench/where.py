"""`hotline bench where`: finding places, measured on real tickets and points outside the house; figures only."""

import csv
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, product
from pathlib import Path

import numpy as np

from grids import learning
from grids.addresses import Landmark
from grids.geometry import Datum, Point, metres, to_wgs84
from grids.learning import Confirmed
from grids.locate import Locator
from grids.polygons import Polygons
from grids.scoring import FAILURES, Finder, Label, Score, score
from grids.tree import Level, Place, Tree
from hotline.channels import maps, placed
from hotline.channels.placed import PlacedText
from hotline.channels.sheets import open_sheet
from hotline.flow.learning import gather
from hotline.flow.learning.gather import Gazetteer

PLACED_TICKETS, HISTORY = "haikou_full_first.csv", "haikou_labelled_2018-01_05.csv"
COLUMNS = {"text": "诉求内容", "address": "诉求地址", "district": "辖区", "street": "镇街", "community": "村居"}
COMMUNITIES, POINTS = "jiangning_communities.geojson", "jiangning_poi_gcj02_5000.csv"
FLOORS = (0.0, 0.5, 0.6, 0.7)
ROWS_SEED = 12345
TIMES = 4  # rows asked so often, for a steadier figure of speed
OPENING = 40  # characters two texts must share to count as the same ticket

Asked = list[tuple[str, str, Point | None]]


def report(data: Path, *, side: int = 100, points: int = 1_000_000) -> Iterator[str]:
    """Yield docs/where.md line by line.

    side    so many by so many invented grids, for
    points  points in bulk
    """
    told = list(placed.read_placed(open_sheet(data / PLACED_TICKETS), COLUMNS, places=True))
    rows = [one for one in told if one.names[1]]
    tree, _ = gather.tree_of(one.names for one in rows)
    yield from _head(len(told), len(rows), tree)
    yield from _by_names(tree, rows)
    yield from _by_learning(tree, told, rows, data)
    yield from _points(data)
    yield from _bulk(side, points)


def _head(rows: int, labelled: int, tree: Tree) -> Iterator[str]:
    levels = [sum(place.level is level for place in tree.places) for level in Level]
    yield from (
        "# Where it is: figures",
        "",
        "Written by `hotline bench where` (needs HOTLINE_EVAL_DATA).  No ticket is quoted here.",
        "",
        f"Tickets: {rows:,} of two days, {labelled} of them with district, street and community confirmed by a person.",
        f"Gazetteer: the names of {levels[0]} districts, {levels[1]} streets, {levels[2]} communities in the labels.",
        "Right = the confirmed place.  A row counts as answered when its street is given with a confidence at or",
        "above the floor (`[ground] doubt`, 0.6).",
        "",
    )


def _by_names(tree: Tree, rows: Sequence[PlacedText]) -> Iterator[str]:
    finder, locator = Finder(tree), Locator(tree)
    yield from ("## Names alone, nothing learned", "", *_HEADINGS)
    shown: dict[str, Score] = {}
    for part, floor in product(("text", "address", "both"), FLOORS):
        found, rate = _score(tree, locator, finder, rows, part, floor)
        yield f"| {part} | {floor} | {_cells(found)} | {rate:,.0f} |"
        if floor == 0.6:
            shown[part] = found
    yield from ("", "What fails at 0.6, rows:", "", "| kind | text | address | both |", "| --- | ---: | ---: | ---: |")
    for kind in FAILURES:
        counts = " | ".join(str(shown[part].failures.get(kind, 0)) for part in ("text", "address", "both"))
        yield f"| {kind} | {counts} |"
    yield from (
        "",
        "By text alone the labels themselves set a ceiling: of texts that write district and street in full,",
        "about one in seven was confirmed in another street (an earlier ticket quoted, an office's reply copied in,",
        "the border of two streets, a correction in the address alone).",
        "",
    )


_HEADINGS = (
    "| from | floor | answered | street right | when answered | community right | when answered | rows / CPU s |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
)


def _by_learning(tree: Tree, told: Sequence[PlacedText], rows: Sequence[PlacedText], data: Path) -> Iterator[str]:
    """Learn from the earlier half of the rows and ask about the later one; the file is in order of time."""
    finder = Finder(tree)
    half = len(rows) // 2
    early, late = rows[:half], rows[half:]
    taught = [(one.text, code) for one in early if (code := finder.find(one.names)[2] or finder.find(one.names)[1])]
    known = {_opening(one.text) for one in told}
    history = [one.text for one in placed.read_placed(open_sheet(data / HISTORY), {"text": "诉求内容"}, places=False)]
    own = gather.own_words(Gazetteer(tree=tree), [(text, "") for text in history if _opening(text) not in known])
    yield from (
        "## Learned from earlier tickets, asked of later ones",
        "",
        f"The first {len(early)} confirmed tickets teach, the {len(late)} after them are asked, by text alone.",
        f"{len(own):,} other texts of the same town that write their street in full teach as well; none opens like a",
        "ticket of these two days.",
        "",
        "| learned from | names | floor " + _HEADINGS[0][len("| from | floor ") :],
        "| --- | ---: " + _HEADINGS[1][len("| --- ") :],
    )
    for name, lessons in (("nothing", []), ("confirmed", taught), ("own words", own), ("both", [*own, *taught])):
        marks = learning.learn(tree, [Confirmed(text, place) for text, place in lessons]) if lessons else ()
        locator = Locator(tree, marks)
        for floor in FLOORS[1:3]:
            found, rate = _score(tree, locator, finder, late, "text", floor)
            yield f"| {name} | {_count(marks)} | {floor} | {_cells(found)} | {rate:,.0f} |"
    yield ""


def _count(marks: Iterable[Landmark]) -> int:
    return sum(1 for _ in marks)


def _score(
    tree: Tree, locator: Locator, finder: Finder, rows: Sequence[PlacedText], part: str, floor: float
) -> tuple[Score, float]:
    """Return the figures, and how many rows a second of one processor were located."""
    asked: Asked = [
        (one.text if part != "address" else "", one.address if part != "text" else "", None) for one in rows
    ]
    labels = []
    for one in rows:
        _, street, community = finder.find(one.names)
        labels.append(Label(street, community, has_community=bool(one.names[2])))
    begun = time.process_time()
    answers = locator.locate_many(asked * TIMES)[: len(rows)]
    rate = TIMES * len(rows) / (time.process_time() - begun)
    return score(tree, zip(answers, labels, strict=True), floor), rate


def _cells(found: Score) -> str:
    shares = (
        found.coverage,
        found.street_accuracy,
        found.street_accuracy_when_answered,
        found.community_accuracy,
        found.community_accuracy_when_answered,
    )
    return " | ".join("–" if share is None else f"{share:.3f}" for share in shares)


def _opening(text: str) -> str:
    return re.sub(r"[\W\d]", "", text)[:OPENING]


def _points(data: Path) -> Iterator[str]:
    """Tell how many points of interest fall into their community, converted and not."""
    shapes = maps.read_shapes(data / COMMUNITIES)
    places = tuple(
        Place(code=str(shape.row), name=shape.properties["NAME"], level=Level.COMMUNITY, rings=shape.rings)
        for shape in shapes
    )
    names = {place.code: place.name for place in places}
    polygons = Polygons(Tree("bench", places))
    with (data / POINTS).open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["community_by_polygon"]]
    given = [(float(row["gcj_lng"]), float(row["gcj_lat"])) for row in rows]
    real = [Point(float(row["wgs_lng"]), float(row["wgs_lat"])) for row in rows]
    turned = [to_wgs84(lng, lat, Datum.GCJ02) for lng, lat in given]
    off = max(metres(one, other) for one, other in zip(turned, real, strict=True))
    yield from (
        "## Points",
        "",
        f"{len(rows):,} points of interest in GCJ-02, {len(places)} communities in WGS-84:",
        "",
        "| read as | in the right community |",
        "| --- | ---: |",
    )
    for label, points in (("WGS-84", [Point(*one) for one in given]), ("GCJ-02, converted", turned)):
        found = polygons.holding(np.array([(point.lng, point.lat) for point in points]))
        right = sum(
            code is not None and names[code] == row["community_by_polygon"]
            for code, row in zip(found, rows, strict=True)
        )
        yield f"| {label} | {right / len(rows):.3f} |"
    yield from ("", f"The conversion differs from the file's own WGS-84 columns by at most {off:.2f} m.", "")


def _bulk(side: int, points: int) -> Iterator[str]:
    """Tell how long invented grids take for invented points."""
    grids, degrees = invented(side)
    begun = time.process_time()
    polygons = Polygons(Tree("bench", grids))
    built = time.process_time() - begun
    spots = np.random.default_rng(ROWS_SEED).uniform((120.0, 30.0), (120.0 + degrees, 30.0 + degrees), (points, 2))
    begun = time.process_time()
    found = polygons.holding(spots)
    held = time.process_time() - begun
    some = [Point(lng, lat) for lng, lat in spots[:50_000].tolist()]
    begun = time.process_time()
    polygons.near(some, 30.0)
    near = len(some) / (time.process_time() - begun)
    inside = sum(code is not None for code in found)
    yield from (
        "## In bulk",
        "",
        f"{len(grids):,} grids of 25 corners, {points:,} points, seconds of one processor:",
        f"index {built:.1f} s, all points {held:.1f} s ({points / held:,.0f} a second; {inside:,} lie in a grid).",
        f"With both grids of a border 30 m away, as tickets are asked: {near:,.0f} a second.",
        "",
    )


def invented(side: int) -> tuple[tuple[Place, ...], float]:
    """Return side by side crooked grids that share their borders, and the degrees they span."""
    step = 0.01
    shake = np.random.default_rng(ROWS_SEED).uniform(-0.002, 0.002, (side + 1, side + 1, 2))
    corner = [
        [(120 + step * i + shake[i, j, 0], 30 + step * j + shake[i, j, 1]) for j in range(side + 1)]
        for i in range(side + 1)
    ]
    places = []
    for i, j in product(range(side), range(side)):
        four = (corner[i][j], corner[i + 1][j], corner[i + 1][j + 1], corner[i][j + 1], corner[i][j])
        ring = [
            (float(a[0] + (b[0] - a[0]) * t / 6), float(a[1] + (b[1] - a[1]) * t / 6))
            for a, b in pairwise(four)
            for t in range(6)
        ]
        code = f"{i:03d}{j:03d}"
        places.append(Place(code=code, name=code, level=Level.GRID, rings=((*ring, ring[0]),)))
    return tuple(places), step * side
