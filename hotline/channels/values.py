"""Reads one cell as one value: a moment, a number, a phone number, yes or no.

What cannot be read is told in words; nothing is guessed.

Every reader takes the text of a cell and raises ValueError with a Chinese reason where it cannot be read.
"""

import math
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from hotline.channels import daytime
from hotline.wire.nothing import says_nothing
from hotline.wire.tickets import Urgency

EARLIEST, LATEST = 1990, 2100  # years a ticket can be of
SERIALS = (32874, 73050)  # 1990-01-01 to 2099-12-31 as days of a spreadsheet
SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock's time; the zone is put on at the end

_SCIENTIFIC = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?E\+?\d{1,3}", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\s*(\d{2}):?(\d{2})(?::?(\d{2}))?)?")

# fmt: off
_URGENCIES: dict[str, Urgency] = {
    "普通": "normal", "一般": "normal", "正常": "normal", "平件": "normal", "不紧急": "normal", "否": "normal",
    "低": "normal",
    "紧急": "urgent", "急": "urgent", "急件": "urgent", "加急": "urgent", "较急": "urgent", "是": "urgent",
    "高": "urgent",
    "特急": "critical", "特急件": "critical", "非常紧急": "critical", "特别紧急": "critical",
    "突发": "critical", "重大": "critical",
}
_SATISFACTIONS = {
    "非常满意": 5, "很满意": 5, "满意": 4, "较满意": 4, "比较满意": 4, "是": 4, "基本满意": 3, "一般": 3,
    "不满意": 2, "较不满意": 2, "否": 2, "非常不满意": 1, "很不满意": 1, "5": 5, "4": 4, "3": 3, "2": 2, "1": 1,
}
_SOLVED: dict[str, Literal["yes", "partly", "no"]] = {
    "已解决": "yes", "解决": "yes", "是": "yes", "完全解决": "yes", "部分解决": "partly", "基本解决": "partly",
    "未解决": "no", "没有解决": "no", "没解决": "no", "否": "no",
}
_YES = {"是", "已联系", "有", "true", "1", "y", "yes", "保密", "需保密", "需要保密"}
_NO = {"否", "未联系", "无", "false", "0", "n", "no", "不保密", "公开", "不需要", "没有"}
_STATES = (  # a word of the state's name -> how far the ticket had come; the first word that occurs counts
    ("待回访", "answered"), ("已答复", "answered"), ("待审核", "answered"),
    ("未办结", "routed"), ("未完成", "routed"), ("未处理", "routed"), ("待办", "routed"),
    ("归档", "closed"), ("办结", "closed"), ("结案", "closed"), ("完结", "closed"), ("已完成", "closed"),
    ("关闭", "closed"), ("已处理", "closed"), ("办毕", "closed"), ("已回访", "closed"),
    ("办理中", "signed"), ("处理中", "signed"), ("处置中", "signed"), ("在办", "signed"), ("已签收", "signed"),
)
# fmt: on


def plain(text: str) -> str:
    """Return a short cell in one width, without what keeps it text in a spreadsheet: ="...", an apostrophe."""
    said = unicodedata.normalize("NFKC", text).strip()
    said = said[2:-1] if said.startswith('="') and said.endswith('"') and '"' not in said[2:-1] else said
    return said.removeprefix("'").strip()


def number(text: str) -> str:
    """Return the number of a ticket in another system."""
    said = plain(text)
    if not said:
        raise ValueError("编号是空的")
    if set(said) != {"#"} and says_nothing(said):
        raise ValueError(f"编号写的是“{said[:40]}”，等于没有编号")
    if _SCIENTIFIC.fullmatch(said):
        raise ValueError("编号被电子表格改成了科学计数，原编号已经丢失；请从原系统重新导出，并把编号列设为文本")
    if set(said) == {"#"}:
        raise ValueError("编号是电子表格因列宽不够显示的“####”，原编号已经丢失；请重新导出")
    if said.startswith("="):
        raise ValueError(f"编号是没有算出结果的公式“{said[:40]}”；请在电子表格软件中打开并保存后再导入")
    if len(said) > 128:
        raise ValueError(f"编号有{len(said)}个字符，超过128个；这一列可能错位")
    return re.sub(r"^(\d+)\.0+$", r"\1", said)


def moment(text: str, zone: ZoneInfo) -> datetime:
    """Return a time, aware; a date alone is its midnight in `zone`.  Days of a spreadsheet (43101.5) are understood."""
    said = plain(text)
    if "T" in said and re.search(r"(?:Z|[+-]\d\d:?\d\d)$", said):
        return _aware(said)
    here = _serial(said) or _packed(said, text) or _spelled(said, text)
    if not EARLIEST <= here.year < LATEST:
        raise ValueError(f"“{text.strip()}”的年份不合理")
    return here.replace(tzinfo=zone).astimezone(UTC)


