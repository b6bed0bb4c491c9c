"""`hotline grid find|evaluate|learn`: where a text or a point lies, how often that is right, what history teaches."""

import time
from pathlib import Path
from typing import Any

import click
import msgspec
import sqlalchemy as sa

from grids.geometry import Datum, read_point
from grids.locate import GroundRules, Located, Locator
from grids.messages import Message
from grids.scoring import FAILURES, Finder, Label, Score, score
from hotline.channels import gazetteers, placed
from hotline.channels.errors import Unusable
from hotline.channels.placed import PlacedText
from hotline.channels.sheets import open_sheet
from hotline.city import City
from hotline.cli import opening
from hotline.errors import NoCity
from hotline.flow import locate as where
from hotline.flow.learning import gather
from hotline.flow.learning.gather import Gazetteer
from hotline.store import db

KNOWN = 0.5  # share of a file's streets the city in force must know, to be the one the file is measured against


@click.group("grid")
def grid() -> None:
    """地点：查找、评测、从历史学习、载入网格。"""


_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
_gazetteer = click.option(
    "--gazetteer",
    "sources",
    multiple=True,
    type=click.Path(path_type=Path),
    help="地名库：规则文件夹、places.csv、带区街社区列的表，或一行一名的 .txt；可以写多次。默认用现在生效的城市。",
)
_district = click.option("--district", default="", help="区所在的列。")
_street = click.option("--street", default="", help="街道（镇）所在的列。")
_community = click.option("--community", default="", help="社区（村）所在的列。")


@grid.command("find")
@click.option("--text", default="", help="诉求内容。")
@click.option("--address", default="", help="诉求地址。")
@click.option("--lng", type=float, help="经度。")
@click.option("--lat", type=float, help="纬度。")
@click.option("--datum", type=click.Choice([datum.value for datum in Datum]), default="wgs84", help="坐标系。")
@_gazetteer
@_json
def find(
    text: str, address: str, lng: float | None, lat: float | None, datum: str, sources: tuple[Path, ...], as_json: bool
) -> None:
    """一段文字、一个地址或一个坐标在哪个网格、社区、街道，有多大把握，为什么。"""
    with opening.opened():
        if not text and not address and lng is None and lat is None:
            raise Unusable("grid find", Message("请给出 --text、--address，或 --lng 和 --lat"))
        gazetteer, locator, rules = _ground_of(sources)
        said = ""
        point = None
        if lng is not None or lat is not None:
            box, plane = gazetteer.tree.bounds() or where.MAINLAND, rules.plane
            reading = read_point(lng, lat, Datum(datum), box, plane.to_wgs84 if plane else None)
            point, said = reading.point, "" if reading.how == "given" else f"{reading.why}；"
        found = locator.locate(text, address, point)
    if as_json:
        click.echo(msgspec.json.encode(_as_json(found, gazetteer, rules.doubt, said)))
    else:
        click.echo(_found_words(found, gazetteer, said))


@grid.command("evaluate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--text", default="", help="诉求内容所在的列；与 --address 都不写时按内置的列名。")
@click.option("--address", default="", help="诉求地址所在的列。")
@_district
@_street
@_community
@_gazetteer
@click.option("--floor", type=click.FloatRange(0, 1), help="把握低于它的不作答；默认按城市规则 [ground] doubt。")
@_json
def evaluate(
    file: Path,
    text: str,
    address: str,
    district: str,
    street: str,
    community: str,
    sources: tuple[Path, ...],
    floor: float | None,
    as_json: bool,
) -> None:
    """用带有街道、社区标注的工单文件 FILE 评测定位；没有标注的行不计。"""
    with opening.opened():
        named = _named(text, address, district, street, community)
        told = list(placed.read_placed(open_sheet(file), named, places=True))
        rows = [one for one in told if one.names[1]]
        if not rows:
            raise Unusable(str(file), Message("%(count)s 行里没有一行填写了街道，无从评测", count=len(told)))
        gazetteer, locator, rules = _fitting(file, rows, sources, named)
        least = rules.doubt if floor is None else floor
        finder = Finder(gazetteer.tree)
        labels = [_label(finder, one) for one in rows]
        parts = _parts(rows, text, address)
        scores, seconds = {}, {}
        for part, asked in parts.items():
            begun = time.process_time()
            answers = locator.locate_many([(*one, None) for one in asked])
            seconds[part] = time.process_time() - begun
            scores[part] = score(gazetteer.tree, zip(answers, labels, strict=True), least)
    main = next(iter(scores))
    if as_json:
        rate = round(len(rows) / max(seconds[main], 1e-9))
        click.echo(msgspec.json.encode(_scored(scores, main, gazetteer, len(told), rate, least)))
    else:
        click.echo(_scored_words(scores, gazetteer, len(told), least))


