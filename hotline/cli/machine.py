"""The machine's own verbs: serve, web, work, rounds, doctor."""

import logging
import os
import socket
import sys

import click
import msgspec
import uvicorn

from hotline import settings
from hotline.cli import mending
from hotline.jobs import queue
from hotline.jobs import rounds as round_trips
from hotline.serve import doctor as physician
from hotline.serve import ground

GRACE_SECONDS = 3  # an open event stream must not hold up a stop longer than this


@click.command()
@click.option("--leash", is_flag=True, help="启动它的进程（如 make）结束时一起停止。")
@click.option("--sample", is_flag=True, help="数据库是空的就建立示例区，账号的密码是公开的；不要用在生产环境。")
@click.option("--logs", type=click.Choice(["files", "terminal"]), default="files", help="子进程日志写到文件或终端。")
def serve(leash: bool, sample: bool, logs: str) -> None:
    """启动整个系统：自带的 Valkey、数据库升级、网页、巡查和后台任务。"""
    words = [sys.executable, "-m", "hotline.serve", "--logs", logs, *(["--leash"] if leash else [])]
    words += ["--sample"] if sample else []
    sys.stdout.flush()
    os.execv(sys.executable, words)  # noqa: S606 - the supervisor in a process that has none of our imports


@click.command()
@click.option("--fd", type=int, help="已在监听的套接字的文件描述符（由 serve 传入）。")
def web(fd: int | None) -> None:
    """只启动网页和接口服务。"""
    _log_to_stderr()
    given = settings.load()
    listener = ground.listen(given.host, given.port) if fd is None else socket.socket(fileno=fd)
    config = uvicorn.Config(
        "hotline.web.app:create_app",
        factory=True,
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        server_header=False,
        log_level="info" if fd is None else "warning",
        proxy_headers=False,  # whom to believe is said in HOTLINE_TRUSTED_PROXIES, and read in `web.peers`
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])


@click.command()
@click.option("--queue", "names", multiple=True, type=click.Choice(queue.NAMES), help="只做这些队列；默认全部。")
def work(names: tuple[str, ...]) -> None:
    """只启动一个后台任务进程；训练在 slow 队列，可以单独一个进程：--queue slow。"""
    _log_to_stderr()
    if set(names) == {queue.SLOW}:
        os.nice(10)  # learning gives way to people who wait
    queue.work(settings.load(), names=names or queue.NAMES)


@click.group(invoke_without_command=True)
@click.pass_context
def rounds(context: click.Context) -> None:
    """只启动定时巡查：转发事件、催办升级；或查看、处理巡查搁置的记录。"""
    if context.invoked_subcommand is None:
        _log_to_stderr()
        round_trips.run(settings.load())


for _command in (mending.troubles, mending.resume, mending.retry):
    rounds.add_command(_command)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def doctor(as_json: bool) -> None:
    """检查设置、数据库、队列、模型、节假日和磁盘；有错误时退出码为 1。"""
    findings = physician.examine()
    if as_json:
        click.echo(msgspec.json.encode(findings))
    else:
        click.echo(physician.table(findings))
    sys.exit(1 if any(finding.state is physician.State.ERROR for finding in findings) else 0)


def _log_to_stderr() -> None:
    """To the log files of the supervisor.  Never bodies, headers or bound parameters: they hold people's matters."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
