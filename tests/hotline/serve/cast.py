"""A stub crew for the supervisor's tests: it behaves as the real one, starts in a blink, and can be told to misbehave.

`python -m tests.hotline.serve.cast` is the supervisor with this crew; `... cast web --fd N` and so on are its children.
A child writes its pid into $HOTLINE_HOME/pids/NAME at every start.
"""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

from hotline import settings
from hotline.serve import supervisor, welcome
from hotline.serve.children import Spec
from hotline.serve.ground import CannotStart

ME = (sys.executable, "-m", "tests.hotline.serve.cast")
ROLES = "rounds worker-1"


def pid_file(home: Path, name: str) -> Path:
    return home / "pids" / name


def main() -> int:
    role, *rest = sys.argv[1:] or ["supervisor"]
    home = settings.load().home
    if role == "supervisor":
        return _supervise()
    if role == "prepare":
        sys.stdout.write(json.dumps({"accounts": [["话务员", "agent1", "shili-1"]]}))
        return 0
    if role == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _note(home, role)
    if role == "web":
        return _web(int(rest[1]))
    if role == "broken":
        sys.stderr.write("no such table: ticket\n")
        return 7
    while True:
        time.sleep(60)


def _supervise() -> int:
    given = settings.load()
    roles = os.environ.get("STUB_ROLES", ROLES).split()
    others = tuple(Spec(name=role, command=(*ME, role), patience=1.0) for role in roles)
    people = supervisor.Crew(prepare=(*ME, "prepare"), web=(*ME, "web"), others=others)
    try:
        supervisor.serve(given, people, given.home / "logs")
    except CannotStart as refused:
        welcome.warn(str(refused))
        return refused.exit_code
    return 0


def _note(home: Path, role: str) -> None:
    path = pid_file(home, role)
    path.parent.mkdir(exist_ok=True)
    path.with_suffix(".new").write_text(str(os.getpid()))
    path.with_suffix(".new").replace(path)


def _web(descriptor: int) -> int:
    listener = socket.socket(fileno=descriptor)
    if "STUB_WEB_NEVER_READY" in os.environ:
        time.sleep(600)
    while True:
        caller, _ = listener.accept()
        with caller:
            caller.recv(4096)
            caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


if __name__ == "__main__":
    sys.exit(main())
