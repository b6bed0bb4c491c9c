"""The twelve-hour clock: the right moment, or refused with a reason; never twelve hours wrong."""

from zoneinfo import ZoneInfo

import pytest

from hotline.channels import daytime, values

CHINA = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("said", "here"),
    [
        ("下午 11:30:00", "30 23:30:00"), ("12:30:00 AM", "30 00:30:00"), ("上午12:10", "30 00:10:00"),
        ("晚上12点", "31 00:00:00"), ("晚上12:30", "31 00:30:00"), ("11:30 PM", "30 23:30:00"),
        ("中午12:30", "30 12:30:00"),
        ("中午1点", "30 13:00:00"), ("中午11:50", "30 11:50:00"), ("凌晨12点", "30 00:00:00"),
        ("凌晨3时5分20秒", "30 03:05:20"),
        ("下午15:30", "30 15:30:00"), ("下午12:00", "30 12:00:00"), ("下午 0:30", "30 12:30:00"),
        ("晚上8点半", "30 20:30:00"),
        ("晚上20:15", "30 20:15:00"), ("傍晚6点", "30 18:00:00"), ("夜间11:20", "30 23:20:00"),
        ("夜间2点", "30 02:00:00"),
        ("早上8点钟", "30 08:00:00"), ("十一点半", "30 11:30:00"), ("下午三点一刻", "30 15:15:00"),
        ("3:05pm", "30 15:05:00"),
        ("12:30 p.m.", "30 12:30:00"), ("a.m. 9:05", "30 09:05:00"), ("9 PM", "30 21:00:00"),
        ("3点05", "30 03:05:00"),
        ("23点零五分", "30 23:05:00"), ("星期二 下午2:00", "30 14:00:00"), ("下午 3:00 PM", "30 15:00:00"),
        ("上午９：０５", "30 09:05:00"), ("14:05:30.250", "30 14:05:30"),
    ],
)  # fmt: skip
def test_the_moment_meant(said: str, here: str) -> None:
    assert f"{values.moment(f'2026-10-30 {said}', CHINA).astimezone(CHINA):%d %H:%M:%S}" == here
    assert f"{values.moment(f'2026年10月30日{said}', CHINA).astimezone(CHINA):%d %H:%M:%S}" == here


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("上午 15:30", "“上午”与15点矛盾"), ("13:00 AM", "“AM”与13点矛盾"), ("上午 3:00 PM", "“上午”与“PM”矛盾"),
        ("凌晨 9:00", "“凌晨”与9点矛盾"), ("傍晚3点", "“傍晚”与3点矛盾"), ("晚上1点", "“晚上”与1点矛盾"),
        ("早上12点", "分不清"), ("半夜12点", "分不清"), ("下午 9:60", "时刻不存在"), ("24:30", "时刻不存在"),
        ("下午 25:00", "矛盾"), ("下午", "无法识别"), ("下午3", "无法识别"), ("三", "无法识别"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused(said: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        values.moment(f"2026-10-30 {said}", CHINA)
    assert said in str(refused.value)


def test_every_word_says_what_twelve_means_or_refuses_it() -> None:
    words = [word for part in daytime.PARTS for word in part.words]
    assert len(words) == len(set(words))
    for part in daytime.PARTS:
        for word in part.words:
            for hour in range(1, 12):
                meant = [one for one in (hour, hour + 12) if one in part.hours]
                if len(meant) == 1:
                    assert (
                        daytime.read_daytime(f"{word}{hour}:05")
                        == (meant[0], 5, 0)
                        == daytime.read_daytime(f"{hour}点5分{word}")
                    )
                else:
                    with pytest.raises(ValueError, match="矛盾"):
                        daytime.read_daytime(f"{word}{hour}:05")
            if part.twelve < 0:
                with pytest.raises(ValueError, match="分不清"):
                    daytime.read_daytime(f"{word}12:05")
            else:
                assert daytime.read_daytime(f"{word}12:05") == (part.twelve, 5, 0)
