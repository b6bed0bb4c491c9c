"""Reads message catalogues, translates for a reader, and collects every string that must be translated.

The msgid is the Chinese source; `.po` files are read as they are.

A string that a catalogue lacks is shown in Chinese: wrong language is better than no word.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from babel.core import UnknownLocaleError, negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from markupsafe import Markup, escape

from dispatch import kpis
from dispatch.calendar import KIND_NAMES as KIND_NAMES_OF_DAYS
from dispatch.calendar import WEEKDAYS
from dispatch.callbacks import SATISFACTION_NAMES, SOLVED_NAMES
from dispatch.comparison import TABLE_NAMES
from dispatch.conditions import DAY_NAMES
from dispatch.deadlines import CLOCK_NAMES, URGENCY_NAMES
from dispatch.kpis import MEASURES
from dispatch.lifecycle import ASKS, MOVES, STATE_NAMES
from dispatch.roles import ROLE_NAMES
from dispatch.trial import WHAT_NAMES
from grids.messages import Message
from grids.tree import LEVEL_NAMES
from hotline import errors as office_errors
from hotline.flow.editions.approval import DECISIONS
from hotline.flow.editions.roster import DUTIES
from hotline.flow.learning.promotion import WHAT_NAMES as ACT_NAMES
from hotline.flow.learning.samples import KIND_NAMES
from hotline.store.figures import DIMENSIONS

FOLDER = Path(__file__).with_name("locales")
SOURCE = "zh-CN"
LANGUAGES = {"zh-CN": "zh_CN", "en": "en"}  # as the browser says it -> folder
NAMES = {"zh-CN": "中文", "en": "English"}
LANGUAGE_COOKIE = "lang"
LISTED = "、"  # between the values of a list
CHINESE = re.compile(r"[\u3400-\u9fff]")
CODE_FOLDER = FOLDER.parents[2]
PACKAGES = ("grids", "classifiers", "dispatch", "hotline")
CHINESE_ONLY = (
    "hotline/bench/",
    "hotline/serve/",
    "hotline/settings.py",
)  # the command line's own: said there, in Chinese


msgid = office_errors.msgid
Say = Callable[[str], str]


def load(language: str) -> dict[str, str]:
    """Return msgid -> text of one language; untranslated and fuzzy ones are left out."""
    path = FOLDER / LANGUAGES[language] / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file, locale=LANGUAGES[language])
    return {str(one.id): str(one.string) for one in catalogue if one.id and one.string and not one.fuzzy}


def sayer(language: str) -> Say:
    """Return the function that says a source string, or a message with all its values, in `language`."""
    known = {} if language == SOURCE else load(language)

    def say(text: str) -> str:
        if not isinstance(text, Message):
            return known.get(text, text)
        found = known.get(text.msgid, text.msgid)
        return found % {name: _value(value) for name, value in text.values.items()} if text.values else found

    def _value(value: object) -> str:
        if isinstance(value, tuple):
            return say(LISTED).join(map(_value, value))
        return say(value) if isinstance(value, Message) else str(value)

    return say


def marker(language: str) -> Callable[[str], str]:
    """Return the function that says a message in `language` as HTML: what is data in it is marked as Chinese."""
    say = SAYERS[language]

    def mark(text: str) -> str:
        if language == SOURCE or not isinstance(text, Message) or not text.values:
            return say(text)
        return escape(say(text.msgid)) % {name: _value(value) for name, value in text.values.items()}

    def _value(value: object) -> str:
        if isinstance(value, tuple):
            return escape(say(LISTED)).join(map(_value, value))
        if isinstance(value, Message):
            return mark(value)
        plain = str(value)
        return Markup('<span lang="{}">{}</span>').format(SOURCE, plain) if CHINESE.search(plain) else escape(plain)

    return mark


def pick(asked: str, remembered: str, accepts: str) -> str:
    """Return the language of a page: what the address asks for, else the cookie, else Accept-Language, else Chinese."""
    for wish in (asked, remembered):
        if wish in LANGUAGES:
            return wish
    wanted = [part.partition(";")[0].strip() for part in accepts.split(",")]
    try:
        found = negotiate_locale([one for one in wanted if one], list(LANGUAGES), sep="-")
    except (UnknownLocaleError, ValueError):
        found = None
    return found or SOURCE


SAYERS: dict[str, Say] = {language: sayer(language) for language in LANGUAGES}
MARKERS: dict[str, Say] = {language: marker(language) for language in LANGUAGES}


def sources() -> dict[str, list[tuple[str, int]]]:
    """Return every source string -> where it stands (templates, pages, the tables of the rules)."""
    found: dict[str, list[tuple[str, int]]] = {}
    methods = [("templates/**.html", "jinja2"), ("pages/**.py", "python")]
    options = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
    keywords = {"_": None, "say": None, "msgid": None, "gettext": None}
    web, flow = FOLDER.parent, FOLDER.parents[1] / "flow"
    rows = [
        *extract_from_dir(web, methods, options, keywords),
        *extract_from_dir(flow, [("**.py", "python")], {}, keywords),
    ]
    for file, line, message, _, _ in rows:
        for one in [message] if isinstance(message, str) else message:
            found.setdefault(one, []).append((file, line))
    for text, place in _of_messages():
        found.setdefault(text, []).append(place)
    for label in _of_rules():
        found.setdefault(label, [])
    return found


def _of_messages() -> Iterator[tuple[str, tuple[str, int]]]:
    """Yield the message ids of what all packages may have to say: the first word of each `Message(...)`."""
    for package in PACKAGES:
        for path in sorted((CODE_FOLDER / package).rglob("*.py")):
            file = path.relative_to(CODE_FOLDER).as_posix()
            if file.startswith(CHINESE_ONLY):
                continue
            with path.open("rb") as source:
                yield from ((text, (file, line)) for text, line in _literals(ast.parse(source.read())))


def _literals(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Message":
            first = call.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value:
                yield first.value, call.lineno


def _of_rules() -> Iterator[str]:
    yield from STATE_NAMES.values()
    yield from ASKS.values()
    yield from ROLE_NAMES.values()
    yield from CLOCK_NAMES.values()
    yield from URGENCY_NAMES.values()
    yield from SATISFACTION_NAMES.values()
    yield from SOLVED_NAMES.values()
    yield from kpis.texts()
    yield from TABLE_NAMES.values()
    yield from WHAT_NAMES.values()
    yield from DECISIONS.values()
    yield from ACT_NAMES.values()
    yield from KIND_NAMES.values()
    yield from LEVEL_NAMES.values()
    yield from WEEKDAYS
    yield from KIND_NAMES_OF_DAYS.values()
    yield from filter(None, DAY_NAMES.values())
    yield from DIMENSIONS.values()
    yield from (one.label for one in MEASURES)
    yield from DUTIES.values()
    yield LISTED
    yield from (move.label for move in MOVES.values())


def update(language: str) -> int:
    """Write the catalogue of `language` anew from the sources, translations kept; return how many have none."""
    known = load(language)
    catalogue = Catalog(locale=LANGUAGES[language], fuzzy=False, project="hotline", charset="utf-8")
    for text, places in sorted(sources().items(), key=lambda pair: (pair[1][:1], pair[0])):
        given = text if language == SOURCE else known.get(text, "")
        flags = ["python-format"] if "%(" in text else []
        catalogue.add(text, given, locations=[(file, 0) for file, _ in places[:1]], flags=flags)
    path = FOLDER / LANGUAGES[language] / "LC_MESSAGES" / "messages.po"
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, include_lineno=False, omit_header=False)
    return sum(not one.string for one in catalogue if one.id)


if __name__ == "__main__":  # python -m hotline.web.strings: after a string was added or changed
    for name in LANGUAGES:
        update(name)
