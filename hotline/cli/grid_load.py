"""`hotline grid load`: maps and a sheet of people looked over, drawn, and only then written into a folder."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from grids.geometry import Datum
from grids.messages import Message
from grids.survey import KINDS, Finding, Measures, survey
from grids.tree import Level, Place, plant
from hotline import clock, rulefiles
from hotline.channels import ground, plan
from hotline.channels.errors import Unusable
from hotline.cli import opening
from hotline.cli.grid import grid, write
from hotline.flow.editions import lay
from hotline.flow.editions.lay import Leading

FINDINGS_SHOWN = 20  # findings told one by one in words


@grid.command("load")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--people", type=click.Path(path_type=Path), help="人员表（CSV、XLSX）：网格编码、网格长、副网格长、电话。"
)
@click.option("--datum", type=click.Choice([datum.value for datum in Datum]), default="wgs84", help="边界的坐标系。")
@click.option("--level", type=click.Choice([level.value for level in Level]), help="层级；默认看编码的位数。")
@click.option("--code", default="", help="编码所在的属性。")
@click.option("--name", default="", help="名称所在的属性。")
@click.option("--parent", default="", help="上级编码所在的属性；默认取编码的前几位。")
@click.option("--root", default="", help="区的编码和名称，例如 990101=示例区；边界文件里没有区时用。")
@click.option("--least", type=float, default=Measures().least, show_default=True, help="小于这么多平方米的不提。")
@click.option("--report", type=click.Path(path_type=Path), help="把草图和问题清单写成这个 HTML 文件。")
@click.option("--into", type=click.Path(path_type=Path), help="没有错误时写入这个规则文件夹；不写则只检查。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def load(
    files: tuple[Path, ...],
    people: Path | None,
    datum: str,
    level: str | None,
    code: str,
    name: str,
    parent: str,
    root: str,
    least: float,
    report: Path | None,
    into: Path | None,
    as_json: bool,
) -> None:
    """检查网格边界 FILES（GeoJSON 或 shapefile，可以有几层）：重叠、缝隙、坏边界、坐标系、编码、网格长。

    只检查，不生效。--into 写出文件夹后，仍由 hotline rules propose、approve 两人启用。
    """
    with opening.refusals():
        held = _stored_places(into)
        drawn, holes = _root(root), 0
        for file in files:
            some, left_out = ground.drawn(file, Datum(datum), Level(level) if level else None, code, name, parent)
            drawn, holes = [*drawn, *some], holes + left_out
        new = lay.placed(drawn, {place.code: place for place in held})
        places = lay.merged(new, held)
        leading = ground.people(people, places) if people else []
        led = {one.grid for one in leading if one.leader} if people else None
        findings = [*survey(places, led, Measures(least=least)), *_holes(holes)]
        if report is not None:
            write(report.parent, {report.name: plan.page(places, findings, f"网格检查：{files[-1].name}")})
        errors = sum(one.severity == "error" for one in findings)
        written = into is not None and not errors
        if into is not None and written:
            _put(into, places, leading)
    click.echo((_json if as_json else _words)(places, findings, into, written=written))
    sys.exit(1 if errors else 0)


def _json(places: Sequence[Place], findings: Sequence[Finding], _: Path | None, *, written: bool) -> bytes:
    """Return what was found, for a program."""
    errors = sum(one.severity == "error" for one in findings)
    counts = Counter(place.level.value for place in places)
    said = {"places": counts, "errors": errors, "warnings": len(findings) - errors, "written": written}
    return msgspec.json.encode({**said, "findings": findings})


def _stored_places(into: Path | None) -> list[Place]:
    """Return the places a folder already holds."""
    if into is None or not (into / "places.csv").is_file():
        return []
    names = (name for name in ("places.csv", "grids.geojson") if (into / name).is_file())
    return list(rulefiles.ground({name: (into / name).read_text(encoding="utf-8-sig") for name in names}, "").places)


def _root(said: str) -> list[Place]:
    if not said:
        return []
    code, mark, name = said.partition("=")
    if not mark or not code or not name:
        raise Unusable("--root", Message("应写成 编码=名称，例如 990101=示例区"))
    return [Place(code=code, name=name, level=Level.DISTRICT)]


def _holes(count: int) -> list[Finding]:
    message = f"{count} 个面中的洞没有采用：洞里的地方若另有归属，请单独画出"
    return [Finding(kind="hole", severity="warning", codes=(), message=message)] if count else []


def _put(into: Path, places: list[Place], leading: list[Leading]) -> None:
    plant("", places)
    texts = lay.files(places, leading, clock.now().date())
    write(into, {name: text for name, text in texts.items() if name != "grids.geojson"})
    write(into, {"grids.geojson": texts["grids.geojson"]}, mark="")


def _words(places: Sequence[Place], findings: Sequence[Finding], into: Path | None, *, written: bool) -> str:
    errors = sum(one.severity == "error" for one in findings)
    counts = "，".join(f"{KINDS[kind]} {count}" for kind, count in Counter(one.kind for one in findings).most_common())
    lines = [f"{len(places)} 个地点，{errors} 个错误，{len(findings) - errors} 个提醒{f'：{counts}' if counts else ''}"]
    lines += [f"{'错误' if one.severity == 'error' else '提醒'}\t{one.message}" for one in findings[:FINDINGS_SHOWN]]
    if len(findings) > FINDINGS_SHOWN:
        lines.append(f"另有 {len(findings) - FINDINGS_SHOWN} 条，见 --report 或 --json")
    if written:
        lines.append(f"已写入 {into}；核对后修改 city.toml 的 edition，运行 hotline rules propose {into} 由两人启用")
    elif into is not None:
        lines.append("有错误，没有写入；改正后再载入")
    else:
        lines.append("只作检查，没有写入；加 --into 文件夹 写出")
    return "\n".join(lines)
