"""Finds commitments in replies (答复承诺): "we will ... by ...", with the day it must be true by.

What is found is a proposal: a person confirms it.  A day that is already past when the reply is given is no commitment;
a limit that hangs on something else than a day (开学前) is found without one.
Source: 凉政办发〔2018〕116号 art. 18 (what a reply promised is checked specially).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import msgspec

from dispatch.calendar import DAY, Calendar, Kind, step
from grids.reading import head

SENTENCE = re.compile(r"[^。；！？;!?\n]+")
# words by which somebody binds oneself (or, where the office orders it, another) to something still to come
INTENT = re.compile(
    r"将(?!军|近|乐|以上)|预计|预期|计划(?!书|生育|经济|内|外|指标|单列|生|任务)|争取(?!指标|到|资金)|力争|拟(?!录|稿|定于已)|承诺|确保|"
    r"保证(?!金)|有望|可望|定于|会[在于]|责令|责成|要求|督促|限(?=期|其|\d|在|于)|能够?(?=[在于]?.{0,4}(?:前|内))|即可"
)
PAST = re.compile(
    r"已[经将]?(?:[于在]|通过|按)?$|曾[于在]?$|自$|从$|截[止至]$|原(?:定|计划|拟)?[于在]?$|[（(《“]$|之日起?$|至$"
)
ORDER = re.compile(r"请(?:您|你|广大|市民|网友|业主|及时|于|在)|(?:您|你)(?:可|需|须|应)")
NOT = re.compile(r"不会|不再|无法|不能|均无|没有|并未|未能|书面")
GENERAL = re.compile(r"(?:收到|接到|受理|申请|签订|提交|发现|投诉|材料).{0,10}后$")  # how it is always done
LAW = re.compile(r"之日起.{0,6}$|(?:应当|不得|规定|条例|办法|期满|逾期|届满).{0,14}$|第.{1,5}条.{0,30}$")
BEFORE, AFTER, TELLS = 45, 14, 120  # characters between the word and the day, the word first and
# the day first, and before the day where what tells it from a commitment may stand
FARTHEST = timedelta(days=3 * 366)  # what lies beyond is a plan, and no commitment to this citizen

N = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3})"
YEAR = r"(?:(?P<year>20\d\d)年|(?P<near>今年|明年|后年|本年度?|来年)的?)?"
PART = r"(?P<part>上旬|中旬|下旬|月?[初中底末])?"
DIGITS = dict(zip("一二两三四五六七八九", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
WEEKDAY_NUMBERS = {**{name: n for n, name in enumerate("一二三四五六")}, "日": 6, "天": 6}
FEASTS = {
    "春节": "春节",
    "过年": "春节",
    "国庆": "国庆",
    "五一": "劳动",
    "劳动节": "劳动",
    "元旦": "元旦",
    "清明": "清明",
    "端午": "端午",
    "中秋": "中秋",
}
YEAR_PARTS = {"上半年": (6, 30), "下半年": (12, 31), "春": (5, 31), "夏": (8, 31), "秋": (11, 30)}


class FoundCommitment(msgspec.Struct, frozen=True, kw_only=True):
    """One commitment in a reply (答复承诺).  `until`: its last day, None where no day follows."""

    text: str
    until: date | None
    why: str


ReadDay = Callable[["re.Match[str]", date, Calendar], date | None]


def find_commitments(text: str, answered_on: date, calendar: Calendar) -> tuple[FoundCommitment, ...]:
    """Return the commitments of a reply given on a day, as they stand in the text; equal days of a sentence once."""
    held: dict[tuple[str, date | None], FoundCommitment] = {}
    for sentence in SENTENCE.finditer(head(text)):
        words = sentence[0].strip()
        for phrase, until in _limits(words, answered_on, calendar):
            why = f"答复中写有“{phrase}”，" + (f"应于{until}前兑现" if until else "没有确定的日期，请填写")
            held.setdefault((words, until), FoundCommitment(text=words, until=until, why=why))
    return tuple(held.values())


def _limits(sentence: str, on: date, calendar: Calendar) -> Iterator[tuple[str, date | None]]:
    """Yield the phrases of a sentence that say by when something is to be done, each with its day."""
    taken = -1
    for match, day in _phrases(sentence):
        if match.start() < taken:
            continue
        taken = match.end()
        if not _bound(sentence, match):
            continue
        hangs = day is _after and sentence.endswith("后", 0, match.start())
        until = None if hangs else day(match, on, calendar)
        if until is None or on < until <= on + FARTHEST:
            yield match[0], until


def _phrases(sentence: str) -> list[tuple[re.Match[str], ReadDay]]:
    """Return what reads like a day, from left to right; of two that start together the longer."""
    every = [(match, day) for pattern, day in GRAMMAR for match in pattern.finditer(sentence)]
    return sorted(every, key=lambda one: (one[0].start(), -one[0].end()))


def _bound(sentence: str, match: re.Match[str]) -> bool:
    """Return whether somebody binds oneself to the day: a word of intent stands near, and the day is not told."""
    before = sentence[max(0, match.start() - TELLS) : match.start()]
    after = sentence[match.end() : match.end() + AFTER + 1]
    clause = re.split(r"[，,：:]", before)[-1]
    if PAST.search(before) or LAW.search(before) or ORDER.search(clause + after[:AFTER]):
        return False
    if NOT.search(re.split(r"[，,]", after[:AFTER])[0]) or NOT.search(clause[-6:]) or GENERAL.search(clause[-14:]):
        return False
    near = before[-BEFORE:]
    last = max((one.end() for one in INTENT.finditer(near)), default=None)
    if last is not None and not re.search(r"已[经于]?|曾|完毕", near[last:]):
        return True
    soon = re.split(r"[，,：:]", after[: AFTER + 1])[0]
    ahead = INTENT.search(after[:AFTER])
    limit = match[0].endswith(("前", "内"))
    return bool(ahead or (limit and re.match(r".{0,6}(?:完成|完工|建成|解决|到位|开工|投入|落实|恢复|办结)", soon)))


def _number(text: str) -> int:
    """Return 15 of "15" and of "十五"."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (DIGITS.get(tens, 1) * 10 if ten else 0) + DIGITS.get(ones, 0)


