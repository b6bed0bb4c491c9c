"""The command line against a database and a home of its own."""

import shutil
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from hotline import city as cities
from hotline.cli.city import preset
from hotline.flow.learning import learn
from hotline.flow.learning.learn import Head
from hotline.store import db
from tests.hotline.channels.cast import NOW, history

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path) -> Path:
    """A home with a migrated, empty database."""
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "hotline.db")
    return folder


@pytest.fixture
def run(home: Path) -> Run:
    """Run a command as a person would, with this home."""
    env = {"HOTLINE_HOME": str(home), "HOTLINE_DATABASE_URL": "", "HOTLINE_SECRET_KEY": "0" * 32}

    def runs(command: click.Command, *words: str | Path) -> Result:
        return CliRunner(env=env).invoke(command, [str(word) for word in words], catch_exceptions=False)

    return runs


@pytest.fixture
def city(home: Path) -> str:
    """A small city in force; its edition."""
    head = Head(region="test", name="甲市", short="JS", zone="Asia/Shanghai", edition="t.1")
    db.bind(f"sqlite+pysqlite:///{home / 'hotline.db'}")
    with db.transaction() as session:
        return cities.apply(session, learn.learn(history(), head, preset()).files, "test", NOW).edition
