"""`hotline bench`: speed, as ratios that hold on any machine, and counts that gate on every one."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
import msgspec

from classifiers import danger_scores
from classifiers.likeness import Repeats
from dispatch.roles import ROLE_NAMES, Role
from hotline import settings
from hotline.bench import dangers, guesses, habits, likenesses, phones, report, topics
from hotline.bench import replies as answers
from hotline.bench import run as runs
from hotline.bench import where as places
from hotline.bench.servers import CannotMeasure
from hotline.cli import opening
from hotline.sample import plant

BEGIN, END = "<!-- hotline bench repeats -->", "<!-- end -->"  # what stands between is written by the command
BEGIN_PHONE = "<!-- hotline bench phone -->"
BEGIN_CLASSIFY = "<!-- hotline bench classify -->"
BEGIN_UNITS = "<!-- hotline bench units -->"


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


_doc = click.option(
    "--doc", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="把结果写进这个文件的标记之间。"
)


@bench.command("classify")
@_doc
def classify(doc: Path | None) -> None:
    """在真实工单上测分类（需要 HOTLINE_EVAL_DATA）：与参照比较、差错保证、泄露、学习曲线、速度。只输出数字。"""
    _parts(doc, BEGIN_CLASSIFY, (guesses.LABELLED_TICKETS, guesses.MESSAGES), guesses.sections)


@bench.command("units")
@_doc
def bench_units(doc: Path | None) -> None:
    """在真实工单上测承办单位（需要 HOTLINE_EVAL_DATA）：文字、习惯、地点、渠道和时间各有多少用。只输出数字。"""
    _parts(doc, BEGIN_UNITS, habits.NEEDED_FILES, habits.sections)


def _parts(
    doc: Path | None, begin: str, needed: Sequence[str], sections: Callable[[Path, report.Say], Iterator[list[str]]]
) -> None:
    """Print the parts as they come, and write them between the marks of a document."""
    with opening.refusals():
        folder = _data()
        missing = [name for name in needed if not (folder / name).exists()]
        if missing:
            raise CannotMeasure(f"{folder} 里没有 {'、'.join(missing)}")
        told: list[str] = []
        for lines in sections(folder, lambda words: click.echo(words, err=True)):
            part = "\n".join(lines) + "\n"
            click.echo(part)
            told.append(part)
    if doc is not None:
        before, _, rest = doc.read_text(encoding="utf-8").partition(begin)
        doc.write_text("".join((before, begin, "\n", "\n".join(told), END, rest.partition(END)[2])), encoding="utf-8")


@bench.command("danger")
@click.option("--learn", "file", type=click.Path(path_type=Path), help="由句子重新学出险情分值，写到这个文件。")
def bench_danger(file: Path | None) -> None:
    """险情用语：在随附的各种口吻的句子上听出多少、误报多少；有 HOTLINE_EVAL_DATA 时再测真实工单。只输出数字。"""
    if file is not None:
        file.write_text(danger_scores.written(dangers.learn()), encoding="utf-8")
        return
    ears = dangers.ears()
    click.echo(dangers.table(ears))
    with opening.refusals():
        if folder := settings.load().eval_data:
            click.echo("\n" + "\n".join(dangers.real(ears, folder)))


@bench.command("repeats")
@click.option(
    "--doc", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="把数字写进这个文件的标记之间。"
)
def repeats(doc: Path | None) -> None:
    """在真实工单上测重复和跟进的查找（需要 HOTLINE_EVAL_DATA）：排第几、查全多少、提示多少。只输出数字。"""
    with opening.refusals():
        folder = _data()
        missing = [name for name in (likenesses.LINKED_TICKETS, likenesses.LINKS) if not (folder / name).exists()]
        if missing:
            raise CannotMeasure(f"{folder} 里没有 {'、'.join(missing)}")
        rules = Repeats()
        told = likenesses.table(likenesses.measure(folder, rules), rules)
    click.echo(told)
    if doc is not None:
        before, _, rest = doc.read_text(encoding="utf-8").partition(BEGIN)
        doc.write_text(f"{before}{BEGIN}\n{told}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


@bench.command("phone")
@click.option("--doc", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="写进这个文件的标记之间。")
def bench_phone(doc: Path | None) -> None:
    """在真实浏览器里测网格长手机页面：弱网、慢处理器下的字节数和显示时间。"""
    with opening.refusals():
        told = phones.table(phones.measure(_planted))
    click.echo(told)
    if doc is not None:
        before, _, rest = doc.read_text(encoding="utf-8").partition(BEGIN_PHONE)
        doc.write_text(f"{before}{BEGIN_PHONE}\n{told}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


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
    _write(out, answers.page)


@bench.command("where")
@click.option("--out", default="docs/where.md", type=click.Path(path_type=Path), help="写到这个文件。")
def bench_where(out: Path) -> None:
    """定位：在 HOTLINE_EVAL_DATA 的工单和坐标上测正确率和速度，写成 docs/where.md（只有数字）。"""
    _write(out, lambda folder: "\n".join(places.report(folder)).rstrip() + "\n")


def _planted(given: settings.Settings) -> tuple[str, str]:
    plant.ensure(given)
    leader = ROLE_NAMES[Role.GRID_LEADER]
    return next((login, password) for role, login, password in plant.accounts() if role == leader)


def _write(out: Path, page: Callable[[Path], str]) -> None:
    with opening.refusals():
        text = page(_data())
    out.write_text(text, encoding="utf-8")
    click.echo(text)


def _data() -> Path:
    """Return the folder of real data.  raises CannotMeasure where none is named"""
    folder = settings.load().eval_data
    if folder is None:
        raise CannotMeasure("需要设置 HOTLINE_EVAL_DATA：放有评测数据的文件夹")
    return folder
