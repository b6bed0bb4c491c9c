"""Which Python `make setup` takes, and what it says when there is none: with invented Pythons on an empty PATH."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "deploy" / "find_python"
FAKE = """#!/bin/sh
case "$2" in
*ensurepip*) exit {venv} ;;
*"sys.exit"*) exit {right_version} ;;
*) echo 3.11 ;;
esac
"""


def find_python(folder: Path, chosen: str = "", user: int = 1000) -> subprocess.CompletedProcess[str]:
    tool(folder, "id", f"#!/bin/sh\necho {user}\n")
    environ = {"PATH": str(folder), "PYTHON": chosen}
    return subprocess.run(["/bin/sh", str(SCRIPT)], env=environ, capture_output=True, text=True, check=False)


def tool(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def python(folder: Path, name: str, *, version: bool = True, venv: bool = True) -> Path:
    return tool(folder, name, FAKE.format(venv=int(not venv), right_version=int(not version)))


def test_python3_is_taken_if_it_is_new_enough(tmp_path: Path) -> None:
    python(tmp_path, "python3")
    python(tmp_path, "python3.13")
    assert find_python(tmp_path).stdout == f"{tmp_path}/python3\n"


def test_else_a_numbered_one(tmp_path: Path) -> None:
    python(tmp_path, "python3", version=False)
    python(tmp_path, "python3.12")
    assert find_python(tmp_path).stdout == f"{tmp_path}/python3.12\n"


def test_a_named_one_comes_first(tmp_path: Path) -> None:
    python(tmp_path, "python3")
    mine = python(tmp_path, "my-python")
    assert find_python(tmp_path, str(mine)).stdout == f"{mine}\n"


@pytest.mark.parametrize("versions", [(), ("python3",)])
def test_none_that_will_do(tmp_path: Path, versions: tuple[str, ...]) -> None:
    for name in versions:
        python(tmp_path, name, version=False)
    answer = find_python(tmp_path)
    assert answer.returncode == 1
    assert "需要 Python 3.11、3.12 或 3.13" in answer.stderr
    assert answer.stdout == ""


def test_without_venv_it_names_the_package(tmp_path: Path) -> None:
    python(tmp_path, "python3", venv=False)
    answer = find_python(tmp_path)
    assert answer.returncode == 1
    assert "apt-get install python3-venv" in answer.stderr


def test_root_gets_the_package_installed(tmp_path: Path) -> None:
    broken = python(tmp_path, "python3", venv=False)
    mended = python(tmp_path, "mended")
    tool(tmp_path, "apt-get", f'#!/bin/sh\necho "apt-get $*" >&2\n/bin/cp {mended} {broken}\n')
    answer = find_python(tmp_path, user=0)
    assert answer.stdout == f"{broken}\n"
    assert "apt-get install -y -qq python3.11-venv" in answer.stderr
