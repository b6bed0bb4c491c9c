"""Message catalogues: every word a page shows.  The msgid is the Chinese source; `.po` files are read as they are.

A string that a catalogue lacks is shown in Chinese: wrong language is better than no word.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from babel.core import UnknownLocaleError, negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from dispatch import kpis
from dispatch.callbacks import SATISFACTION_NAMES, SOLVED_NAMES
from dispatch.comparison import TABLE_NAMES
from dispatch.deadlines import CLOCK_NAMES, URGENCY_NAMES
from dispatch.lifecycle import ASKS, MOVES, STATE_NAMES
from dispatch.roles import ROLE_NAMES
from dispatch.trial import WHAT_NAMES
from hotline.flow.editions.approval import DECISIONS
from hotline.flow.learning.promotion import WHAT_NAMES as ACT_NAMES
from hotline.flow.learning.samples import KIND_NAMES
from hotline.web import errors

FOLDER = Path(__file__).with_name("locales")
SOURCE = "zh-CN"
LANGUAGES = {"zh-CN": "zh_CN", "en": "en"}  # as the browser says it -> folder
NAMES = {"zh-CN": "中文", "en": "English"}
COOKIE = "lang"


def msgid(text: str) -> str:
    """Mark a source string that stands in a table and is said later."""
    return text


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
    """Return the function that says a source string in `language`."""
    known = {} if language == SOURCE else load(language)

    def say(msgid: str) -> str:
        return known.get(msgid, msgid)

    return say


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


def sources() -> dict[str, list[tuple[str, int]]]:
    """Return every source string -> where it stands (templates, pages, the tables of the rules)."""
    found: dict[str, list[tuple[str, int]]] = {}
    methods = [("templates/**.html", "jinja2"), ("pages/**.py", "python")]
    options = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
    keywords = {"_": None, "say": None, "msgid": None, "gettext": None}
    for file, line, message, _, _ in extract_from_dir(FOLDER.parent, methods, options, keywords):
        for one in [message] if isinstance(message, str) else message:
            found.setdefault(one, []).append((file, line))
    for label in _of_rules():
        found.setdefault(label, [])
    return found


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
    yield from (refusal.message for refusal in errors.PLAIN.values())
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
