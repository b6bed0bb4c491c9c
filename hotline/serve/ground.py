"""Claims what must be ours before anything starts: the folder, the lock of the only copy, the port.

A refusal is one sentence and an exit code.
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import ClassVar

from grids.messages import Message
from hotline.errors import HotlineError
from hotline.settings import Settings


class CannotStart(HotlineError):
    """The system does not start; `exit_code` is for scripts, the text (Chinese, then English) for people."""

    code = "cannot_start"
    exit_code: ClassVar[int] = 1

    def __init__(self, text: str) -> None:
        super().__init__(Message(text))


class AlreadyRunning(CannotStart):
    """Another supervisor holds the same data."""

    code = "already_running"
    exit_code = 3

    def __init__(self, where: Path, holder: str) -> None:
        super().__init__(
            f"{where} 的数据已有一份系统在使用（{holder}），没有启动第二份。"
            f" Another copy is already running on this data ({holder})."
        )
        self.where, self.holder = where, holder


class PortInUse(CannotStart):
    """The address cannot be listened on."""

    code = "port_in_use"
    exit_code = 4

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"地址 {host}:{port} 无法监听（{reason}），请停掉占用它的程序，或用 HOTLINE_PORT 换一个端口。"
            f" Cannot listen on {host}:{port}; set HOTLINE_PORT to another port."
        )
        self.host, self.port, self.reason = host, port, reason


class ReadOnlyFolder(CannotStart):
    """The data folder cannot be written."""

    code = "read_only_folder"
    exit_code = 5

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"数据文件夹 {folder} 无法写入（{reason}），请检查权限和磁盘，或用 HOTLINE_HOME 指定别的文件夹。"
            f" Cannot write to {folder}; set HOTLINE_HOME to a writable folder."
        )
        self.folder, self.reason = folder, reason


@contextmanager
def claimed(settings: Settings) -> Iterator[None]:
    """Hold the data folder (and a SQLite file that lies elsewhere) for this process alone.

    The locks are flocks: they end with the process however it ends.
    raises  ReadOnlyFolder, AlreadyRunning
    """
    with ExitStack() as held:
        held.enter_context(_locked(settings.home))
        database = settings.sqlite_file
        if database is not None and database.parent != settings.home:
            held.enter_context(_locked(database.parent, f"{database.name}.lock"))
        yield


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket, bound here so that a restarted web process loses no caller.  raises PortInUse"""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
            0
        ]
    except OSError as unknown:
        raise PortInUse(host, port, _reason(unknown)) from unknown
    listener = socket.socket(family, kind)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError as taken:
        listener.close()
        raise PortInUse(host, port, _reason(taken)) from taken
    return listener


def private_folder(folder: Path) -> None:
    """Make `folder` for this user alone.  raises ReadOnlyFolder if it is a stranger's or cannot be made"""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = folder.lstat()
    except OSError as refused:
        raise ReadOnlyFolder(folder, _reason(refused)) from refused
    if facts.st_uid != os.getuid() or facts.st_mode & 0o022:
        raise ReadOnlyFolder(folder, "属于别的用户或对他人可写")


@contextmanager
def _locked(folder: Path, name: str = "serve.lock") -> Iterator[None]:
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as refused:
        raise ReadOnlyFolder(folder, _reason(refused)) from refused
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(folder, file.readline().strip() or "pid ?") from None
        _sign(file.fileno(), folder)
        yield


def _sign(descriptor: int, folder: Path) -> None:
    """Write who holds the lock; this also proves that the folder takes writes."""
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"pid {os.getpid()}\n".encode(), 0)
        os.fsync(descriptor)
    except OSError as refused:
        raise ReadOnlyFolder(folder, _reason(refused)) from refused


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
