"""`hotline bench`: speed, as ratios that hold on any machine, and counts that gate on every one."""

import sys
from pathlib import Path

import click
import msgspec

from hotline import settings
from hotline.bench import report
from hotline.bench import run as runs
from hotline.bench import where as places
from hotline.channels.errors import Unusable
from hotline.cli import opening


@click.group("bench", invoke_without_command=True)
@click.option("--quick", is_flag=True, help="90 秒以内的短测：只以计数作准，比值只供参考。")
@click.option("--json", "file", type=click.Path(path_type=Path), help="把结果写到这个文件。")
@click.option("--only", multiple=True, type=click.Choice(list(runs.CASES)), help="只测这一项；可以写多次。")
@click.pass_context
def bench(ctx: click.Context, quick: bool, file: Path | None, only: tuple[str, ...]) -> None:
    """测速：自带 PostgreSQL 和 Valkey，与参照交替运行，给出比值。未达到目标时退出码为 1。"""
    if ctx.invoked_subcommand is not None:
        return
    with opening.refusals():
        found = runs.run(quick=quick, only=only, say=lambda words: click.echo(words, err=True))
    if file is not None:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    click.echo(report.table(found))
    sys.exit(0 if found.passed else 1)


@bench.command("where")
@click.option("--out", type=click.Path(path_type=Path), default=Path("docs/where.md"), help="写到这个文件。")
def where(out: Path) -> None:
    """定位的正确率和速度：读 HOTLINE_EVAL_DATA 中的真实工单和坐标，只写数字。"""
    with opening.refusals():
        data = settings.load().eval_data
        if data is None:
            raise Unusable("HOTLINE_EVAL_DATA", "没有设置；它应是放评测数据的文件夹")
        text = "\n".join(places.report(data)).rstrip() + "\n"
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    click.echo(f"已写入 {out}")
