"""The root command: every name of its table opens, and looking at a ticket does not load what learning needs."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from hotline.cli.switchboard import COMMANDS, main


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_opens(name: str) -> None:
    said = CliRunner().invoke(main, [name, "--help"])
    assert said.exit_code == 0, said.output
    assert said.output.startswith(f"Usage: main {name}")


def test_the_list_names_them_all() -> None:
    said = CliRunner().invoke(main, ["--help"]).output
    assert all(f"  {name} " in said for name in COMMANDS)


def test_an_unknown_command_is_refused() -> None:
    said = CliRunner().invoke(main, ["nothing"])
    assert said.exit_code == 2
    assert "nothing" in said.output


@pytest.mark.parametrize("room", ["ticket", "machine", "intake", "figures"])
def test_learning_is_not_loaded_to_look(room: str) -> None:
    asked = f"import sys, hotline.cli.{room}; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
