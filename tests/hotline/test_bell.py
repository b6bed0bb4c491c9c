"""The bell: rung from a signal handler, twice at once, it wakes who waits and never waits itself."""

import os
import signal
import subprocess
import sys

from hotline.bell import Bell

STORM = """
import os, signal
from hotline.bell import Bell
bell = Bell()
signal.signal(signal.SIGTERM, lambda *_: bell.ring())
signal.signal(signal.SIGINT, lambda *_: (os.kill(os.getpid(), signal.SIGTERM), bell.ring()))
print("ready", flush=True)
while not bell.wait(0.001):
    pass
"""


def test_it_stays_rung() -> None:
    bell = Bell()
    assert not bell.is_rung()
    assert not bell.wait(0.01)
    bell.ring()
    bell.ring()
    assert bell.is_rung()
    assert bell.wait(60)


def test_a_signal_within_a_signal_ends_the_wait() -> None:
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", STORM], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            os.kill(process.pid, signal.SIGINT)
            os.kill(process.pid, signal.SIGTERM)
            assert process.wait(20) in {0, -signal.SIGTERM}
