"""`hotline intake FILE`: a file of 12345 or 8890 tickets through the whole journey."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec
from tqdm import tqdm

from hotline import clock
from hotline.channels import load
from hotline.channels.columns import Map, read_map
from hotline.channels.load import Closing, Door
from hotline.channels.sheets import open_sheet
from hotline.cli import opening
from hotline.sealing import Seal

BAR = "{desc} {percentage:3.0f}%|{bar:24}| {postfix}，剩余 {remaining}"
INTERRUPTED = 130  # as a shell reports it
JSON_KEYS = ("rows", "accepted", "known", "joined", "rejected", "routed", "left_for_person", "seconds")


@click.command("intake")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", type=click.Choice(["12345", "8890"]), required=True, help="文件来自哪条热线。")
@click.option("--columns", "columns", type=click.Path(path_type=Path), help="列对应表（TOML），表头名称不同时使用。")
@click.option("--as-of", "as_of", metavar="TIME", help="以这个时间作为整个导入的“现在”，如 2018-01-31 08:00。")
@click.option("--replay", is_flag=True, help="历史导入：用每一行自己的时间，按文件写明的结果归档，不发任何通知。")
@click.option(
    "--batch", type=click.IntRange(1, 5000), default=load.ROWS_PER_TRANSACTION, show_default=True, help="每批多少行。"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def intake(
    file: Path, source: str, columns: Path | None, as_of: str | None, replay: bool, batch: int, as_json: bool
) -> None:
    """导入工单文件 FILE（CSV、XLSX 或 XLS）：受理、归类、定位、派单、计时。重复导入不会重复受理。"""
    with opening.opened() as given:
        said = read_map(columns) if columns else Map()
        sheet = open_sheet(file)
        city = opening.city_in_force()
        now = opening.moment(as_of, city.zone) if as_of else clock.now()
        seal = Seal(given.secret_key())
        door = Door(city=city, seal=seal, source=source, now=now, replay=replay, batch=batch, home=given.home)
        quiet = as_json and not sys.stderr.isatty()
        with tqdm(total=sheet.total, desc=f"导入 {file.name}", bar_format=BAR, disable=quiet, leave=False) as bar:
            try:
                closing = load.bring(door, sheet, said, lambda position, rows: _show(bar, position, rows))
            except KeyboardInterrupt:
                bar.close()
                click.echo("导入已中断，已受理的都保留；再次运行同一命令即可接着导入，不会重复", err=True)
                sys.exit(INTERRUPTED)
    click.echo(msgspec.json.encode(closing) if as_json else table(closing, sheet.what))


def table(closing: Closing, what: str) -> str:
    """Return the closing table in words."""
    rate = closing.rows / closing.seconds if closing.seconds else 0.0
    lines = [
        ("读取", closing.rows, f"行（{what}）"),
        ("新受理", closing.accepted, "件"),
        ("　已派单", closing.routed, "件，按规则派到承办单位"),
        ("　合并", closing.joined, "件，并入已有的同一事项"),
        ("　待人工", closing.left_for_person, "件，留给派单员决定"),
        ("已有", closing.known, "行，以前导入过，未作改动"),
        ("未导入", closing.rejected, "行"),
    ]
    if closing.closed:
        lines.append(("其中归档", closing.closed, "件，文件写明已办结"))
    text = [f"{label}\t{count:>9,} {tail}" for label, count, tail in lines]
    text += [f"提示\t{count:>9,} 行：{note}" for note, count in list(closing.noted.items())[: load.LONGEST_LINES]]
    text.append(f"用时\t{closing.seconds:>9,.1f} 秒，每秒 {rate:,.0f} 行")
    return "\n".join(text + ([closing.said] if closing.said else []))


def _show(bar: "tqdm[Any]", position: int, rows: int) -> None:
    spent = bar.format_dict["elapsed"]
    bar.set_postfix_str(f"{rows:,} 行，每秒 {rows / spent if spent else 0:,.0f} 行", refresh=False)
    bar.update(position - bar.n)
