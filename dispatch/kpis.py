"""What each ticket counts for, and rates from the counts: fixed denominators, intervals, no value from small numbers.

One ticket counts once in a rate, whoever is judged by it: for the whole region (`unit` "") it is a hit where every unit
kept its part, for a unit where that unit did.  解决率 and 满意率 are the citizen's own words in the last callback of a
closed ticket, never what units report, and both divide by the same valid callbacks.

What leaves the road:
    voided (作废)          counts nowhere: it was a mistake
    refused (不予受理)     is received, and in no rate
    withdrawn (撤回)       counts for what was done until then (dispatch, signing, returns), never for a result
    joined (合并)          is received; in the rates it counts only for its own caller's callback, with the unit that
                           has the matter
    excluded (不计入考核)  is received, and left out of every rate; the ground says how many it took out of which
    from history (历史)    counts for what the old file tells and for nothing else

Sources: 国办发〔2020〕53号 (closed loop, callback, evaluation) for what is measured; 国办发〔2019〕51号 (好差评), from
基本满意 up is satisfied; 凉政办发〔2018〕116号 art. 16-18 for progress, result and kept promises; 天津热线管理办法 2024
(draft) and 山东省政务服务热线管理办法 2020 for returns; the monthly boards of 榆林 and 连云港 for signing, closing,
returning and re-handling.  `dispatch.counting` holds the judgements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import sqrt
from typing import Annotated

import msgspec

from dispatch import counting
from dispatch.counting import Facts
from dispatch.lifecycle import State
from grids.messages import Message

RECEIVED = "received"
HIT, OUT = "+", "-"  # "solve" counts the cases, "solve+" the hits, "solve-untrue" what a ground took out
Z95 = 1.959963984540054  # the normal quantile of a two-sided 95 % interval


class FigureRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers of the rule, [figures] in `city.toml`.

    small    below so many cases a rate has no value;  ranked  from so many on it may be compared
    early    doors (sources) that matters come in by before anybody calls (未诉先办)
    weights  rate -> weight in the composite score (综合得分); none: there is no score
    """

    small: Annotated[int, msgspec.Meta(ge=1)] = 10
    ranked: Annotated[int, msgspec.Meta(ge=1)] = 30
    early: tuple[str, ...] = ("grid",)
    weights: dict[str, Annotated[float, msgspec.Meta(ge=0)]] = {}
    source: str = ""


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """One rate: `hits` of `of`.

    value, low, high  0 to 1, with the 95 % interval; None below `FigureRules.small`
    excluded          ground -> tickets it took out of `of`;  ranked  enough cases to compare by it
    """

    name: str
    label: str
    hits: int
    of: int
    value: float | None
    low: float | None
    high: float | None
    note: str
    ranked: bool
    excluded: dict[str, int]


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """The composite score, 0 to 100, of the rates that have a value; None if none has, or no weights are set.

    missing  rates that could not be counted in;  ranked  every rate of it is
    """

    value: float | None
    missing: tuple[str, ...]
    ranked: bool


class Measure(msgspec.Struct, frozen=True):
    """A rate and its rule.  up: more is better;  means: what is divided by what (口径), for people to read."""

    name: str
    label: str
    judge: counting.Judge
    up: bool
    means: str


def counts_of(facts: Facts, unit: str = "") -> dict[str, int]:
    """Return what a ticket counts for, name -> 1: in the whole, or for one of `units_of`."""
    if facts.state in (State.VOIDED, State.DRAFT):
        return {}
    found = {} if unit and unit not in {one.unit for one in facts.holds} else {RECEIVED: 1}
    for measure in MEASURES:
        verdict = measure.judge(facts, unit)
        if verdict is not None and facts.excluded:
            found[f"{measure.name}{OUT}{facts.excluded}"] = 1
        elif verdict is not None:
            found |= {measure.name: 1, f"{measure.name}{HIT}": 1} if verdict else {measure.name: 1}
    return found


def wilson(hits: int, of: int, z: float = Z95) -> tuple[float, float]:
    """Return the score interval of a share.  of > 0

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
    """
    share, more = hits / of, z * z / of
    middle = (share + more / 2) / (1 + more)
    reach = z / (1 + more) * sqrt(share * (1 - share) / of + more / (4 * of))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def rate(name: str, counts: Mapping[str, int], rules: FigureRules) -> Rate:
    """Return one rate of `MEASURES`.  raises KeyError on another name, ValueError where more hit than were counted"""
    label = MEASURE_BY_NAME[name].label
    hits, of = counts.get(f"{name}{HIT}", 0), counts.get(name, 0)
    if not 0 <= hits <= of:
        raise ValueError(Message("%(label)s：分子 %(hits)s 不在 0 到分母 %(of)s 之间", label=label, hits=hits, of=of))
    enough = of >= rules.small
    low, high = wilson(hits, of) if enough else (None, None)
    out = {key.removeprefix(f"{name}{OUT}"): n for key, n in counts.items() if n and key.startswith(f"{name}{OUT}")}
    return Rate(
        name=name,
        label=label,
        hits=hits,
        of=of,
        value=hits / of if enough else None,
        low=low,
        high=high,
        note=_note(of, rules),
        ranked=of >= max(rules.ranked, rules.small),
        excluded=out,
    )


