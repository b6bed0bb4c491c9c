"""The whole system by its own command: an empty folder, `hotline serve`, a first minute, and a second start."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers

ROOT = Path(__file__).parents[3]
HOTLINE = (sys.executable, "-m", "hotline")
READY_SECONDS = 180
pytestmark = pytest.mark.processes


@pytest.fixture(params=["embedded", pytest.param("external", marks=pytest.mark.postgres)])
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Once with SQLite and the bundled Valkey, once with a PostgreSQL and a Redis that are there already."""
    given = {**os.environ, "HOTLINE_HOME": str(tmp_path / "home"), "HOTLINE_PORT": "0", "PYTHONPATH": str(ROOT)}
    if request.param == "embedded":
        yield given
        return
    cluster: servers.Postgres = request.getfixturevalue("postgres_cluster")
    url = cluster.empty()
    redis_url: str = request.getfixturevalue("redis_url")
    yield {**given, "HOTLINE_DATABASE_URL": url, "HOTLINE_REDIS_URL": redis_url}
    cluster.drop(url)


class Running:
    """`hotline serve` from its start to its readiness."""

    def __init__(self, environ: dict[str, str], out: Path, *words: str) -> None:
        self.out = out
        with out.open("wb") as file:
            self.process = subprocess.Popen(
                (*HOTLINE, "serve", *words), env=environ, stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )
        end = time.monotonic() + READY_SECONDS
        while "已就绪" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.1)
        self.address = self.said().partition("已就绪：")[2].split()[0]

    def said(self) -> str:
        return self.out.read_text()

    def get(self, path: str) -> tuple[int, bytes]:
        with urllib.request.urlopen(f"{self.address.rstrip('/')}{path}", timeout=30) as answer:
            return answer.status, answer.read()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()


def test_from_an_empty_folder_and_again(environ: dict[str, str], tmp_path: Path) -> None:
    first = Running(environ, tmp_path / "first.out", "--sample")
    try:
        assert first.get("/healthz")[0] == 200
        assert json.loads(first.get("/readyz")[1])["ready"] is True
        assert first.get("/login")[0] == 200
        looked = subprocess.run((*HOTLINE, "doctor", "--json"), env=environ, capture_output=True, check=False)
        assert [found for found in json.loads(looked.stdout) if found["state"] == "error"] == []
        assert looked.returncode == 0
    finally:
        assert first.stop() == 0
    accounts = first.said().partition("示例区账号")[2].partition("先试试")[0]
    assert len([line for line in accounts.splitlines() if line.startswith("    ")]) >= 7, "one for each role"
    before = tickets(environ)
    assert before > 0
    second = Running(environ, tmp_path / "second.out")
    assert second.stop() == 0
    assert tickets(environ) == before
    logs = Path(environ["HOTLINE_HOME"]) / "logs"
    assert [path.name for path in logs.iterdir() if "Traceback" in path.read_text()] == []


def test_nothing_is_planted_without_the_word(environ: dict[str, str], tmp_path: Path) -> None:
    running = Running(environ, tmp_path / "bare.out")
    try:
        assert running.get("/healthz")[0] == 200
        listed = subprocess.run((*HOTLINE, "people", "list"), env=environ, capture_output=True, text=True, check=False)
        assert "hua01" not in listed.stdout
        assert "没有生效的城市规则" in listed.stderr
    finally:
        assert running.stop() == 0
    assert "shili-" not in running.said()
    assert "hotline city apply" in running.said()


def tickets(environ: dict[str, str]) -> int:
    """How many tickets the first page of the list shows."""
    listed = subprocess.run((*HOTLINE, "ticket", "list", "--json"), env=environ, capture_output=True, check=True)
    return listed.stdout.count(b'"number"')


def test_a_refusal_is_one_sentence_and_an_exit_code(tmp_path: Path) -> None:
    environ = {**os.environ, "HOTLINE_HOME": str(tmp_path), "HOTLINE_PORT": "http", "PYTHONPATH": str(ROOT)}
    for command in ("web", "work", "rounds"):
        said = subprocess.run((*HOTLINE, command), env=environ, capture_output=True, text=True, check=False)
        assert said.returncode == 2
        assert said.stderr.count("\n") == 1
        assert "HOTLINE_PORT 的值“http”不能用" in said.stderr


def test_an_unreachable_database_is_one_sentence(tmp_path: Path) -> None:
    url = "postgresql://clerk:opensesame@127.0.0.1:1/city"
    environ = {**os.environ, "HOTLINE_HOME": str(tmp_path), "HOTLINE_PORT": "0", "HOTLINE_DATABASE_URL": url}
    said = subprocess.run((*HOTLINE, "serve"), env=environ, capture_output=True, text=True, check=False, cwd=ROOT)
    assert said.returncode == 1
    assert "无法使用" in said.stderr
    assert "Traceback" not in said.stderr
    assert "opensesame" not in said.stderr
