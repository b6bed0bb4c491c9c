"""The supervisor with real processes: what it starts, what it refuses, what it leaves behind (nothing)."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hotline.serve import valkey
from tests.hotline.serve import cast

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.processes


class House:
    """One supervisor with a stub crew, its home and what it said."""

    def __init__(self, home: Path, out: Path, **environ: str) -> None:
        self.home, self.out = home, out
        self.environ = {
            **os.environ, "HOTLINE_HOME": str(home), "HOTLINE_PORT": "0", "PYTHONPATH": str(ROOT), **environ,
        }  # fmt: skip
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                (*cast.ME, "supervisor"), env=self.environ, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=ROOT
            )

    def said(self) -> str:
        return self.out.read_text()

    def ready(self) -> "House":
        until(lambda: "已就绪" in self.said() or self.process.poll() is not None)
        assert self.process.poll() is None, self.said()
        roles = ["web", *self.environ.get("STUB_ROLES", cast.ROLES).split()]
        until(lambda: all(cast.pid_file(self.home, role).exists() for role in roles))
        return self

    def refused(self) -> tuple[int, str]:
        return self.process.wait(30), self.said()

    def pid(self, name: str) -> int:
        return int(cast.pid_file(self.home, name).read_text())

    def pids(self) -> list[int]:
        """Every child: the stub roles, and Valkey (the only one that names the socket)."""
        named = [int(path.read_text()) for path in (self.home / "pids").iterdir()]
        return named + [pid for pid in _all_pids() if str(self.home / "valkey.sock") in _command(pid)]

    def ended(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def started(name: str = "home", **environ: str) -> House:
        houses.append(House(tmp_path / name, tmp_path / f"{len(houses)}.out", **environ))
        return houses[-1]

    yield started
    for house in houses:
        house.ended()


def test_it_starts_everything_and_tells_a_person(start: Callable[..., House]) -> None:
    house = start().ready()
    assert valkey.answers(house.home / "valkey.sock")
    assert sorted(path.name for path in (house.home / "pids").iterdir()) == ["rounds", "web", "worker-1"]
    assert len(house.pids()) == 4
    assert "http://127.0.0.1:" in house.said()
    assert "话务员  agent1         shili-1" in house.said()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all(start: Callable[..., House], number: signal.Signals) -> None:
    house = start().ready()
    pids = house.pids()
    begun = time.monotonic()
    house.process.send_signal(number)
    assert house.process.wait(10) == 0
    assert time.monotonic() - begun < 5
    assert [pid for pid in pids if _alive(pid)] == []
    assert "Traceback" not in house.said()


def test_who_does_not_stop_is_killed(start: Callable[..., House]) -> None:
    house = start(STUB_ROLES="stubborn").ready()
    stubborn = house.pid("stubborn")
    house.process.terminate()
    assert house.process.wait(10) == 0
    assert not _alive(stubborn)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's leash is Linux's")
def test_a_killed_supervisor_leaves_no_orphan(start: Callable[..., House]) -> None:
    house = start().ready()
    pids = house.pids()
    assert len(pids) == 4
    house.process.kill()
    house.process.wait()
    until(lambda: not [pid for pid in pids if _alive(pid)], 5)


def test_after_a_kill_it_starts_again(start: Callable[..., House]) -> None:
    first = start().ready()
    first.process.kill()
    first.process.wait()
    second = start().ready()
    assert second.process.poll() is None


@pytest.mark.parametrize("role", ["web", "rounds", "worker-1"])
def test_a_crashed_child_comes_back(start: Callable[..., House], role: str) -> None:
    house = start().ready()
    old = house.pid(role)
    os.kill(old, signal.SIGKILL)
    until(lambda: house.pid(role) != old)
    assert _alive(house.pid(role))
    assert f"{role} 意外退出（代码 -9）" in house.said()


def test_a_crashed_valkey_comes_back(start: Callable[..., House]) -> None:
    house = start().ready()
    (old,) = [pid for pid in house.pids() if "valkey-server" in _command(pid)]
    os.kill(old, signal.SIGKILL)
    until(lambda: not _alive(old))
    until(lambda: valkey.answers(house.home / "valkey.sock"))


def test_a_child_that_never_starts_ends_the_start_with_its_last_words(start: Callable[..., House]) -> None:
    house = start(STUB_ROLES="broken", STUB_WEB_NEVER_READY="1", HOTLINE_REDIS_URL="redis://127.0.0.1:1/0")
    code, said = house.refused()
    assert code == 1
    assert said.count("broken 意外退出（代码 7）") == 3
    assert "no such table: ticket" in said
    assert "broken 连续 3 次启动失败" in said
    assert not _alive(house.pid("web"))


def test_a_second_copy_on_the_same_data_is_refused(start: Callable[..., House]) -> None:
    first = start().ready()
    code, said = start().refused()
    assert code == 3
    assert said.count("\n") == 1
    assert f"已有一份系统在使用（pid {first.process.pid}）" in said
    assert first.process.poll() is None


def test_a_second_home_on_the_same_sqlite_file_is_refused(start: Callable[..., House], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shared/city.db"
    start("one", HOTLINE_DATABASE_URL=url).ready()
    code, said = start("two", HOTLINE_DATABASE_URL=url).refused()
    assert (code, "已有一份系统在使用" in said) == (3, True)


def test_a_port_in_use_is_refused(start: Callable[..., House]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = start(HOTLINE_PORT=str(port)).refused()
    assert code == 4
    assert said.count("\n") == 1
    assert f"127.0.0.1:{port} 无法监听" in said


def test_a_folder_that_cannot_be_made_is_refused(start: Callable[..., House], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    code, said = start("file/home").refused()
    assert code == 5
    assert said.count("\n") == 1
    assert "无法写入" in said


@pytest.mark.skipif(sys.platform != "linux", reason="uses Linux's /sys")
def test_a_read_only_folder_is_refused(start: Callable[..., House]) -> None:
    """Not even root may write into /sys/kernel."""
    code, said = start(HOTLINE_HOME="/sys/kernel/hotline").refused()
    assert code == 5
    assert said.count("\n") == 1
    assert "/sys/kernel/hotline 无法写入" in said


def until(good: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not good():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _all_pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    return ""
