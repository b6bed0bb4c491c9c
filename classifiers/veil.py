"""Masks numbers and names in a text for a reader who may not know the person; the rest stays as written.

`classifiers.text.mask` prepares a text for learning and changes its width; here every other character stays.  A number
is read whatever it is written in: digits of any width, Chinese numerals, with spaces, dashes or dots in between.  One
pass over the text: every pattern is linear.
"""

import re
import unicodedata
from collections.abc import Sequence

from classifiers.text import _SURNAME, ID_NUMBER, NAME, PHONE, mask

CARD = "〔卡号〕"
REACH = "〔联系方式〕"
HIDDEN = "〔已隐去〕"
LONGEST_NUMBER = 20  # digits of the longest number that is looked for
BEHIND = 12  # characters before a number that say what it is

_CHINESE = {
    digit: str(value)
    for value, digits in enumerate(
        (
            "〇零○",
            "一壹幺",
            "二贰两",
            "三叁",
            "四肆",
            "五伍",
            "六陆",
            "七柒",
            "八捌",
            "九玖",
        )
    )
    for digit in digits
}
_D = rf"\d①-⑨⓪{''.join(_CHINESE)}"
_BETWEEN = r"\s\u200b-\u200f\u2060\ufeff.·•・,，、_/()（）\-‐-―－—~～"
_RUN = re.compile(rf"[{_D}](?:[{_D}]|[{_BETWEEN}]{{1,3}}(?=[{_D}]))*(?:[xXｘＸ](?![A-Za-z0-9]))?")
_PIECE = re.compile(rf"[{_D}]+")
_MOBILE = re.compile(r"(?:0086|86|0)?1[3-9]\d{9}")
_LANDLINE = re.compile(r"(?:86)?0\d{2,3}[2-9]\d{6,7}")
_LOCAL = re.compile(r"[2-9]\d{6,7}")
_BORN = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}"
_ID = re.compile(rf"[1-9]\d{{5}}(?:(?:18|19|20)\d{{2}}{_BORN}[\dX]|\d{{2}}{_BORN})")
_SAYS_PHONE = re.compile(r"(?:电话|手机|座机|号码|致电|联系方式|来电|tel)\D{0,4}\Z", re.IGNORECASE)
_SAYS_TAIL = re.compile(r"(?:尾号|四位|四位数|四位号码)[是为:： “\"]{0,3}\Z")
_SAYS_CARD = re.compile(r"(?:卡号|账号|帐号|银行卡|账户|帐户|存折)\D{0,4}\Z")
_SAYS_REACH = re.compile(r"(?:q{2}|微信号?|微信账号|护照号?码?|军官证号?码?)[是为:： ]{0,3}\Z", re.IGNORECASE)
_HANDLE = re.compile(r"(?P<said>微信号?|wechat|护照号?码?)(?P<mark>[是为:： ]{1,3})[A-Za-z][\w-]{5,19}", re.IGNORECASE)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
# Whoever says who they are, or whom to ask for: a name there is one, even if it might be another word elsewhere.
_SELF = re.compile(
    r"(?P<said>我是|本人是|我叫|本人|姓名|叫做|联系人|来电人|诉求人|举报人|投诉人|当事人|请找|联系)"
    rf"(?P<mark>[:：是为叫 ]{{0,2}}){_SURNAME}[\u4e00-\u9fff]{{1,2}}"
    r"(?=[\s,，.。、；;！!？?（(〔)）\d]|的电话|的手机|先生|女士|\Z)"
)


def numbers(s: str) -> str:
    """Return `s` with phone, ID and card numbers, mail addresses and account names replaced by what they were."""
    s = _HANDLE.sub(rf"\g<said>\g<mark>{REACH}", s) if "号" in s or "微信" in s or "wechat" in s.lower() else s
    s = _MAIL.sub(REACH, s) if "@" in s else s
    return _RUN.sub(_run, s)


def strict(s: str, names: Sequence[str] = ()) -> str:
    """Return `s` with numbers, plates and names replaced: the names given, and those that are one by their place."""
    s = numbers(s)
    for name in sorted({one.strip() for one in names if len(one.strip()) > 1}, key=len, reverse=True):
        s = re.sub(r"\s?".join(map(re.escape, name)), NAME, s, flags=re.IGNORECASE)
    return mask(_SELF.sub(rf"\g<said>\g<mark>{NAME}", s))


def digits(s: str) -> bool:
    """Say whether there is a digit in `s`, in whatever writing."""
    return _PIECE.search(s) is not None


def _run(found: re.Match[str]) -> str:
    """Return a run of digits with what numbers of persons it holds replaced."""
    run = found[0]
    if len(run) < 3:
        return run
    pieces = [(_plain(hit[0]), *hit.span()) for hit in _PIECE.finditer(run)]
    before = found.string[max(0, found.start() - BEHIND) : found.start()]
    check = "X" if run[-1] in "xXｘＸ" else ""
    told, at, piece = "", 0, 0
    while piece < len(pieces):
        mark, through = _named(pieces, piece, check, before if piece == 0 else "")
        if mark:
            told += run[at : pieces[piece][1]] + mark
            whole = through == len(pieces) - 1
            at = len(run) if whole and check and mark == ID_NUMBER else pieces[through][2]
        piece = through + 1
    return told + run[at:] if at or told else run


def _named(pieces: list[tuple[str, int, int]], first: int, check: str, before: str) -> tuple[str, int]:
    """Return the mark of the longest number that begins with a piece, and the piece it ends with."""
    said, best = "", ("", first)
    for last in range(first, len(pieces)):
        said += pieces[last][0]
        if len(said) > LONGEST_NUMBER:
            break
        mark = _kind(said, before) or (check and last == len(pieces) - 1 and _kind(said + check, before)) or ""
        best = (mark, last) if mark else best
    return best


def _kind(said: str, before: str) -> str:
    """Return the mark of a number by its digits and by what stands before it, "" for one that is no person's."""
    if _ID.fullmatch(said):
        return ID_NUMBER
    if _MOBILE.fullmatch(said) or _LANDLINE.fullmatch(said):
        return PHONE
    if _SAYS_PHONE.search(before) and _LOCAL.fullmatch(said):
        return PHONE
    if 3 <= len(said) <= 6 and _SAYS_TAIL.search(before):
        return PHONE
    if 5 <= len(said) <= 12 and _SAYS_REACH.search(before):
        return REACH
    return CARD if _card(said, before) else ""


def _card(said: str, before: str) -> bool:
    if not said.isdigit() or not 12 <= len(said) <= 21:
        return False
    if _SAYS_CARD.search(before):
        return True
    return 16 <= len(said) <= 19 and (said.startswith("62") or (said[0] in "34569" and _luhn(said)))


def _luhn(said: str) -> bool:
    """Say whether the check digit fits (ISO/IEC 7812-1)."""
    doubled = [sum(divmod(2 * int(one), 10)) for one in said[-2::-2]]
    return (sum(map(int, said[-1::-2])) + sum(doubled)) % 10 == 0


def _plain(written: str) -> str:
    return "".join(_CHINESE.get(one) or str(unicodedata.digit(one)) for one in written)
