import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from classifiers.signatures import OF_TEXT, OF_TITLE, signature

TEXT = "和平小区三号楼门口的路灯坏了一个星期，晚上看不清路，请派人来修"
TEXTS = st.text(alphabet="和平小区三号楼门口的路灯坏了，。a1 😀", max_size=200)


def test_it_is_the_same_on_every_machine_and_in_every_run() -> None:
    told = subprocess.run(
        [sys.executable, "-c", f"from classifiers.signatures import signature; print(signature({TEXT!r}, '路灯'))"],
        capture_output=True, check=True, text=True, env={"PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert told.stdout.strip() == str(signature(TEXT, "路灯"))
    assert signature("路灯不亮") == (674801171, 1108340963)


@given(TEXTS, TEXTS)
def test_at_most_sixteen_different_numbers_of_32_bits(text: str, title: str) -> None:
    found = signature(text, title)
    assert len(found) == len(set(found)) <= OF_TEXT + OF_TITLE
    assert all(-(2**31) <= key < 2**31 for key in found)


@given(TEXTS)
def test_what_only_looks_different_has_the_same_numbers(text: str) -> None:
    assert signature(f" {text}。！") == signature(text)
    assert set(signature(text)) == set(signature(text.upper()))


def test_alike_texts_share_numbers_and_others_do_not() -> None:
    mine = set(signature(TEXT))
    alike = set(signature("和平小区三号楼门口的路灯坏了快两个星期，晚上看不清路"))
    other = set(signature("昨天在超市买的牛奶过期了，要求退款并赔偿"))
    assert len(mine & alike) >= 4
    assert not mine & other


def test_long_numbers_are_no_words() -> None:
    assert signature("路灯不亮，电话13800001234") == signature("路灯不亮，电话")
    assert signature("工单号20260101000001路灯不亮") == signature("工单号路灯不亮")


def test_odd_texts() -> None:
    assert signature("") == signature("😀😀，。") == ()
    assert len(signature("灯")) == 1
    assert len(signature("路灯不亮" * 12_500)) == 4
    assert signature("\ud800路灯不亮")
