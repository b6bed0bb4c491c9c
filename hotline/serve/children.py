"""Child processes: each in its own session, killed with the supervisor, restarted after a pause."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import msgspec

PR_SET_PDEATHSIG = 1
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before a crashed child starts again; doubles each time
STEADY = 60.0  # seconds after which a child counts as well again
LOG_BYTES = 10_000_000  # a log larger than this is put aside when its child starts

_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """What to run.  `goodbye` is what the kernel sends it when the supervisor is gone (Linux)."""

    name: str
    command: tuple[str, ...]
    fds: tuple[int, ...] = ()
    patience: float = 5.0  # seconds it may take to stop
    goodbye: signal.Signals = signal.SIGKILL


class Child:
    """One child and its misfortunes.  Started from the main thread only: the leash is tied to the thread that forks."""

    def __init__(self, spec: Spec, logs: Path | None) -> None:
        self.spec = spec
        self.log = logs / f"{spec.name}.log" if logs else None
        self.crashes = 0
        self.again_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    def start(self) -> None:
        """Start the process; its output goes to its log, or to the terminal where there are no logs."""
        self._started = time.monotonic()
        with _opened(self.log) as output:
            self._process = spawn(self.spec, output)

    def running(self) -> bool:
        """Return whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def crashed(self) -> int | None:
        """Return the exit code of a process that ended by itself, once; None otherwise.  The pause begins."""
        if self._process is None or self._process.poll() is None:
            return None
        code = self._process.returncode
        _end_group(self._process.pid)
        self._process = None
        self.put_off()
        return code

    def put_off(self) -> None:
        """Count a crash and set the pause before the next start."""
        self.crashes = 1 if time.monotonic() - self._started > STEADY else self.crashes + 1
        self.again_at = time.monotonic() + self.pause()

    def pause(self) -> float:
        """Return the seconds to wait before the next start."""
        return float(min(FIRST_PAUSE * 2 ** max(self.crashes - 1, 0), LONGEST_PAUSE))

    def waiting(self) -> bool:
        """Return whether it is down and its pause is over."""
        return self._process is None and time.monotonic() >= self.again_at

    def ask_to_stop(self) -> None:
        """Send SIGTERM, if it lives."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def ended_by(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic seconds), then kill it and whatever it left behind."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(deadline - time.monotonic(), 0.0))
        _end_group(self._process.pid)
        self._process.wait()
        self._process = None

    def last_words(self, lines: int = 5) -> str:
        """Return the end of its log, for a person who wonders."""
        if self.log is None or not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(max(self.log.stat().st_size - 4000, 0))
            return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])


def spawn(
    spec: Spec, output: int | IO[bytes] | None, errors: int | IO[bytes] | None = subprocess.STDOUT
) -> subprocess.Popen[bytes]:
    """Start `spec` on its leash.  Call from the main thread."""
    return subprocess.Popen(  # noqa: S603 - our own command lines
        spec.command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        pass_fds=spec.fds,
        start_new_session=True,  # Ctrl-C reaches the supervisor only, which stops them in order
        preexec_fn=_leash(spec.goodbye),  # noqa: PLW1509 - one prctl call, loaded beforehand; the supervisor has one thread
    )


def die_with_parent(goodbye: signal.Signals) -> None:
    """Have the kernel send `goodbye` to this process when the one that started it dies (Linux only)."""
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, int(goodbye), 0, 0, 0)


def _leash(goodbye: signal.Signals) -> Callable[[], None]:
    supervisor = os.getpid()

    def tie() -> None:
        die_with_parent(goodbye)
        if os.getppid() != supervisor:  # it died before the leash was on
            os._exit(1)

    return tie


def _end_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


@contextlib.contextmanager
def _opened(log: Path | None) -> Iterator[IO[bytes] | None]:
    if log is None:
        yield None
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as file:
        yield file