def _year(match: re.Match[str], on: date, month: int) -> int:
    """Return the year meant; without one the nearest: in the last quarter the first months are the next year's."""
    if match["year"]:
        return int(match["year"])
    if match["near"]:
        return on.year + {"明": 1, "来": 1, "次": 1, "后": 2}.get(match["near"][0], 0)
    return on.year + (on.month >= 10 and month <= 3)


def _day(year: int, month: int, day: int = 0) -> date | None:
    """Return the day, the last of the month for 0; None where there is none."""
    try:
        return date(year + month // 12, month % 12 + 1, 1) - DAY if day == 0 else date(year, month, day)
    except ValueError:
        return None


def _dated(match: re.Match[str], on: date, _calendar: Calendar) -> date | None:
    """Return the day; without a year one that lies most of a year ahead is last year's, told and no commitment."""
    month = _number(match["month"])
    day = _day(_year(match, on, month), month, _number(match["day"])) or date.min
    told = not (match["year"] or match["near"]) and day - on > timedelta(days=270)
    return date.min if told else day


def _of_month(match: re.Match[str], on: date, _calendar: Calendar) -> date | None:
    """Return the end of a month or of its third; "before November" is the end of October."""
    month = _number(match["month"])
    if not 1 <= month <= 12:
        return date.min
    year, part = _year(match, on, month), match["part"] or ""
    if not part and match["by"]:
        return date(year, month, 1) - DAY
    return _day(year, month, {"上旬": 10, "初": 10, "月初": 10, "中旬": 20, "中": 20, "月中": 20}.get(part, 0))


def _of_this_month(match: re.Match[str], on: date, _calendar: Calendar) -> date | None:
    later = on.year * 12 + on.month - 1 + (match["which"] == "下")
    part = {"上旬": 10, "初": 10, "中旬": 20, "中": 20}.get(match["part"] or "", 0)
    return _day(later // 12, later % 12 + 1, part)


def _of_year(match: re.Match[str], on: date, _calendar: Calendar) -> date | None:
    year, part = _year(match, on, 12), match["part"] or ""
    if part in YEAR_PARTS:
        return date(year, *YEAR_PARTS[part])
    if part.endswith("季度"):
        return _day(year, 3 * (_number(part.strip("第季度")) or 4))
    if part.endswith("初"):
        return date(year, 3, 31)
    return date(year, 6, 30) if part.endswith("中") else date(year, 12, 31)


def _weekday(match: re.Match[str], on: date, _calendar: Calendar) -> date:
    """Return a day of this week or the next; without one the Friday, "内" and "末" the Sunday."""
    monday = on - on.weekday() * DAY + (7 * DAY if match["which"] == "下" else timedelta())
    name = match["name"] or ""
    return monday + WEEKDAY_NUMBERS.get(name, 6 if name else 4) * DAY


def _after(match: re.Match[str], on: date, calendar: Calendar) -> date | None:
    """Return the day some days, weeks or months on; the day of the reply is not counted (民法典 art. 201)."""
    amount = 0 if match["n"] == "半" else _number(match["n"])
    unit = match["unit"]
    if "工作日" in unit:
        return step(on, amount, Kind.WORKING, calendar)[0]
    if "月" in unit:
        months = on.year * 12 + on.month - 1 + amount
        end = _day(months // 12, months % 12 + 1)
        same = min(on.day, end.day) if end else 1
        return on + 15 * DAY if amount == 0 else date(months // 12, months % 12 + 1, same)
    days = {"周": 7, "星": 7, "年": 365}.get(unit.lstrip("个")[0], 1)
    return on + (182 if match["n"] == "半" else amount * days) * DAY


def _feast(match: re.Match[str], on: date, calendar: Calendar) -> date | None:
    """Return the day before a holiday begins, by the calendar; None where it does not name it yet."""
    name = FEASTS[match["feast"]]
    year = _year(match, on, 12) if match["year"] or match["near"] else None
    days = [day for day, said in calendar.rest.items() if name in said and day > on and year in (None, day.year)]
    return min(days) - DAY if days else None


def _event(_match: re.Match[str], _on: date, _calendar: Calendar) -> None:
    """Return no day: it hangs on something that is not in the calendar."""


NEAR = r"(?P<near>今年|明年|后年|本年度?|来年)"
HALF = r"上半年|下半年|第?[一二三四]季度"
NO_SPAN = r"(?!\d|[份底]|的?工资|期间|以来|以后|后|至|到|起|[-—~、及和])"
# a year, or its autumn, alone: only where it says what begins or ends in it, and names no plan of that year
STARTS = (
    r"(?!已|[^，,]{0,14}(?:政策|方案|规划|招生|计划|项目|投资|民生|任务|工资|低保|指标|度))"
    r"(?=[^，,\d]{0,6}?(?:将|正式|开[工学始放通]|启动|动工|建[成设]|投入|完[成工]|竣工|可|全面|实施|交付))"
)
UNTIL = r"(?:前|之前|以前)?"
FEAST = "|".join(FEASTS)
BY = r"(?P<by>(?:之|以)?前)?"
GRAMMAR: tuple[tuple[re.Pattern[str], ReadDay], ...] = tuple(
    (re.compile(pattern), day)
    for pattern, day in (
        (rf"{YEAR}(?P<month>{N})月份?(?P<day>{N})[日号]{BY}", _dated),
        (rf"{YEAR}(?P<month>{N})月份?{PART}{BY}{NO_SPAN}", _of_month),
        (
            rf"(?P<which>本|这个?|当|下)个?月(?!改|起|开|的?工资)(?P<part>上旬|中旬|下旬|[初中底末]|份?内)?{BY}",
            _of_this_month,
        ),
        (rf"(?P<which>)(?<![年个月\d])月(?P<part>底|末){BY}", _of_this_month),
        (rf"(?:(?P<year>20\d\d)年?|{NEAR})年?(?P<part>底|末|内|初|中(?![小学])|{HALF}){UNTIL}", _of_year),
        (rf"(?P<year>)(?P<near>)(?<![\d年])(?P<part>年底|年末|年内|{HALF}){UNTIL}", _of_year),
        (rf"(?:(?P<year>20\d\d)年|{NEAR})(?P<part>春|夏|秋)?季?(?!节){STARTS}", _of_year),
        (rf"(?P<which>本|这|下)个?(?:周|星期)(?P<name>[一二三四五六日天末内])?{BY}", _weekday),
        (rf"(?P<n>半|{N})(?P<unit>个?工作日|个?月|天|日|周|个?星期|年)(?:时间)?(?:之|以)?内", _after),
        (rf"{YEAR}(?:农历)?(?P<feast>{FEAST})节?假?期?(?:来临|到来)?(?:之|以)?前", _feast),
        (r"(?:开学|汛期|雨季|入冬|供暖季?|采暖季?|高考|中考|暑假|寒假)(?:来临|到来|结束|开始)?(?:之|以)?前", _event),
    )
)
