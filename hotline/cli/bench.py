"""`hotline bench`: speed, as ratios that hold on any machine, and counts that gate on every one."""

import sys
from collections.abc import Callable
from pathlib import Path

import click
import msgspec

from hotline import settings
from hotline.bench import replies, report, topics
from hotline.bench import run as runs
from hotline.channels.errors import Unusable
from hotline.cli import opening


@click.group("bench", invoke_without_command=True)
@click.pass_context
@click.option("--quick", is_flag=True, help="90 秒以内的短测：只以计数作准，比值只供参考。")
@click.option("--json", "file", type=click.Path(path_type=Path), help="把结果写到这个文件。")
@click.option("--only", multiple=True, type=click.Choice(list(runs.CASES)), help="只测这一项；可以写多次。")
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


@bench.command("topics")
@click.option("--large", default=0, type=click.IntRange(0), help="另用这么多条由真实文本拼成的文本测速（如 500000）。")
@click.option("--out", default="docs/topics.md", type=click.Path(path_type=Path), help="写到这个文件。")
def bench_topics(large: int, out: Path) -> None:
    """热点：在 HOTLINE_EVAL_DATA 的留言上评测，写成 docs/topics.md（只有数字）。"""
    _write(out, lambda folder: topics.page(folder, large))


@bench.command("replies")
@click.option("--out", default="docs/replies.md", type=click.Path(path_type=Path), help="写到这个文件。")
def bench_replies(out: Path) -> None:
    """答复预检：在 HOTLINE_EVAL_DATA 的答复上统计，写成 docs/replies.md（只有数字）。"""
    _write(out, replies.page)


def _write(out: Path, page: Callable[[Path], str]) -> None:
    with opening.refusals():
        folder = settings.load().eval_data
        if folder is None:
            raise Unusable("HOTLINE_EVAL_DATA", "没有设置评测数据所在的文件夹")
        text = page(folder)
    out.write_text(text, encoding="utf-8")
    click.echo(text)
