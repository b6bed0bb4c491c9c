"""The bell: rung from a signal handler at any moment, it wakes who waits and never waits itself."""

import contextlib
import os
import signal
import subprocess
import sys

from hotline.bell import Bell

STORM = """
import signal, time
from hotline.bell import Bell
bell = Bell()
signal.signal(signal.SIGTERM, lambda *_: bell.ring())
print("ready", flush=True)
end = time.monotonic() + 1
while time.monotonic() < end:
    bell.ring()
    bell.wait(0)
"""


def test_it_stays_rung() -> None:
    bell = Bell()
    assert not bell.is_rung()
    assert not bell.wait(0.01)
    bell.ring()
    bell.ring()
    assert bell.is_rung()
    assert bell.wait(60)


def test_a_signal_may_come_while_it_is_being_rung() -> None:
    with subprocess.Popen([sys.executable, "-c", STORM], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        for _ in range(3000):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGTERM)
        try:
            assert process.wait(10) == 0
        finally:
            process.kill()