@grid.command("learn")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--text", default="", help="诉求内容所在的列。")
@click.option("--address", default="", help="诉求地址所在的列。")
@_district
@_street
@_community
@_gazetteer
@click.option("--own-words/--no-own-words", default=True, help="没有标注、但自己写明街道的行也用来学习。")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="写到这个文件夹。")
@_json
def learn(
    file: Path | None,
    text: str,
    address: str,
    district: str,
    street: str,
    community: str,
    sources: tuple[Path, ...],
    own_words: bool,
    out: Path,
    as_json: bool,
) -> None:
    """从已确认地点的历史工单 FILE（不写则用本系统已归档的工单）得出地点树和小区、道路等地名，写成供人核对的文件。"""
    with opening.opened():
        named = _named(text, address, district, street, community)
        base, rules, taught, silent = _of_office(sources) if file is None else _of_file(file, sources, named)
        own = gather.own_words(base, silent) if own_words else []
        learned = gather.learned(base, [*taught, *own], rules)
        write(out, gather.files(learned))
    counts = {"rows": len(taught) + len(silent), "confirmed": len(taught), "own_words": len(own)}
    if as_json:
        click.echo(msgspec.json.encode({"folder": str(out), **counts, **gather.counts(learned)}))
        return
    click.echo(f"读取 {counts['rows']:,} 行，其中 {len(taught):,} 行有确认的地点，{len(own):,} 行自己写明了地点")
    click.echo(f"新学到 {len(learned.landmarks) - len(base.landmarks)} 个地名，写在 {out}，请核对")


Lessons = tuple[Gazetteer, GroundRules, list[tuple[str, str]], list[tuple[str, str]]]


def _of_office(sources: tuple[Path, ...]) -> Lessons:
    """Return what this office's closed tickets teach: (text, code) of each."""
    city = opening.city_in_force()
    given = _given(sources, {})
    with db.reading() as session:
        taught = gather.closed(session, city)
    base = given or msgspec.structs.replace(_of_city(city), landmarks=city.landmarks)
    return base, city.where, [(text, place) for text, place in taught if place in base.tree], []


def _of_file(file: Path, sources: tuple[Path, ...], named: dict[str, str]) -> Lessons:
    """Return what a file teaches: (text, code) where a person confirmed one, (text, address) where nobody did."""
    told = list(placed.read_placed(open_sheet(file), named, places=not sources))
    base = _given(sources, named)
    if base is None:
        tree, _ = gather.tree_of(one.names for one in told)
        base = Gazetteer(tree=tree, source=f"{file.name} 中的区、街道、社区名称")
    finder = Finder(base.tree)
    codes = [next(filter(None, reversed(finder.find(one.names))), None) for one in told]
    taught = [(one.text, code) for one, code in zip(told, codes, strict=True) if code]
    silent = [(one.text, one.address) for one, code in zip(told, codes, strict=True) if not code]
    return base, GroundRules(), taught, silent


def _named(text: str, address: str, district: str, street: str, community: str) -> dict[str, str]:
    return {"text": text, "address": address, "district": district, "street": street, "community": community}


def _given(sources: tuple[Path, ...], named: dict[str, str]) -> Gazetteer | None:
    """Return what the files named on the command line hold together; lists of names come on top of a tree."""
    columns = {field: heading for field, heading in named.items() if field in {"district", "street", "community"}}
    base = None
    for path in sorted(sources, key=lambda path: path.suffix.lower() == ".txt"):
        base = gazetteers.read_gazetteer(path, columns, base)
    return base


def _ground_of(sources: tuple[Path, ...]) -> tuple[Gazetteer, Locator, GroundRules]:
    """Return the gazetteer named, else the city's in force."""
    given = _given(sources, {})
    if given is not None:
        return given, _locator(given), GroundRules()
    city = opening.city_in_force()
    return _of_city(city), city.locator, city.where


def _of_city(city: City) -> Gazetteer:
    return Gazetteer(tree=city.tree, source=f"现在生效的城市：{city.name}（{city.edition}）")


def _locator(gazetteer: Gazetteer) -> Locator:
    return Locator(gazetteer.tree, gazetteer.landmarks, loose=gazetteer.loose)


