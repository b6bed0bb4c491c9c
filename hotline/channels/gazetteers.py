"""Reads a gazetteer: a city's folder, places.csv, a table of districts and streets, or a list of names."""

from pathlib import Path

from grids.messages import Message
from grids.tree import Tree
from hotline import rulefiles
from hotline.channels import placed
from hotline.channels.columns import plain_heading
from hotline.channels.csv_text import CsvFile
from hotline.channels.errors import Unusable
from hotline.channels.sheets import open_sheet
from hotline.flow.learning import gather
from hotline.flow.learning.gather import Gazetteer

PLACES_CSV, LANDMARKS_CSV = {"code", "name", "level"}, {"name", "place"}
LONGEST_LISTED = 40  # characters of one line of a list of names


def read_gazetteer(path: Path, named: dict[str, str], base: Gazetteer | None) -> Gazetteer:
    """Return what a file or folder holds, on top of `base` where it is names alone.

    named   field (district, street, community) -> heading, for a table
    raises  Unusable, RulesUnreadable
    """
    if path.is_dir():
        return _folder(path)
    if path.suffix.lower() == ".txt":
        if base is None:
            raise Unusable(
                str(path), Message("只有地名，没有区、街道、社区的隶属关系；请另给 places.csv、规则文件夹或带标注的表")
            )
        return gather.with_loose(base, _lines(path), f"地名表 {path.name}")
    sheet = open_sheet(path)
    first = next(iter(sheet.records()), None)
    heads = {plain_heading(cell) for cell in first.cells} if first else set()
    if heads >= PLACES_CSV:
        return Gazetteer(tree=rulefiles.ground({"places.csv": _text(path)}, path.stem), source=f"地点表 {path.name}")
    if heads >= LANDMARKS_CSV:
        marks = rulefiles.landmarks({"landmarks.csv": _text(path)})
        if base is None:
            raise Unusable(str(path), Message("只有地标，没有地点树；请另给 places.csv 或规则文件夹"))
        return gather.with_landmarks(base, marks, f"地标表 {path.name}")
    tree, _ = gather.tree_of({told.names for told in placed.read_placed(open_sheet(path), named, places=True)})
    return Gazetteer(tree=tree, source=f"{path.name} 中的区、街道、社区名称")


def _folder(path: Path) -> Gazetteer:
    if not (path / "places.csv").is_file():
        raise Unusable(str(path), Message("文件夹里没有 places.csv"))
    names = ("places.csv", "landmarks.csv", "grids.geojson")
    files = {name: _text(path / name) for name in names if (path / name).is_file()}
    tree: Tree = rulefiles.ground(files, path.name)
    return Gazetteer(tree=tree, landmarks=rulefiles.landmarks(files), source=f"文件夹 {path}")


def _lines(path: Path) -> tuple[str, ...]:
    """Return the names of a list, one a line, whatever its encoding."""
    names = (record.cells[0].strip() for record in CsvFile(path).records() if record.cells)
    return tuple(dict.fromkeys(name for name in names if 2 <= len(name) <= LONGEST_LISTED))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        raise Unusable(str(path), Message("读不出来（%(wrong)s），文件须为 UTF-8", wrong=wrong)) from None
