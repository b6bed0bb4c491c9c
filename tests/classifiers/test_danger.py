"""What hears danger: patterns, the words that keep them silent, and lists that say nothing."""

from typing import Any

import msgspec
import pytest

from classifiers.danger import BUDGET, BadList, Counter, DangerLists, Ears, Kind
from classifiers.danger_scores import READ_CHARACTERS, Scores, matter, parse, written

LISTS = DangerLists(
    words={"gas": "燃气 煤气", "leak": "泄漏 漏气", "now": "现在 正在", "fell": "掉 掉进", "lost": "不见了 走失"},
    typos="煤汽=煤气",
    kinds=(
        Kind(name="燃气", critical=("gas leak", "煤气味!"), unless="安装"),
        Kind(name="落水", critical=("孩子 > fell > 河|江 @6",)),
        Kind(name="走失", critical=("孩子 lost",), urgent=("lost",)),
        Kind(name="火", critical=("火", "打120"), unless="烧烤"),
    ),
    counters=(
        Counter(name="俗语", how="inside", words="火锅 火车"),
        Counter(name="没有", how="before", words="没有 未"),
        Counter(name="如果", how="before", words="如果", reach=8),
        Counter(name="东西", how="before", words="手机", reach=1, sets=("lost",)),
        Counter(name="答复", how="after", words="公安局回复："),
        Counter(name="演练", how="sentence", words="演练"),
        Counter(name="过去", how="text", words="去年", unless="now"),
        Counter(name="某日", how="sentence", words="3月", kinds=("火",)),
    ),
)
EARS = Ears(LISTS)


@pytest.mark.parametrize(
    ("text", "grade", "kind"),
    [
        ("小区燃气泄漏", "critical", "燃气"),
        ("泄漏的是煤气", "critical", "燃气"),
        ("煤汽漏气了", "critical", "燃气"),
        ("燃气公司的人来过，说过两天再来看看哪里泄漏", "", ""),  # too far from each other
        ("安装以后燃气泄漏", "", "燃气"),
        ("安装以后有煤气味", "critical", "燃气"),  # "!" speaks all the same
        ("孩子掉进河里", "critical", "落水"),
        ("河边的孩子掉了鞋", "", ""),  # in this order only
        ("孩子走失", "critical", "走失"),
        ("老人走失", "urgent", "走失"),
        ("孩子的手机不见了", "", ""),  # what is lost is a thing
        ("楼上有火", "critical", "火"),
        ("楼下火锅店和火车站", "", ""),
        ("火锅店里有火", "critical", "火"),
        ("没有火", "", ""),
        ("未燃气泄漏", "", ""),
        ("如果燃气泄漏怎么办", "", ""),
        ("如果下雨，燃气泄漏", "critical", "燃气"),  # not in the same clause
        ("消防演练有火", "", "火"),
        ("消防演练。楼上有火", "critical", "火"),  # not in the same sentence
        ("去年有火。", "", "火"),
        ("去年有火。现在又有火", "critical", "火"),
        ("3月有火", "", "火"),
        ("3月燃气泄漏", "critical", "燃气"),  # a counter of other kinds
        ("路灯坏了。公安局回复：楼上有火", "", ""),
        ("打120", "critical", "火"),
        ("违章打1208号", "", ""),  # part of another number
        ("", "", ""),
    ],
)
def test_what_is_heard(text: str, grade: str, kind: str) -> None:
    found = EARS.hear(text)
    assert (found.grade, found.kind) == (grade, kind)


def test_the_title_is_heard_too() -> None:
    assert EARS.hear("请处理", "燃气泄漏").grade == "critical"


def test_each_answer_names_its_words_and_those_that_kept_it_silent() -> None:
    assert EARS.hear("小区燃气泄漏").why == "燃气：听到“燃气泄漏”"
    assert EARS.hear("消防演练有火").against == ("演练",)
    assert EARS.hear("楼下火锅店").against == ("火锅",)
    assert EARS.hear("消防演练有火").why == ""


def test_a_citys_further_words_speak_alone_but_not_against_the_counters() -> None:
    ears = Ears(LISTS, more=[("urgent", ["电线裸露"])])
    assert ears.hear("门口电线裸露").grade == "urgent"
    assert ears.hear("消防演练用的电线裸露").grade == ""


SCORES = Scores(above=1.0, bias=-1.0, weights={"悬着": 2.0, "外面": 1.0, "=fell": 3.0})


def test_where_no_pattern_speaks_the_sound_may() -> None:
    ears = Ears(LISTS, SCORES)
    found = ears.hear("三楼有个娃，脚在外面悬着，快来")
    assert (found.grade, found.kind, found.words) == ("critical", "疑似险情", ("脚在外面悬着",))
    assert ears.hear("老人掉了").grade == "critical"  # a set of words has its weight
    assert ears.hear("脚在外面").grade == ""
    assert ears.hear("演练时脚在外面悬着").grade == ""


def test_a_sound_that_is_plain_outweighs_a_counter_word() -> None:
    text = "演练时脚在外面悬着"  # 2.0 loud
    for over, grade in ((1.9, "critical"), (2.1, "")):
        assert Ears(LISTS, msgspec.structs.replace(SCORES, over=over)).hear(text).grade == grade
    silenced = Ears(LISTS, msgspec.structs.replace(SCORES, over=1.9)).hear("演练有火，脚在外面悬着")
    assert (silenced.grade, silenced.kind) == ("critical", "疑似险情")


