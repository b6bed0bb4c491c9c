"""Opens the office for a command, and ends a refused one in one Chinese sentence with exit code 2."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import click
import sqlalchemy as sa

from classifiers.errors import ClassifierError
from dispatch.errors import RuleBroken
from grids.errors import GridError
from hotline import city, settings
from hotline.channels import values
from hotline.city import City
from hotline.cli.switchboard import REFUSED
from hotline.errors import HotlineError
from hotline.settings import Settings
from hotline.store import db

ZONE = ZoneInfo("Asia/Shanghai")  # of files that are read where no city is opened


@contextmanager
def opened() -> Iterator[Settings]:
    """Bind the database of this machine and tell every refusal in one sentence."""
    with refusals():
        given = settings.load()
        db.bind(given.database_url)
        yield given


@contextmanager
def refusals() -> Iterator[None]:
    """End the command with the refusal's own words and exit code 2."""
    try:
        yield
    except (HotlineError, RuleBroken, ClassifierError, GridError) as refused:
        click.echo(f"{refused}（{refused.code}）", err=True)
        sys.exit(REFUSED)
    except sa.exc.OperationalError as closed:
        click.echo(f"数据库打不开，或还没有建表；请先运行 hotline db upgrade（{_first_line(closed)}）", err=True)
        sys.exit(REFUSED)
    except sa.exc.ProgrammingError as old:
        click.echo(f"数据库的表与程序不符；请先运行 hotline db upgrade（{_first_line(old)}）", err=True)
        sys.exit(REFUSED)


def city_in_force() -> City:
    """Return the city whose rules are in force.  raises NoCity"""
    with db.reading() as session:
        return city.current(session)


def moment(text: str, zone: ZoneInfo) -> datetime:
    """Return a time typed by a person.  raises click.BadParameter"""
    try:
        return values.moment(text, zone)
    except ValueError as wrong:
        raise click.BadParameter(str(wrong)) from wrong


def _first_line(error: sa.exc.DBAPIError) -> str:
    return str(error.orig).splitlines()[0] if str(error.orig) else type(error).__name__
