"""The switchboard: the root command, and the list of those it puts you through to."""

import sys

import click

from hotline.cli import calendar_, city, database, figures, intake, machine, model, people, rules, ticket
from hotline.errors import HotlineError

COMMANDS: tuple[click.Command, ...] = (
    machine.serve,
    machine.web,
    machine.work,
    machine.rounds,
    machine.doctor,
    database.database,
    people.people,
    city.city,
    rules.rules,
    calendar_.calendar,
    model.model,
    intake.intake,
    ticket.ticket,
    figures.kpi,
    figures.audit,
)
REFUSED = 2  # exit code of a refusal: what was asked cannot be done, and the text says why


class Switchboard(click.Group):
    """A group that tells a refusal in one sentence on standard error, without a traceback."""

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


for command in COMMANDS:
    main.add_command(command)
