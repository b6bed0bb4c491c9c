"""Starts, watches and stops all processes: Valkey, prepare, then web, rounds and workers; backwards at the end."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from hotline.bell import Bell
from hotline.serve import valkey, welcome
from hotline.serve.children import Child, Spec, spawn
from hotline.serve.ground import CannotStart, claimed, listen
from hotline.settings import Settings

SAME_WISH = 1.0  # seconds: make and the terminal both pass on one Ctrl-C
TURN = 0.2  # seconds between two looks at the children
VALKEY_SECONDS, READY_SECONDS = 20.0, 120.0
FALSE_STARTS = 3  # crashes before the first readiness that are too many


class Crew(msgspec.Struct, frozen=True, kw_only=True):
    """The command lines: `web` is given `--fd N`, the socket it shall listen on; `others` run beside it."""

    prepare: tuple[str, ...]
    web: tuple[str, ...]
    others: tuple[Spec, ...] = ()


def crew(settings: Settings, *, sample: bool = False) -> Crew:
    """Return what the system consists of.  sample: an empty database is to hold the sample city"""
    me = (sys.executable, "-m", "hotline")
    quick = (*me, "work", "--queue", "now", "--queue", "soon")
    workers = [Spec(name=f"worker-{place}", command=quick) for place in range(1, settings.workers + 1)]
    learner = Spec(name="learner", command=(*me, "work", "--queue", "slow"))
    return Crew(
        prepare=(sys.executable, "-m", "hotline.serve.prepare", *(["--sample"] if sample else [])),
        web=(*me, "web"),
        others=(Spec(name="rounds", command=(*me, "rounds")), *workers, learner),
    )


def serve(settings: Settings, people: Crew, logs: Path | None) -> None:
    """Run everything until SIGINT, SIGTERM or SIGHUP; a second signal does not wait for anybody.

    raises  CannotStart and its kinds; nothing is left running then
    """
    with claimed(settings), closing(listen(settings.host, settings.port)) as listener:
        watch = Supervisor(settings, people, logs)
        watch.obey_signals()
        try:
            watch.run(listener)
        finally:
            watch.stop()


class Supervisor:
    """The children, in the order they were started, and whether we were told to stop."""

    def __init__(self, settings: Settings, people: Crew, logs: Path | None) -> None:
        self.settings, self.people, self.logs = settings, people, logs
        self.children: list[Child] = []
        self._told = Bell()
        self._told_at = 0.0
        self._hurry = False
        self._ready = False

    def obey_signals(self) -> None:
        """Let SIGINT, SIGTERM and SIGHUP stop us."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def run(self, listener: socket.socket) -> None:
        """Start all in order, welcome, and watch until told to stop."""
        port = listener.getsockname()[1]
        self._start_valkey()
        prepared = self._prepare()
        web = Spec(name="web", command=(*self.people.web, "--fd", str(listener.fileno())), fds=(listener.fileno(),))
        for spec in (web, *self.people.others):
            if not self._told.is_rung():
                self._start(spec)
        self._until(lambda: welcome.healthy(self.settings.host, port), READY_SECONDS, "网页服务")
        if self._told.is_rung():
            return
        self._ready = True
        welcome.say(welcome.text(self.settings.host, port, prepared.accounts, prepared.empty))
        while not self._told.wait(TURN):
            self._look_after()

    def stop(self) -> None:
        """Stop all, Valkey last: a worker that loses its queue first only prints tracebacks."""
        if self.children:
            welcome.say("正在停止……")
        _stop([child for child in self.children if child.spec.name != "valkey"], self._in_a_hurry)
        _stop([child for child in self.children if child.spec.name == "valkey"], self._in_a_hurry)
        self.children.clear()

    def _on_signal(self, _number: int, _frame: object) -> None:
        if not self._told.is_rung():
            self._told_at = time.monotonic()
        self._hurry = time.monotonic() - self._told_at > SAME_WISH
        self._told.ring()

    def _in_a_hurry(self) -> bool:
        return self._hurry

    def _start(self, spec: Spec) -> None:
        child = Child(spec, self.logs)
        try:
            child.start()
        except OSError as refused:
            raise CannotStart(f"无法启动 {spec.name}：{refused}。 Cannot start {spec.name}.") from refused
        self.children.append(child)

    def _start_valkey(self) -> None:
        address = self.settings.redis_socket
        if address is None:
            return
        self._start(valkey.spec(self.settings.home / "valkey", address))
        self._until(lambda: valkey.answers(address), VALKEY_SECONDS, "自带的 Valkey")

    def _prepare(self) -> welcome.Prepared:
        """Run the preparing child; its progress goes to the terminal, its report comes back."""
        if self._told.is_rung():
            return welcome.Prepared()
        welcome.say("正在准备数据库（首次建立示例区约需一分钟）…… Preparing the database")
        try:
            process = spawn(Spec(name="prepare", command=self.people.prepare), subprocess.PIPE, None)
        except OSError as refused:
            raise CannotStart(f"无法启动数据库准备程序：{refused}。 Cannot prepare the database.") from refused
        try:
            heard = self._listen_to(process)
        finally:
            process.kill()
            process.wait()
        if self._told.is_rung():
            return welcome.Prepared()
        if process.returncode != 0:
            raise CannotStart("数据库准备失败，原因见上。 Preparing the database failed, see above.")
        return msgspec.json.decode(heard, type=welcome.Prepared)

    def _listen_to(self, process: subprocess.Popen[bytes]) -> bytes:
        while True:
            try:
                return process.communicate(timeout=TURN)[0]
            except subprocess.TimeoutExpired:
                self._look_after()
                if self._told.is_rung():
                    process.terminate()

    def _until(self, good: Callable[[], bool], seconds: float, what: str) -> None:
        """Watch the children until `good()`; CannotStart after `seconds` or too many crashes."""
        end = time.monotonic() + seconds
        while not self._told.is_rung() and not good():
            self._look_after()
            if time.monotonic() > end:
                raise CannotStart(f"{what}在 {seconds:.0f} 秒内没有就绪{self._where_to_look()}。 Not ready in time.")
            self._told.wait(TURN)

    def _look_after(self) -> None:
        """Note who crashed, start whose pause is over."""
        for child in self.children:
            code = child.crashed()
            if code is not None:
                self._report(child, code)
            elif child.waiting():
                self._start_again(child)

    def _start_again(self, child: Child) -> None:
        try:
            child.start()
        except OSError as refused:  # a full disk or too many processes may pass
            child.put_off()
            welcome.warn(f"{child.spec.name} 无法重新启动：{refused}，{child.pause():g} 秒后再试")

    def _report(self, child: Child, code: int) -> None:
        words = child.last_words(12 if child.crashes == FALSE_STARTS else 1)
        told = f"，日志 {child.log}" if child.log else ""
        welcome.warn(f"{child.spec.name} 意外退出（代码 {code}），{child.pause():g} 秒后重启{told}\n{words}".rstrip())
        if not self._ready and child.crashes >= FALSE_STARTS:
            raise CannotStart(f"{child.spec.name} 连续 {child.crashes} 次启动失败{told}。 It keeps failing to start.")

    def _where_to_look(self) -> str:
        return f"，请查看日志 {self.logs}" if self.logs else ""


def _stop(children: Sequence[Child], in_a_hurry: Callable[[], bool]) -> None:
    """Ask all at once, wait for each as long as it may take, then kill."""
    for child in children:
        child.ask_to_stop()
    start = time.monotonic()
    while any(child.running() and time.monotonic() - start < child.spec.patience for child in children):
        if in_a_hurry():
            break
        time.sleep(0.05)
    for child in children:
        child.ended_by(time.monotonic())
