"""Reads the time of a day as people and exports write it: 14:05, 下午2:05, 2:05 PM, 晚上12点, 十一点半.

One table of the words of a day (`PARTS`) for every reader of times.  A word and an hour that contradict each other are
refused, and so is an hour the word leaves open (半夜12点: the day's beginning or its end?).
"""

import re

import msgspec

NUMERALS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, *range(3, 10)), strict=True))


class Part(msgspec.Struct, frozen=True):
    """Words for a part of the day.

    hours   those of the 24 it covers; an hour of the twelve means the one of its two that is covered
    twelve  what "12" means: 0 the day's beginning, 12 noon, 24 the day's end; -1 it says neither, and is refused
    """

    words: tuple[str, ...]
    hours: frozenset[int]
    twelve: int


def _hours(*spans: tuple[int, int]) -> frozenset[int]:
    return frozenset(hour for first, last in spans for hour in range(first, last + 1))


# 上午 and 下午 are also how a computer set to Chinese writes AM and PM: 上午12:10 is ten past midnight.
PARTS = (
    Part(("上午", "AM", "A.M.", "午前"), _hours((0, 11)), 0),
    Part(("下午", "PM", "P.M.", "午后"), _hours((12, 23)), 12),
    Part(("中午", "正午", "晌午"), _hours((11, 14)), 12),
    Part(("凌晨", "拂晓"), _hours((0, 6)), 0),
    Part(("早上", "早晨", "清晨", "清早", "早间", "早"), _hours((1, 11)), -1),
    Part(("傍晚", "黄昏"), _hours((16, 20)), -1),
    Part(("晚上", "晚间", "夜晚", "当晚", "晚"), _hours((17, 23)), 24),
    Part(("夜间", "夜里", "深夜", "半夜", "午夜", "夜"), _hours((0, 5), (18, 23)), -1),
)
_BY_WORD = {word: part for part in PARTS for word in part.words}
_WORD = "|".join(re.escape(word) for word in sorted(_BY_WORD, key=len, reverse=True))
_N = r"\d{1,2}|[零〇一二两三四五六七八九十]{1,3}"
_TIME = re.compile(
    rf"(?P<before>{_WORD})?\s{{0,9}}(?P<hour>{_N})\s{{0,9}}(?:"
    r":\s{0,9}(?P<minute>\d{1,2})(?:\s{0,9}:\s{0,9}(?P<second>\d{1,2})(?:[.,]\d{1,9})?)?|"
    rf"[时点點]钟?整?\s{{0,9}}(?:(?P<half>半|[一三]刻)|(?P<minutes>{_N})\s{{0,9}}分?\s{{0,9}}"
    rf"(?:(?P<seconds>{_N})(?:\.\d{{1,9}})?\s{{0,9}}秒)?)?"
    rf")?\s{{0,9}}(?P<after>{_WORD})?",
    re.IGNORECASE,
)
_PARTS_OF_HOUR = {"半": 30, "一刻": 15, "三刻": 45}


def read_daytime(said: str) -> tuple[int, int, int]:
    """Return hour, minute and second; the hour is 24 where the day's end or the minutes behind it are meant.

    raises   ValueError in words for people, without the text itself: what cannot be read, or contradicts itself
    """
    found = _TIME.fullmatch(said)
    words = [found[name] for name in ("before", "after") if found[name]] if found else []
    bare = found is not None and not (found["minute"] or "点" in said or "时" in said or "點" in said)
    if found is None or (bare and not any(word.isascii() for word in words)):
        raise ValueError("的时间部分无法识别，应写成 14:05 或 14:05:30")
    minute = _PARTS_OF_HOUR.get(found["half"] or "") or spoken_number(found["minute"] or found["minutes"] or "0")
    second = spoken_number(found["second"] or found["seconds"] or "0")
    hours = {_hour(word, spoken_number(found["hour"])) for word in words} or {spoken_number(found["hour"])}
    if len(hours) > 1:
        raise ValueError(f"的“{words[0]}”与“{words[1]}”矛盾")
    (hour,) = hours
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and not words and (minute or second)):
        raise ValueError("的时刻不存在")
    return hour, minute, second


def _hour(word: str, hour: int) -> int:
    """Return which hour of the 24 is meant.  raises ValueError where the word excludes it, or leaves it open"""
    part = _BY_WORD.get(word.upper()) or _BY_WORD[word]
    if hour in {12, 24} and part.twelve < 0:
        raise ValueError(f"的“{word}{hour}点”分不清是一天的开始、中午还是结束，请写成 0:00、12:00 或 24:00")
    if hour == 12:
        return part.twelve
    if hour == 24 and part.twelve == 24:
        return hour
    meant = [one for one in (hour, hour + 12 if hour < 12 else -1) if one in part.hours]
    if len(meant) != 1:
        raise ValueError(f"的“{word}”与{hour}点矛盾")
    return meant[0]


def spoken_number(said: str) -> int:
    """Return 23 of "23" and of "二十三"."""
    if said.isdecimal():
        return int(said)
    tens, ten, ones = said.rpartition("十")
    digits = [NUMERALS[one] for one in ones] or [0]
    return (NUMERALS.get(tens, 1) * 10 if ten else 0) + int("".join(map(str, digits)))
