"""The root command `hotline`, which loads the commands only when they are called.

A command's room is opened when it is called: learning needs scikit-learn (a second, 80 MB), most others do not.
"""

import sys
from importlib import import_module

import click

from hotline.errors import HotlineError

# fmt: off
COMMANDS: dict[str, tuple[str, str]] = {
    # command     room                   what it is for, as the list shows it
    "serve":    ("machine.serve",       "启动整个系统：自带的 Valkey、数据库升级、网页、巡查和后台任务。"),
    "web":      ("machine.web",         "只启动网页和接口服务。"),
    "work":     ("machine.work",        "只启动一个后台任务进程。"),
    "rounds":   ("machine.rounds",      "只启动定时巡查：转发事件、催办升级；查看、放回搁置的记录。"),
    "outbox":   ("mending.outbox",      "待办事件：查看多次未办成的，重试。"),
    "doctor":   ("machine.doctor",      "检查设置、数据库、队列、模型、节假日和磁盘；有错误时退出码为 1。"),
    "db":       ("database.database",   "数据库：建表升级、示例区、备份。"),
    "people":   ("people.people",       "人员：账号、岗位、密码、接口令牌。"),
    "city":     ("city.city",           "城市规则：从历史工单得出、启用、查看。"),
    "rules":    ("rules.rules",         "规则文件：检查、比较、试算、提出、批准。"),
    "calendar": ("calendar_.calendar",  "工作日历：按本地节假日和调休推算时限。"),
    "taxonomy": ("taxonomy.taxonomy",   "事项表（责任清单）：从文件载入、查看。"),
    "model":    ("model.model",         "分类模型：训练、评测、比较、启用、回退。"),
    "topics":   ("topics.topics",       "热点：从工单文件里找出很多人反映的同一件事。"),
    "replies":  ("replies.replies",     "答复预检：逐件检查答复。"),
    "intake":   ("intake.intake",       "导入工单文件（CSV、XLSX 或 XLS）：受理、归类、定位、派单、计时。"),
    "grid":     ("grid_load.grid",          "地点：查找、评测、从历史学习、载入网格。"),
    "ticket":   ("ticket.ticket",       "工单：查看、追踪全程、列表。"),
    "kpi":      ("figures.kpi",         "指标：联系率、解决率、满意率等。"),
    "audit":    ("figures.audit",       "办理记录的核验。"),
    "bench":    ("bench.bench",         "测速：成对比较，给出倍数和次数。"),
}
# fmt: on
REFUSED = 2  # exit code of a refusal: what was asked cannot be done, and the text says why


class Switchboard(click.Group):
    """A group that opens a room when asked, and tells a refusal in one sentence on standard error."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command from its own room."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        room, _, name = COMMANDS[cmd_name][0].partition(".")
        found: click.Command = getattr(import_module(f"hotline.cli.{room}"), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without opening their rooms."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a HotlineError ends it with exit code REFUSED, or the error's own `exit_code`."""
        try:
            return super().invoke(ctx)
        except HotlineError as refused:
            click.echo(str(refused), err=True)
            sys.exit(getattr(refused, "exit_code", REFUSED))


@click.group(cls=Switchboard, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hotline-grid", prog_name="hotline")
def main() -> None:
    """政务热线与网格治理系统。每个命令都可以加 --help 查看用法。"""