def rates(counts: Mapping[str, int], rules: FigureRules) -> tuple[Rate, ...]:
    """Return every rate, in the order of `MEASURES`."""
    return tuple(rate(one.name, counts, rules) for one in MEASURES)


def score(found: Iterable[Rate], rules: FigureRules) -> Score:
    """Return the weighted mean of the rates that have a value; where less is better it takes what is left to 1."""
    weighed = [(one, rules.weights[one.name]) for one in found if rules.weights.get(one.name)]
    counted = [(_merit(one), weight) for one, weight in weighed if one.value is not None]
    whole = sum(weight for _, weight in counted)
    return Score(
        value=100 * sum(merit * weight for merit, weight in counted) / whole if whole else None,
        missing=tuple(one.label for one, _ in weighed if one.value is None),
        ranked=bool(weighed) and all(one.ranked for one, _ in weighed),
    )


def place(one: Rate) -> tuple[int, float]:
    """Return what sorts rows by a rate: the best first, then what is not ranked, at last what has no value."""
    if one.value is None:
        return 2, 0.0
    return int(not one.ranked), -_merit(one)


def _merit(one: Rate) -> float:
    value = one.value or 0.0
    return value if MEASURE_BY_NAME[one.name].up else 1 - value


def _note(of: int, rules: FigureRules) -> str:
    if of == 0:
        return "本期没有应计工单，不计算"
    if of < rules.small:
        return f"样本仅{of}件，样本少，不计算"
    return f"样本{of}件，不足{rules.ranked}件，不参与排名" if of < rules.ranked else ""


# fmt: off
MEASURES: tuple[Measure, ...] = (
    #       name                label     judge                         up, and what is divided by what
    Measure("contact",          "联系率",    counting.contact,             True,
            "已联系来电人并有记录的 ÷ 单位已报结果的；来电人说没有联系的，以来电人为准"),
    Measure("response",         "响应率",    counting.response,            True,
            "既联系了来电人又按时签收的 ÷ 单位已报结果且签收时限已有结论的"),
    Measure("solve",            "解决率",    counting.solve,               True,
            "来电人在最后一次回访中说“已解决”的 ÷ 已办结且有有效评价的"),
    Measure("satisfaction",     "满意率",    counting.satisfaction,        True,
            "来电人评“基本满意”及以上的 ÷ 已办结且有有效评价的"),
    Measure("on_time",          "按时办结率",  counting.in_time("hold"),     True,
            "在本单位办理时限内报结果的 ÷ 办理时限已有结论的；只计本单位占用的时间"),
    Measure("result_on_time",   "按期报结果率", counting.in_time("result"),   True,
            "在对来电人承诺的期限内报结果的 ÷ 期限已有结论的；中途换过单位的不计到单位"),
    Measure("progress_on_time", "按时报动态率", counting.in_time("progress"), True,
            "各次动态都按时报的 ÷ 报动态期限已有结论的；中途换过单位的不计到单位"),
    Measure("sign_on_time",     "及时签收率",  counting.in_time("sign"),     True,
            "在签收时限内签收或退单的 ÷ 签收时限已有结论的；超时默认签收的算不及时"),
    Measure("reach",            "回访触达率",  counting.reach,               True,
            "回访有人接听的 ÷ 应回访且已完成回访的；未接通不算满意，也不进解决率、满意率"),
    Measure("settled",          "直接解答率",  counting.settled,             True,
            "当场直接解答的 ÷ 受理的诉求；不含合并的来电、不予受理的和网格上报的"),
    Measure("early",            "未诉先办率",  counting.early,               True,
            "网格发现上报的 ÷ 受理的；不含合并的来电和不予受理的"),
    Measure("first_right",      "首派准确率",  counting.first_right,         True,
            "第一次派到的单位没有变过的 ÷ 派过单的；按首派单位统计"),
    Measure("kept",             "承诺兑现率",  counting.kept,                True,
            "答复中的承诺全部兑现的 ÷ 承诺已有结论的工单"),
    Measure("whistle_on_time",  "吹哨按时响应率", counting.in_time("whistle"), True,
            "被吹哨后在时限内答复的 ÷ 响应时限已有结论的"),
    Measure("helped",           "基层评价率",  counting.helped,              True,
            "网格评价“帮上了”的 ÷ 网格评价过的吹哨；按被吹哨的单位统计"),
    Measure("returned",         "退单率",    counting.returned,            False,
            "本单位退过单的 ÷ 派给本单位的"),
    Measure("invalid_return",   "无效退单率",  counting.invalid_return,      False,
            "退单后经审核不成立、仍由原单位承办的 ÷ 退单已有结论的"),
    Measure("redone",           "重办率",    counting.redone,              False,
            "因来电人不满意或未解决而重办的 ÷ 单位已报结果的"),
    Measure("rejected",         "审核退回率",  counting.rejected,            False,
            "报送审核的结果被退回过的 ÷ 报送审核过的；按规则不经审核的不计"),
    Measure("extended",         "延期率",    counting.extended,            False,
            "经批准延过期的 ÷ 由本单位承办的"),
)
# fmt: on

MEASURE_BY_NAME: dict[str, Measure] = {one.name: one for one in MEASURES}
RATE_NAMES: dict[str, str] = {one.name: one.label for one in MEASURES}


def texts() -> Iterator[str]:
    """Yield every text of the table that a reader sees."""
    for one in MEASURES:
        yield one.label
        yield one.means
