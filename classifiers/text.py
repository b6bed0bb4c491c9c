"""Text before anything learns from it: one form for what looks alike, and no number that belongs to a person."""

import re
import string
import unicodedata
from functools import lru_cache
from hashlib import blake2b

PHONE = "〔电话〕"
ID_NUMBER = "〔证件号〕"
PLATE = "〔车牌〕"
_HALF = {0xFEE0 + ord(c): c for c in string.digits + string.ascii_letters + "+-"}  # full width -> half width
MARKS = (PHONE, ID_NUMBER, PLATE)

WILDCARD_REACH = 20  # characters a "*" in a routing phrase may stand for: a unit's name, never a sentence

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


def mask(s: str) -> str:
    """Return `s` with ID numbers, phone numbers and plates replaced by marks; works before and after `normalise`.

    Full-width letters and digits come back in half width: a number hidden in them is still a number.
    """
    s = _ID.sub(ID_NUMBER, s.translate(_HALF))
    for phone in _PHONES:
        s = phone.sub(PHONE, s)
    return _PLATE.sub(PLATE, _NAMED_PHONE.sub(rf"\1{PHONE}", s))


def strip_routing(s: str, phrases: tuple[str, ...]) -> str:
    """Return `s` without the operator's own routing request ("请交警核实处理"): it leaks the answer.

    phrases   the city's own list; literal text, where "*" stands for up to 20 characters inside one clause
    """
    pattern = _routing(tuple(phrases))
    return s if pattern is None else pattern.sub("", s).strip()


@lru_cache(maxsize=64)
def _routing(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    known = sorted({phrase.strip() for phrase in phrases} - {""}, key=lambda phrase: (-len(phrase), phrase))
    gap = rf"[^,.;:!?，。；：！？、\n]{{0,{WILDCARD_REACH}}}?"
    parts = [gap.join(re.escape(piece) for piece in phrase.split("*")) for phrase in known if phrase.strip("*")]
    return re.compile("|".join(parts)) if parts else None


def digest(s: str) -> str:
    """Return 32 hex digits (16 bytes, blake2b) of the normalised text: equal for texts that only look different."""
    return blake2b(normalise(s).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
