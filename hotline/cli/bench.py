"""`hotline bench`: speed, as ratios that hold on any machine, and counts that gate on every one."""

import sys
from pathlib import Path

import click
import msgspec

from hotline.bench import report
from hotline.bench import run as runs
from hotline.cli import opening


@click.command("bench")
@click.option("--quick", is_flag=True, help="90 秒以内的短测：只以计数作准，比值只供参考。")
@click.option("--json", "file", type=click.Path(path_type=Path), help="把结果写到这个文件。")
@click.option("--only", multiple=True, type=click.Choice(list(runs.CASES)), help="只测这一项；可以写多次。")
def bench(quick: bool, file: Path | None, only: tuple[str, ...]) -> None:
    """测速：自带 PostgreSQL 和 Valkey，与参照交替运行，给出比值。未达到目标时退出码为 1。"""
    with opening.refusals():
        found = runs.run(quick=quick, only=only, say=lambda words: click.echo(words, err=True))
    if file is not None:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    click.echo(report.table(found))
    sys.exit(0 if found.passed else 1)
