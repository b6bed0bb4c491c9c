"""Upgrades the schema before the start and, if asked, puts the sample city into an empty database.

Runs as a child (`python -m hotline.serve.prepare [--sample]`), so that the supervisor stays small; reports on standard
output.
"""

import sys

import msgspec
from alembic.util import CommandError
from sqlalchemy.exc import OperationalError

from hotline import settings
from hotline.errors import HotlineError
from hotline.sample import plant
from hotline.serve import welcome
from hotline.serve.welcome import Prepared
from hotline.settings import Settings
from hotline.store import db

SAMPLE = "--sample"


def prepare(given: Settings, sample: bool) -> Prepared:
    """Bring the database of `given` up to date; running it again changes nothing."""
    given.home.mkdir(parents=True, exist_ok=True)
    given.secret_key()
    db.upgrade(given.database_url)
    db.bind(given.database_url)
    if sample:
        plant.ensure(given)
    return Prepared(accounts=tuple(plant.accounts()), empty=plant.empty())


def main() -> int:
    """Prepare and report; return 1 after one sentence on standard error if the database does not let us."""
    given = settings.load()
    try:
        report = msgspec.json.encode(prepare(given, SAMPLE in sys.argv[1:]))
    except OperationalError as refused:
        return _refuse(f"数据库 {settings.masked_url(given.database_url)} 无法使用：{refused.orig}")
    except CommandError as unknown:  # the database is ahead of this program, or its history is another's
        return _refuse(f"数据库的结构版本不属于本程序：{unknown}。请使用更新的程序，或从备份恢复")
    except (HotlineError, OSError) as refused:
        return _refuse(str(refused))
    sys.stdout.buffer.write(report + b"\n")
    return 0


def _refuse(sentence: str) -> int:
    welcome.warn(sentence.replace("\n", " "))
    return 1


if __name__ == "__main__":
    sys.exit(main())
