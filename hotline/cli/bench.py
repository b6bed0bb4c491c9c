"""`hotline bench`: speed, as ratios that hold on any machine, and counts that gate on every one."""

import sys
from pathlib import Path

import click
import msgspec

from hotline import settings
from hotline.bench import guesses, report
from hotline.bench import run as runs
from hotline.bench.servers import CannotMeasure
from hotline.cli import opening

BEGIN, END = "<!-- hotline bench classify -->", "<!-- end -->"  # what stands between is written by the command


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


@bench.command("classify")
@click.option(
    "--doc", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="把结果写进这个文件的标记之间。"
)
def classify(doc: Path | None) -> None:
    """在真实工单上测分类（需要 HOTLINE_EVAL_DATA）：与参照比较、差错保证、泄露、学习曲线、速度。只输出数字。"""
    with opening.refusals():
        folder = settings.load().eval_data
        if folder is None:
            raise CannotMeasure("需要设置 HOTLINE_EVAL_DATA：放有评测数据的文件夹")
        missing = [name for name in (guesses.TICKETS, guesses.MESSAGES) if not (folder / name).exists()]
        if missing:
            raise CannotMeasure(f"{folder} 里没有 {'、'.join(missing)}")
        told: list[str] = []
        for lines in guesses.sections(folder, lambda words: click.echo(words, err=True)):
            part = "\n".join(lines) + "\n"
            click.echo(part)
            told.append(part)
    if doc is not None:
        before, _, rest = doc.read_text(encoding="utf-8").partition(BEGIN)
        doc.write_text("".join((before, BEGIN, "\n", "\n".join(told), END, rest.partition(END)[2])), encoding="utf-8")