def degrees(text: str) -> float | None:
    """Return a coordinate, None for an empty cell."""
    said = plain(text).rstrip("°EeNn").strip()
    if says_nothing(plain(text)):
        return None
    try:
        value = float(said)
    except ValueError:
        raise ValueError(f"坐标“{text.strip()[:40]}”不是数字，未采用") from None
    if not math.isfinite(value):
        raise ValueError(f"坐标“{text.strip()[:40]}”不是数字，未采用")
    return value


def phone(text: str) -> str:
    """Return a phone number, the first one if there are several."""
    said = re.split(r"[,/;、\n]|\s{2,}|转", plain(text))[0].strip()
    if _SCIENTIFIC.fullmatch(said):
        raise ValueError("电话被电子表格改成了科学计数，未采用")
    said = re.sub(r"^(\d+)\.0+$", r"\1", said)
    said = re.sub(r"[()]", "-", said).strip("- ")
    if not said or re.fullmatch(r"[0-9+*\- ]{3,24}", said):
        return said
    raise ValueError("电话不像电话号码，未采用")


def urgency(text: str) -> Urgency:
    """Return how urgent a matter is; "" = normal."""
    said = plain(text)
    if not said:
        return "normal"
    if said not in _URGENCIES:
        raise ValueError(f"不认识的紧急程度“{said[:20]}”，按一般处理")
    return _URGENCIES[said]


def kind(text: str) -> str:
    """Return the kind of a matter as we write it: 投诉, not 投诉类."""
    said = plain(text)
    return said.removesuffix("类")[:32] if len(said) > 2 else said


def yes(text: str) -> bool | None:
    """Return what a cell of 是/否 says; None for empty or anything else."""
    said = plain(text).lower()
    return True if said in _YES else False if said in _NO else None


def satisfaction(text: str) -> int | None:
    """Return 5 (非常满意) to 1 (非常不满意); None where nothing was said."""
    return _SATISFACTIONS.get(plain(text))


def solved(text: str) -> Literal["yes", "partly", "no"] | None:
    """Return whether the matter was solved; None where nothing was said."""
    return _SOLVED.get(plain(text))


def state(text: str) -> str:
    """Return how far a ticket had come: closed, answered, signed, routed; "" = the word is not known."""
    said = plain(text)
    return next((name for word, name in _STATES if word in said), "")


def levels(cells: list[str]) -> tuple[str, ...]:
    """Return the levels of a classification, folded: empty ones and repetitions (其他/其他/其他) are left out."""
    said = [re.sub(r"\s+", "", unicodedata.normalize("NFKC", cell)).replace("/", "、") for cell in cells]
    kept: list[str] = []
    for one in said:
        if one and one not in kept[-1:]:
            kept.append(one)
    return tuple(kept)


def _serial(said: str) -> datetime | None:
    if not re.fullmatch(r"\d{5}(?:\.\d+)?", said) or not SERIALS[0] <= float(said) <= SERIALS[1]:
        return None
    return SERIAL_ZERO + timedelta(seconds=round(float(said) * 86_400))


def _packed(said: str, text: str) -> datetime | None:
    found = _PACKED.fullmatch(said)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return _build(text, (year, month, day), (hour, minute, second))


def _spelled(said: str, text: str) -> datetime:
    found = _DATE.match(said)
    if not found:
        example = "2018-01-31 14:05"
        raise ValueError(f"“{text.strip()[:40]}”不是能识别的日期，应写成 {example} 这样的形式")
    day = (int(found[1]), int(found[2]), int(found[3]))
    rest = said[found.end() :].strip().removeprefix("T").strip()
    rest = re.sub(r"^(?:星期|周)[一二三四五六日天]\s*", "", rest)
    if not rest:
        return _build(text, day, (0, 0, 0))
    try:
        clock = daytime.read_daytime(rest)
    except ValueError as wrong:
        raise ValueError(f"“{text.strip()[:40]}”{wrong}") from None
    return _build(text, day, clock)


def _build(text: str, day: tuple[int, int, int], clock: tuple[int, int, int]) -> datetime:
    try:
        date(*day)
    except ValueError:
        raise ValueError(f"“{text.strip()[:40]}”这一天不存在（{day[0]}年{day[1]}月{day[2]}日）") from None
    hour, minute, second = clock
    extra = timedelta(days=hour == 24)
    try:
        return datetime(*day, hour % 24 if extra else hour, minute, second) + extra  # noqa: DTZ001 - a wall clock's time
    except ValueError:
        raise ValueError(f"“{text.strip()[:40]}”的时刻不存在") from None


def _aware(said: str) -> datetime:
    try:
        return datetime.fromisoformat(said).astimezone(UTC)
    except ValueError:
        raise ValueError(f"“{said[:40]}”不是能识别的时间") from None