def _fitting(
    file: Path, rows: list[PlacedText], sources: tuple[Path, ...], named: dict[str, str]
) -> tuple[Gazetteer, Locator, GroundRules]:
    """Return the gazetteer named, else the city's where it knows the file's streets, else the names in its labels."""
    trees = [path for path in sources if path.suffix.lower() != ".txt"]
    if trees:
        given = _given(sources, named)
        assert given is not None
        return given, _locator(given), GroundRules()
    try:
        city = opening.city_in_force()
        finder = Finder(city.tree)
        known = sum(finder.find(one.names)[1] is not None for one in rows) / len(rows)
    except (NoCity, sa.exc.OperationalError):
        city, known = None, 0.0
    if city is not None and known >= KNOWN and not sources:
        return _of_city(city), city.locator, city.where
    tree, _ = gather.tree_of(one.names for one in rows)
    held = f"现在生效的城市只认识其中 {known:.0%} 的街道" if city else "还没有城市规则"
    base = Gazetteer(tree=tree, source=f"{held}，地名库取自 {file.name} 标注列中的区、街道、社区名称（不用逐行的标注）")
    for path in sources:
        base = gazetteers.read_gazetteer(path, {}, base)
    return base, _locator(base), GroundRules()


def _label(finder: Finder, told: PlacedText) -> Label:
    _, street, community = finder.find(told.names)
    return Label(street, community, has_community=bool(told.names[2]))


def _parts(rows: list[PlacedText], text: str, address: str) -> dict[str, list[tuple[str, str]]]:
    """Return what is asked, by name; the first is the one the main figures speak of."""
    by_text = [(one.text, "") for one in rows]
    by_address = [("", one.address) for one in rows]
    if text and not address:
        return {"text": by_text}
    if address and not text:
        return {"address": by_address}
    return {"both": [(one.text, one.address) for one in rows], "text": by_text, "address": by_address}


def _scored(
    scores: dict[str, Score], main: str, gazetteer: Gazetteer, rows: int, rate: int, floor: float
) -> dict[str, Any]:
    head = msgspec.to_builtins(scores[main])
    rest = {part: msgspec.to_builtins(one) for part, one in scores.items()} if len(scores) > 1 else {}
    return {
        **head,
        "measured": main,
        "rows": rows,
        "unlabelled": rows - scores[main].n,
        "floor": floor,
        "gazetteer": {"source": gazetteer.source, **gather.counts(gazetteer)},
        "rows_per_cpu_second": rate,
        "parts": rest,
    }


def _scored_words(scores: dict[str, Score], gazetteer: Gazetteer, rows: int, floor: float) -> str:
    names = {"both": "内容和地址", "text": "只看内容", "address": "只看地址"}
    n = next(iter(scores.values())).n
    lines = [f"读取 {rows:,} 行，有标注 {n:,} 行；把握不足 {floor:.0%} 的不作答", f"地名库：{gazetteer.source}"]
    for part, one in scores.items():
        lines.append(f"{names[part]}：答出街道 {one.answered}（{one.coverage:.1%}），")
        lines.append(
            f"    街道正确 {one.street_accuracy:.1%}，作答时正确 {_percent(one.street_accuracy_when_answered)}"
        )
        within = _percent(one.community_accuracy_when_answered)
        lines.append(f"    社区正确 {one.community_accuracy:.1%}，作答时正确 {within}")
        lines += [f"    {label}\t{one.failures[kind]}" for kind, label in FAILURES.items() if kind in one.failures]
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"


def _as_json(found: Located, gazetteer: Gazetteer, floor: float, said: str) -> dict[str, Any]:
    tree = gazetteer.tree
    codes = {level: getattr(found, level) for level in ("grid", "community", "street", "district")}
    return {
        **codes,
        "names": {level: tree.get(code).name if code else None for level, code in codes.items()},
        "how": found.how,
        "confidence": found.confidence,
        "sure": found.confidence >= floor,
        "to_check": found.confidence < floor or found.community is None,
        "words": found.words,
        "micro": found.micro,
        "why": said + found.why,
        "nearby": [{"code": code, "name": tree.get(code).name} for code in found.nearby],
        "gazetteer": gazetteer.source,
    }


def _found_words(found: Located, gazetteer: Gazetteer, said: str) -> str:
    codes = (found.district, found.street, found.community, found.grid)
    names = "".join(gazetteer.tree.get(code).name for code in codes if code) or "不能确定"
    return f"{names}\n把握 {found.confidence:.0%}\n{said}{found.why}"


def write(folder: Path, texts: dict[str, str], mark: str = "\ufeff") -> None:
    """Write files into a folder; the mark of order of bytes lets spreadsheets take a CSV for what it is."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text((mark if name.endswith(".csv") else "") + text, encoding="utf-8", newline="")
    except OSError as refused:
        raise Unusable(str(folder), Message("写不进去（%(reason)s）", reason=refused.strerror)) from refused
