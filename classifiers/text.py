"""Normalises and masks text before anything learns from it: one form for what looks alike, no number or name."""

import re
import string
import unicodedata
from functools import lru_cache
from hashlib import blake2b

from grids.reading import head

PHONE = "〔电话〕"
ID_NUMBER = "〔证件号〕"
PLATE = "〔车牌〕"
NAME = "〔姓名〕"
_HALF = {0xFEE0 + ord(c): c for c in string.digits + string.ascii_letters + "+-"}  # full width -> half width
MARKS = (PHONE, ID_NUMBER, PLATE, NAME)

WILDCARD_REACH = 20  # characters a "*" in a routing phrase may stand for: a unit's name, never a sentence
NOTE_REACH = 60  # characters a "**" may stand for: a remark in brackets

_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ufffd]"
)
_SPACES = re.compile(r"\s+")
_CJK = "\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_SPACE_BESIDE_CJK = re.compile(rf"(?<=[{_CJK}]) | (?=[{_CJK}])")

# GB 11643-1999: six digits of place, eight of birth, three of order, one check character.
_ID = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX](?![\dA-Z])", re.IGNORECASE
)
_PHONES = (
    re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"),
    re.compile(r"(?<!\d)[(（]?0\d{2,3}[)）]?[- ]?[2-9]\d{6,7}(?:-\d{1,5})?(?!\d)"),
    re.compile(r"(?<!\d)[48]00[- ]?\d{3}[- ]?\d{4}(?!\d)"),
)
_NAMED_PHONE = re.compile(r"(电话[:：号码为是 ]{0,4})[2-9]\d{6,7}(?!\d)")
# GA 36-2018: province, letter, five characters, or six for new energy.
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·•・ -]?[A-HJ-NP-Z0-9]{4}"
    r"(?:[A-HJ-NP-Z0-9]{1,2}|[挂学警港澳])(?![A-Z0-9])",
    re.IGNORECASE,
)


def normalise(s: str) -> str:
    """Return `s` in one width (NFKC) and case (lower), no invisible characters, no space beside a Chinese character."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", s)).lower()
    return _SPACE_BESIDE_CJK.sub("", _SPACES.sub(" ", plain)).strip()


# The commonest surnames; 百家姓 has more, which are also everyday words.
_SURNAME = (
    "(?:欧阳|上官|司马|诸葛|司徒|皇甫|[王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任"
    "沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤符云冼吉])"
)
_GIVEN = r"[\u4e00-\u9fff]{1,2}"
_NAMES = (
    re.compile(
        rf"(?:(?<=市民)|(?<=群众)|(?<=业主)){_SURNAME}(?!先生|女士|小姐){_GIVEN}(?=先生|女士|小姐|来电|反映|[,，:：(（])"
    ),
    re.compile(rf"{_SURNAME}(?=先生|女士|小姐|太太|阿姨|大爷|大妈|师傅)"),
    re.compile(
        rf"(?<=姓名)(?P<mark>[:：是为]\s*){_SURNAME}{_GIVEN}|(?<=联系人)(?P<mark2>[:：]\s*){_SURNAME}{_GIVEN}"
        rf"|(?<=来电人)(?P<mark3>[:：]\s*){_SURNAME}{_GIVEN}"
    ),
    re.compile(rf"(?:(?<=我叫)|(?<=名叫)|(?<=本人叫)|(?<=名字叫)){_SURNAME}{_GIVEN}(?![\u4e00-\u9fff])"),
    re.compile(rf"(?<=本人){_SURNAME}{_GIVEN}(?=[,，:：(（])"),
)


def mask(s: str) -> str:
    """Return `s` with ID numbers, phone numbers, plates and names replaced by marks; before and after `normalise`.

    Full-width letters and digits come back in half width: a number hidden in them is still a number.  A name is one
    by what stands beside it (市民王某先生, 姓名：..., 我叫...); a name in the middle of a story is not found.
    """
    s = _ID.sub(ID_NUMBER, s.translate(_HALF))
    for phone in _PHONES:
        s = phone.sub(PHONE, s)
    s = _PLATE.sub(PLATE, _NAMED_PHONE.sub(rf"\1{PHONE}", s))
    for name in _NAMES:
        s = name.sub(_named, s)
    return s


def _named(found: re.Match[str]) -> str:
    return next((mark for mark in found.groupdict().values() if mark), "") + NAME


def strip_routing(s: str, phrases: tuple[str, ...]) -> str:
    """Return `s` without the operator's own routing request ("请交警核实处理"): it leaks the answer.

    phrases   the city's own list; literal text in either width, where
              "*"    stands for up to 20 characters inside one clause: a unit's name
              "**"   stands for up to 60 characters on one line without brackets: the rest of a remark
              "^"    at the beginning: only where the text begins ("^市民来电反映：")
    What is left over between two marks of punctuation, and empty brackets, go with it; of a text beyond the budget
    only its head comes back.
    """
    s = head(s)
    pattern = _routing(tuple(phrases))
    if pattern is None:
        return s
    bare, found = pattern.subn("", s)
    return _tidy(bare) if found else s.strip()


def _tidy(s: str) -> str:
    s = _EMPTY_BRACKETS.sub("", s)
    return _LEFT_OVER.sub(lambda marks: _weightiest(marks.group()), s).lstrip(",，。.、；;！! \n").strip()


def _weightiest(marks: str) -> str:
    return next((mark for mark in "？?。！!；;" if mark in marks), marks[0])


_EMPTY_BRACKETS = re.compile(r"[(（][\s,，。.!！]*[)）]")
_LEFT_OVER = re.compile(r"[,，。.、；;！!？?](?:\s*[,，。、；;！!])+")
_WIDTHS = {
    one: f"[{half}{full}]" for half, full in (":：", ",，", "!！", ";；", "(（", ")）", "?？") for one in (half, full)
}


@lru_cache(maxsize=64)
def _routing(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    known = sorted({phrase.strip() for phrase in phrases} - {""}, key=lambda phrase: (-len(phrase), phrase))
    parts = [_pattern(phrase) for phrase in known if phrase.strip("*^")]
    return re.compile("|".join(parts)) if parts else None


def _pattern(phrase: str) -> str:
    """Return a regular expression; a gap never runs over another beginning of the same phrase."""
    pieces = re.split(r"(\*+)", phrase.removeprefix("^"))
    again = f"(?!{_literal(pieces[0])})" if pieces[0] else ""
    gap = rf"(?:{again}[^,.;:!?，。；：！？、()（）\n]){{0,{WILDCARD_REACH}}}?"
    note = rf"[^\n()（）]{{0,{NOTE_REACH}}}?"
    body = "".join((gap if piece == "*" else note) if piece.startswith("*") else _literal(piece) for piece in pieces)
    return rf"\A\s*(?:{body})\s*" if phrase.startswith("^") else body


def _literal(piece: str) -> str:
    return "".join(rf"\s{{0,9}}{_WIDTHS[one]}" if one in _WIDTHS else re.escape(one) for one in piece)


def digest(s: str) -> str:
    """Return 32 hex digits (16 bytes, blake2b) of the normalised text: equal for texts that only look different."""
    return blake2b(normalise(s).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
