"""What the pages for people name is there: commands and options, targets of make, settings, files, routes, links."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from hotline import settings
from hotline.cli.switchboard import main
from hotline.store.troubles import KINDS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")
INDENTED = re.compile(r"^ {4}(\S.*)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
FILE = re.compile(r"[\w.\-]+(?:/[\w.\-]+)*\.(?:py|md|toml|csv|tsv|geojson|lock|json|txt|html|js)|(?:[\w.\-]+/)+")
BELOW = ("", "hotline", "hotline/web", "hotline/sample/city", "docs", "tests")  # where a short path may begin
MADE = {"2027.csv", "check.html", "streets.geojson", "communities.geojson", "accounts.csv", "logs/"}  # at the reader's
STANDS_FOR = re.compile(r"(.*/)?[A-Z_]{3,}(\..*|/.*)?|.*[\u4e00-\u9fff].*")  # a name the reader puts in: HISTORY.csv


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code_spans(page: Path) -> Iterator[str]:
    """Yield what stands as code on a page: spans, indented lines, lines of fences but the map's."""
    text = text_of(page)
    for block in FENCE.findall(text) if page.name != "map.md" else []:
        yield from block.splitlines()
    text = FENCE.sub("", text)
    yield from INDENTED.findall(text)
    yield from (" ".join(span.split()) for span in SPAN.findall(text))


def commands(page: Path) -> list[str]:
    return sorted({line for line in code_spans(page) if re.match(r"(\.venv/bin/)?hotline [a-z\-]", line)})


def unknown(line: str) -> str:
    """Return what of a command line is none of ours, "" for nothing.  Alternatives are written a|b."""
    words = shlex.split(line.partition(" # ")[0].replace("...", "").removesuffix("> docs/lifecycle.md"), comments=True)
    heads, words = [main], words[1:]
    while words and re.fullmatch(r"[a-z|]+", words[0]) and all(isinstance(one, click.Group) for one in heads):
        names = words.pop(0).split("|")
        found = [one.get_command(click.Context(one), name) for one in heads for name in names]  # type: ignore[attr-defined]  # all are groups
        if None in found:
            return " ".join(names)
        heads = found  # type: ignore[assignment]  # none of them is None
    options = {option for one in heads for kind in one.params for option in (*kind.opts, *kind.secondary_opts)}
    given = {re.split(r"[=\]]", word.strip("[]"))[0] for word in words if word.strip("[").startswith("--")}
    return " ".join(sorted(given - options - {"--help"}))


NAMED = [(page.name, line) for page in PAGES for line in commands(page)]


def test_there_is_much_to_look_at() -> None:
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "operate.md", "city-files.md"} <= {
        page.name for page in PAGES
    }
    assert len(NAMED) > 80


@pytest.mark.parametrize(("page", "line"), NAMED)
def test_commands_and_their_options_exist(page: str, line: str) -> None:
    assert unknown(line) == "", page


@pytest.mark.parametrize("line", ["hotline rules aprove", "hotline rules check --onn 2027-01-01", "hotline doctr"])
def test_a_command_that_is_none_is_seen(line: str) -> None:
    assert unknown(line)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_targets_of_make_exist(page: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = {name for line in code_spans(page) for name in re.findall(r"^make ([a-z]+)", line)}
    assert named - set(targets) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_exist(page: Path) -> None:
    named = set(re.findall(r"\bHOTLINE_[A-Z_]*[A-Z]\b", text_of(page)))
    assert named - {one.name for one in settings.VARIABLES} == set()


def test_every_setting_and_every_kind_of_trouble_is_told() -> None:
    page = text_of(ROOT / "docs/operate.md")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", page, re.MULTILINE)
    assert {name for name, _ in rows if name.startswith("HOTLINE_")} == {one.name for one in settings.VARIABLES}
    assert {name: label for name, label in rows if name in KINDS} == KINDS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_exist(page: Path) -> None:
    named = {one for line in code_spans(page) for one in re.split(r"[\s,，、;=()]+", line) if FILE.fullmatch(one)}
    missing = [one for one in sorted(named - MADE) if not any((ROOT / room / one).exists() for room in BELOW)]
    assert [one for one in missing if not STANDS_FOR.fullmatch(one)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = [link.partition("#")[0] for link in LINK.findall(text_of(page)) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_routes_exist(page: Path) -> None:
    rows = text_of(ROOT / "tests/hotline/web/routes.txt").splitlines()
    routes = {re.sub(r"\{[^}]*\}", "{}", row.split()[1]) for row in rows if row and not row.startswith("#")}
    named = {one for line in code_spans(page) for one in re.findall(r"^(?:GET |POST |PUT )?(/[a-z][\w/{}.\-]*)$", line)}
    assert {one for one in named if re.sub(r"\{[^}]*\}", "{}", one) not in routes} == set()