def test_a_pattern_is_not_believed_in_a_text_that_does_not_sound_like_danger() -> None:
    scores = msgspec.structs.replace(SCORES, least=-1.0, start=1.0, belief={"像漏": -3.0})
    ears = Ears(LISTS, scores, more=[("urgent", ["电线裸露"])])
    found = ears.hear("臭得像漏气，煤气一样")
    assert (found.grade, found.kind, found.against) == ("", "燃气", ("整句不像险情",))
    assert ears.hear("煤气漏气").grade == "critical"
    assert ears.hear("像漏了，电线裸露").grade == "urgent"  # a city's further words need no sound


def test_an_offices_set_form_does_not_outvote_a_short_matter() -> None:
    form = "市民来电反映: 煤气漏气。请市政府核实处理，谢谢！（请职能局按规定响应）"
    belief = {"来电": -3.0, "核实": -3.0, "谢谢": -3.0, "漏气": 1.0}
    scores = msgspec.structs.replace(SCORES, least=-1.0, start=0.0, belief=belief)
    assert Ears(LISTS, scores).hear(form).grade == "critical"
    assert Ears(LISTS, scores).hear("煤气漏气的事，你来电核实了").grade == ""


@pytest.mark.parametrize(
    ("plain", "bare"),
    [
        ("市民来电反映:楼上有火。请消防局核实处理!(请职能局按规定响应)", "楼上有火。"),
        ("\n110来电反映: 其是某小区的业主,楼上有火,存在安全隐患,谢谢!", "楼上有火,,"),
        ("楼上有火,请快派人来", "楼上有火,请快派人来"),
        ("", ""),
    ],
)
def test_the_bare_matter_of_a_text(plain: str, bare: str) -> None:
    assert matter(plain) == bare


def test_a_form_pushes_nothing_out_of_what_is_read() -> None:
    assert matter(f"市民来电反映:其是{'远' * 30}小区的业主,{'呀' * (READ_CHARACTERS - 4)}楼上有火").endswith("楼上有火")


def test_scores_are_written_and_read() -> None:
    both = msgspec.structs.replace(SCORES, over=2.0, least=-1.0, start=0.5, belief={"漏气": 1.0, "悬着": -1.0})
    assert parse(written(SCORES)) == SCORES
    assert parse(written(both)) == both
    for wrong in (
        "",
        "above\t1\n",
        "bias\t1\nabove\t2\n",
        "above\t1\nbias\t2\nx\n",
        "above\t1\nbias\tmuch\n",
        "above\t1\nbias\t2\nx\t1\tmuch\n",
    ):
        with pytest.raises(ValueError, match=r"."):
            parse(wrong)


@pytest.mark.parametrize(
    ("changes", "where", "message"),
    [
        ({"words": {"Gas": "燃气"}}, "$.words.Gas", "小写英文"),
        ({"words": {**LISTS.words, "gas": " "}}, "$.words.gas", "一个词也没有"),
        ({"typos": "煤汽=煤气罐"}, "$.typos", "字数相同"),
        ({"kinds": (Kind(name="火"),), "counters": ()}, "$.kinds[0]", "什么也听不到"),
        ({"kinds": (Kind(name="火", critical=("gass leak",)),), "counters": ()}, "$.kinds[0].critical[0]", "gass"),
        ({"kinds": (Kind(name="火", urgent=("gas @x",)),), "counters": ()}, "$.kinds[0].urgent[0]", "@x"),
        ({"kinds": (Kind(name="火", urgent=("!",)),), "counters": ()}, "$.kinds[0].urgent[0]", "一个词也没有"),
        ({"counters": (Counter(name="a", how="text", words="去年", unless="then"),)}, "$.counters[0].unless", "then"),
        ({"counters": (Counter(name="a", how="text", words="去年", kinds=("水",)),)}, "$.counters[0].kinds", "水"),
        ({"counters": (Counter(name="a", how="before", words="没", sets=("x",)),)}, "$.counters[0].sets", "x"),
        ({"counters": (Counter(name="a", how="inside", words=""),)}, "$.counters[0].words", "一个词也没有"),
    ],
)  # fmt: skip
def test_lists_that_say_nothing_are_refused_with_their_place(changes: dict[str, Any], where: str, message: str) -> None:
    with pytest.raises(BadList, match=message) as wrong:
        Ears(msgspec.structs.replace(LISTS, **changes))
    assert wrong.value.where == where


@pytest.mark.parametrize("piece", ["燃", "燃气", "泄漏", "燃气，", "如果", "孩子掉", "火锅", "。", "没有", "打120"])
def test_what_is_kept_of_a_text_grows_no_faster_than_it(piece: str) -> None:
    ends = [len(EARS._hits(piece * n)[0].get("gas", ())) for n in (400, 800)]
    assert ends[1] <= 2 * ends[0] + 1
    assert EARS.hear(piece * BUDGET) == EARS.hear(piece * (BUDGET // len(piece)))
