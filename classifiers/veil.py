"""Masks numbers and names in a text for a reader who may not know the person; the rest stays as written.

`classifiers.text.mask` prepares a text for learning and changes its width; here every other character stays.  A number
is read whatever it is written in: digits of any width, Chinese numerals, with spaces, dashes or dots in between.  One
pass over the text: every pattern is linear.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

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
_LATIN = re.compile(r"[A-Za-zＡ-Ｚａ-ｚ@＠]")
_ACCOUNT = (
    r"(?:微信|薇信|(?<![A-Za-z])(?:q{2}|q(?=号)|vx|wx(?!id)|weixin|wechat|e-?mail)|扣扣|抖音|快手|小红书|邮箱|邮件|护照|军官证)"
    r"(?:号码|账号|帐号|号|id|地址)?"
)
_SAYS_REACH = re.compile(rf"{_ACCOUNT}[是为叫:： ]{{0,3}}\Z", re.IGNORECASE)
_W = "A-Za-z0-9_Ａ-Ｚａ-ｚ０-９＿"
_HANDLE = re.compile(
    rf"(?P<said>{_ACCOUNT}[是为叫:： ]{{0,3}})(?=[\d_.-]{{0,29}}[A-Za-zＡ-Ｚａ-ｚ])[{_W}][{_W}.-]{{4,29}}(?![@＠{_W}])"
    rf"|(?<![A-Za-z0-9])wxid[_-][{_W}-]{{1,40}}",
    re.IGNORECASE,
)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}[@＠][A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", re.ASCII)
_TITLE = "先生|女士|小姐|太太|同志|阿姨|大爷|大妈|大叔|大姐|大哥|师傅|老师|姐|哥|叔|婶|姨"
_CALLED = re.compile(rf"(?:{_TITLE})\Z")
_COMPOUND = re.compile(
    "欧阳|司马|上官|诸葛|司徒|皇甫|东方|南宫|西门|尉迟|公孙|慕容|令狐|长孙|宇文|夏侯|轩辕|端木|百里|东郭|独孤|呼延|"
    "闻人|澹台|公冶|宗政|濮阳|淳于|单于|太叔|申屠|仲孙|钟离|鲜于|闾丘|司空|拓跋|赫连|万俟|第五|梁丘|左丘"
)
_PLACE = (
    r"(?:[路街](?:[\d东西南北中一二三四五六七八九十与和、，。口]|社区|交叉)"
    r"|大街|街道|大道|小区|社区|花园|公园|广场|大厦|小学|中学|医院)"
)
_TELLS = (
    r"(?![\u4e00-\u9fff])|(?=[说称又再也讲问来去在住的家要想把给和与等]|反映|表示|认为|电话)"  # behind 小X: no 小高层
)
# Whoever says who they are, or whom to ask for: a name there is one, even if it might be another word elsewhere.
_SELF = re.compile(
    r"(?P<said>我是|本人是|我叫|本人|姓名|叫做|联系人|来电人|诉求人|举报人|投诉人|当事人|请找|联系)"
    rf"(?P<mark>[:：是为叫 ]{{0,2}}){_SURNAME}[\u4e00-\u9fff]{{1,2}}"
    r"(?=[\s,，.。、；;！!？?（(〔)）\d]|的电话|的手机|先生|女士|\Z)"
)


def numbers(s: str) -> str:
    """Return `s` with phone, ID and card numbers, mail addresses and account names replaced by what they were."""
    if _LATIN.search(s):
        s = _MAIL.sub(REACH, s) if "@" in s or "＠" in s else s
        s = _HANDLE.sub(lambda found: (found["said"] or "") + REACH, s)
    return _RUN.sub(_run, s)


def strict(s: str, names: Sequence[str] = ()) -> str:
    """Return `s` with numbers, plates and names replaced: the names given, and those that are one by their place."""
    s = unnamed(numbers(s), tuple(names), NAME)
    return mask(_SELF.sub(rf"\g<said>\g<mark>{NAME}", s))


def unnamed(s: str, names: tuple[str, ...], mark: str, *, place: bool = False) -> str:
    """Return `s` with these persons' names replaced by a mark: whole, and the given name alone.

    A given name of one character, and a surname, are names only beside a title (敏女士, 阿敏, 老苏).
    place   `s` is an address: there every given name, for roads and shops are called like people
    """
    pattern = _names(names, place)
    return pattern.sub(mark, s) if pattern else s


@lru_cache(maxsize=256)
def _names(names: tuple[str, ...], place: bool) -> re.Pattern[str] | None:
    ways: list[str] = []
    for name in sorted({one.strip() for one in names if len(one.strip()) > 1}, key=len, reverse=True):
        bare = _CALLED.sub("", name) if len(name) > 2 else name
        parts = [one for one in re.split(r"[\s·•・.]+", bare) if len(one) > 1]
        ways += [_spaced(one) for one in (name, bare) if len(one) > 1]
        if not re.fullmatch(r"[\u3400-\u9fff\s]+", bare):
            ways += [rf"(?<![A-Za-z]){_spaced(one)}(?![A-Za-z])" for one in parts]
            continue
        whole = "".join(bare.split())
        cut = 2 if len(whole) > 2 and _COMPOUND.match(whole) else 1
        for one in filter(None, (whole[cut:], whole[:cut])):
            ways.append(rf"{_spaced(one)}(?=\s?(?:{_TITLE}))|(?<=[小老阿]){_spaced(one)}(?:{_TELLS})")
        if len(whole) - cut > 1 and not place:
            ways.append(rf"{_spaced(whole[cut:])}(?!{_PLACE})")
    return re.compile("|".join(ways), re.IGNORECASE) if ways else None


def _spaced(name: str) -> str:
    return r"\s?".join(map(re.escape, name))


def plain(s: str) -> bool:
    """Say whether nothing in `s` can be part of a number or an account's name."""
    return not digits(s) and _LATIN.search(s) is None


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
