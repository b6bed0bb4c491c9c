"""The text `hotline serve` prints: when it is ready, where it is, who may log in, what to try first."""

import contextlib
import http.client
import sys
from collections.abc import Sequence

import msgspec

ANY_HOST = {"0.0.0.0", "::"}  # noqa: S104 - compared with, not bound to
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
FIRST_STEPS = (
    "用话务员账号登录，登记一件诉求：填写时右侧会给出事项、网格和承办单位的建议",
    "用承办单位账号签收、报动态、答复；再用回访员账号回访并办结",
    "导入真实文件：.venv/bin/hotline intake 文件.csv --source 12345",
    "看一件工单的全过程：.venv/bin/hotline ticket trace 工单编号",
)
EMPTY = (
    "数据库里还没有城市规则，现在没有人能登录：",
    "用 hotline city apply 目录 启用本市规则，再用 hotline people add 建立账号；",
    "只想试用示例区的，停止后运行 hotline serve --sample（示例账号的密码是公开的）。",
)


class Prepared(msgspec.Struct, frozen=True):
    """What the preparing child reports on its standard output."""

    accounts: tuple[tuple[str, str, str], ...] = ()  # role, login, password; only of the sample city
    empty: bool = False  # there are no rules of any city


def say(words: str) -> None:
    """Tell the person at the terminal; a closed terminal is no reason to stop."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(f"{words}\n")
        sys.stdout.flush()


def warn(words: str) -> None:
    """Tell what goes wrong, on standard error."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{words}\n")
        sys.stderr.flush()


def healthy(host: str, port: int) -> bool:
    """Return whether the web answers 200 on /healthz."""
    line = http.client.HTTPConnection("127.0.0.1" if host in ANY_HOST else host, port, timeout=2)
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(line):
        line.request("GET", "/healthz")
        return line.getresponse().status == http.client.OK
    return False


def text(host: str, port: int, accounts: Sequence[tuple[str, str, str]], empty: bool = False) -> str:
    """Return the welcome."""
    shown = "localhost" if host in ANY_HOST else f"[{host}]" if ":" in host else host
    lines = ["", f"  热线系统已就绪：http://{shown}:{port}/"]
    if accounts:
        width = max(_width(role) for role, _, _ in accounts)
        lines += ["", "  示例区账号（角色、账号、密码）："]
        lines += [
            f"    {role}{' ' * (width - _width(role))}  {login:<14} {password}" for role, login, password in accounts
        ]
        if host not in LOOPBACK:
            lines.append("    注意：示例密码是公开的，而系统正对外监听，请先修改密码。")
    if empty:
        lines += ["", *(f"  {line}" for line in EMPTY)]
        return "\n".join([*lines, "", "  按 Ctrl-C 停止。", ""])
    lines += ["", "  先试试："] + [f"    {place}. {step}" for place, step in enumerate(FIRST_STEPS, 1)]
    return "\n".join([*lines, "", "  按 Ctrl-C 停止；数据会保留，下次启动继续使用。", ""])


def _width(words: str) -> int:
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in words)
