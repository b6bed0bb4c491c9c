"""One form for what is taught and asked: no routing request, no title that is the text's own beginning."""

from datetime import UTC, datetime

import pytest

from classifiers import questions
from classifiers.samples import Around

PHRASES = ("请*核实处理", "^市民来电反映：", "谢谢")


@pytest.mark.parametrize(
    ("text", "title", "asked"),
    [
        ("路灯坏了。请路灯所核实处理！谢谢！", "", ("路灯坏了。", "")),
        ("路灯坏了，晚上很黑。", "路灯坏了，晚上很黑", ("路灯坏了，晚上很黑。", "")),
        ("路灯坏了，晚上很黑。", "路灯坏了，晚…", ("路灯坏了，晚上很黑。", "")),
        ("市民来电反映：路灯坏了，很黑。", "市民来电反映：路灯坏了", ("路灯坏了，很黑。", "")),
        ("市民来电反映：路灯坏了，很黑。", "路灯坏了", ("路灯坏了，很黑。", "")),
        ("  路灯\n坏了，很黑", "路灯 坏了", ("路灯\n坏了，很黑", "")),
        ("路灯坏了，很黑。", "关于路灯不亮的问题，请路灯所核实处理", ("路灯坏了，很黑。", "关于路灯不亮的问题")),
        ("路灯坏了，很黑。", "坏了的路灯", ("路灯坏了，很黑。", "坏了的路灯")),
        ("", "路灯", ("", "路灯")),
    ],
    ids=["none", "whole", "cut", "raw", "bare", "spaces", "own", "other words", "no text"],
)
def test_text_and_title_as_they_are_asked(text: str, title: str, asked: tuple[str, str]) -> None:
    said = questions.bare(text, title, PHRASES)
    assert (said[0].strip("！!"), said[1].strip("，")) == asked
    assert questions.bare(*said, PHRASES) == said, "what is bare stays as it is"


def test_beside_the_words() -> None:
    night = datetime(2026, 11, 7, 23, tzinfo=UTC)
    found = questions.beside(("1", "", "12"), "12345", night, settled="03")
    assert found == Around(settled="03", places=("1", "12"), signs=("12345", "night", "weekend"))
    assert questions.beside((), "", None) == Around()
