"""`hotline db upgrade|sample|backup`: the schema, the sample city, and a copy of everything."""

import contextlib
import os
import sqlite3
import sys
from pathlib import Path

import click
import sqlalchemy as sa

from grids.messages import Message
from hotline import city as cities
from hotline import settings
from hotline.cli import opening
from hotline.cli.switchboard import REFUSED
from hotline.errors import HotlineError, NoCity
from hotline.flow import reindex
from hotline.sample import plant
from hotline.store import db

PAGES = 1024  # copied at once: others may write in between


class CannotCopy(HotlineError):
    """The database is not ours to copy, or the file is in the way; the text says what to do instead."""

    code = "cannot_copy"


@click.group("db")
def database() -> None:
    """数据库：建表升级、示例区、备份。"""


@database.command("upgrade")
def upgrade() -> None:
    """把数据库结构升级到最新版本；重复运行没有影响。"""
    with opening.refusals():
        given = settings.load()
        given.home.mkdir(parents=True, exist_ok=True)
        db.upgrade(given.database_url)
        current, newest = db.schema_state(given.database_url)
    click.echo(f"数据库 {settings.masked_url(given.database_url)} 的结构版本：{current}（最新 {newest}）")
    if _unindexed(given.database_url):
        click.echo("旧工单还没有编入相似索引；请运行一次 hotline ticket index，系统运行时也可以")


def _unindexed(url: str) -> bool:
    db.bind(url)
    try:
        with db.reading() as session:
            return reindex.missing(session, cities.current(session))
    except NoCity:
        return False


@database.command("sample")
def sample() -> None:
    """在空数据库里建立示例区：规则、分类模型、账号和示例工单。"""
    with opening.opened() as given:
        planted = plant.ensure(given)
        known = plant.accounts()
    if not planted:
        click.echo("数据库里已有城市规则，没有改动")
        sys.exit(0 if known else REFUSED)
    click.echo("\n".join(["示例区已建立，账号（角色、账号、密码）：", *("\t".join(one) for one in known)]))


@database.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """把 SQLite 数据库完整复制到 FILE；系统运行时也可以备份。密钥文件 secret.key 须另行保存。"""
    with opening.refusals():
        given = settings.load()
        url = sa.make_url(given.database_url)
        if url.get_backend_name() != "sqlite":
            raise CannotCopy(
                Message(
                    "PostgreSQL 请用它自己的工具备份：pg_dump --format=custom --file=备份文件 连接地址；"
                    "恢复用 pg_restore"
                )
            )
        size = _copy(Path(url.database or ""), file)
    click.echo(
        f"已备份到 {file}（{size / 1e6:.1f} MB）。电话和姓名已加密，恢复时需要同一个密钥：{given.home / 'secret.key'}"
    )


def _copy(source: Path, target: Path) -> int:
    """Copy the database while others use it (SQLite online backup); the file is private and whole, or not there."""
    if not source.exists():
        raise CannotCopy(Message("没有数据库文件 %(source)s；请先运行 hotline db upgrade", source=source))
    if target.exists():
        raise CannotCopy(Message("文件 %(target)s 已存在，请换一个文件名", target=target))
    if not target.absolute().parent.is_dir():
        raise CannotCopy(Message("没有文件夹 %(parent)s", parent=target.absolute().parent))
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as held,
            contextlib.closing(sqlite3.connect(draft)) as copy,
        ):
            held.backup(copy, pages=PAGES)
        os.link(draft, target)
    finally:
        draft.unlink()
    return target.stat().st_size
