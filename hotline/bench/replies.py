"""`hotline bench replies`: what the reply pre-check flags on real replies, by kind; only figures are written."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from classifiers import replies as rule
from classifiers.replies import Draft, ReplyRules
from dispatch import commitments
from hotline import city as cities
from hotline import rulefiles
from hotline.channels import texts
from hotline.channels.sheets import open_sheet

FILE = "messages_with_replies_2816.csv"
SAMPLE_CITY = Path(cities.__file__).with_name("sample") / "city"
READ: dict[str, tuple[int, int]] = {  # kind -> (read by a person, agreed), of a random sample of each kind
    "contact": (16, 6),
    "core": (14, 8),
    "short": (8, 8),
    "empty": (8, 8),
    "time": (7, 6),
    "undated": (7, 5),
    "basis": (7, 4),
    "part": (7, 5),
    "away": (2, 2),
}
CLEAN = (22, 20)  # replies without a finding that were read, and in which the reader missed nothing
WHAT = {
    "contact": "neither contact with the citizen nor a number to ask at",
    "core": "does not take up the matter",
    "short": "hardly any content",
    "empty": "hardly more than set phrases",
    "time": "acts without a time",
    "undated": "promises soon, without a day",
    "basis": "refuses without a basis",
    "part": "a numbered part unanswered",
    "away": "not ours, without whose",
    "mobile": "a mobile number",
    "citizen_number": "the citizen's own number",
    "id_number": "an identity number",
    "copied": "nearly another ticket's reply",
}


def page(folder: Path) -> str:
    """Return docs/replies.md."""
    zone = ZoneInfo("Asia/Shanghai")
    found = texts.read_texts(open_sheet(folder / FILE), zone, text="留言详情").said
    files = rulefiles.read_folder(SAMPLE_CITY)
    calendar = cities.build(files).rulebook.calendar
    kinds, clean = Counter[str](), 0
    for one in found:
        on = one.replied.astimezone(zone).date() if one.replied else None
        dated = bool(on and any(promise.until for promise in commitments.find_commitments(one.reply, on, calendar)))
        noticed = rule.check(Draft(demand=one.text, reply=one.reply, title=one.title, dated=dated), ReplyRules())
        kinds.update({note.code for note in noticed})
        clean += not noticed
    return "\n".join([*_head(len(found), clean), *_table(kinds, len(found)), ""])


def _head(count: int, clean: int) -> Iterator[str]:
    yield "# Reply pre-check (答复预检), measured"
    yield ""
    yield f"By `hotline bench replies` on {count:,} official replies to messages, each checked alone;"
    yield f"{clean:,} ({clean / count:.0%}) have no finding.  Agreed: one reader's word on a random sample of each"
    yield "kind, 98 replies in all, the long ones read in part: a first impression of each kind and no measurement of"
    yield f"its precision.  Of {CLEAN[0]} without a finding the reader missed nothing"
    yield f"in {CLEAN[1]} (the others put something off without a day, in words that no list holds)."
    yield ""


def _table(kinds: Counter[str], count: int) -> Iterator[str]:
    yield "| kind | what | flagged | share | read | agreed |"
    yield "|---|---|---|---|---|---|"
    for kind, what in WHAT.items():
        read, agreed = READ.get(kind, (0, 0))
        said = f"{agreed} ({agreed / read:.0%})" if read else "-"
        yield f"| {kind} | {what} | {kinds[kind]} | {kinds[kind] / count:.1%} | {read or '-'} | {said} |"
    yield ""
    yield "The messages are anonymised, so numbers are hardly met here; copies are not looked for across this file."
    yield ""
