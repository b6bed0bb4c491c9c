"""Words that say nothing (-, /, 无, NULL, 未办结, 1900-01-01 ...) and rows that are sums: one list for all input.

An optional field that holds one of them is empty; one a matter cannot be without is refused, with what stands in it.
"""

import re
import unicodedata

NOT_RECKONED = "#未算出"  # begins what stands in a workbook for a formula without a result


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS = _words(r"""
    null none nil nan na n/a #n/a n.a \n undefined void blank empty unknown missing nodata tbd nat 1.#qnan 1.#ind
    -1.#ind #value! #ref! #div/0! #name? #num! #null! #spill! #calc! #getting_data #field! #unknown! #busy! #blocked!
    #connect!
    无 暂无 没有 无数据 暂无数据 暂无信息 无信息 无内容 无记录 暂无记录 空 空值 空白 空缺 缺 缺失 缺省 不详 不明 不知
    不知道 未知 不适用 待定 待填 待补 待补充 未提供 未填 未填写 未登记 未留 未录入 未采集 未获取 未设置
    未指定 没填 没留 无此项
""")
_WRAPPED = re.compile(r"[(\[<{\"'“「『【《](.{1,20})[)\]>}\"'”」』】》]")
_MARKS = re.compile(r"[-_/\\|.,:;*?!~+=#'\"`^·•…—–―─、。？！，：；＊～\s]{1,40}")
# what has not happened yet has no time, no unit and no word of its own
_NOT_YET = re.compile(
    r"(?:尚|还|暂|仍)?[未没](?:有)?(?:办结|办理|办|完成|完结|结案|归档|签收|接单|派单|派件|派发|分派|转办|答复|回复|反馈|"
    r"回访|处理|处置|受理|评价|开始|发生|到期|审核|关闭)"
)
# the first days of calendars and clocks, and their last: what a system writes where it has no date
_NO_DAY = re.compile(
    r"(?:0000[-/.年]00?[-/.月]00?日?|000[01][-/.年]0?1[-/.月]0?1日?|1900[-/.年]0?1[-/.月]0?[01]日?|1899[-/.年]12[-/.月]3[01]日?|"
    r"1753[-/.年]0?1[-/.月]0?1日?|1970[-/.年]0?1[-/.月]0?1日?|9999[-/.年]12[-/.月]31日?|00000000|19000101|19700101|00010101|99991231)"
    r"(?:[t ]?\d{1,2}:?\d{2}(?::?\d{2}(?:\.\d{1,9})?)?)?(?:z|[+-]\d{2}:?\d{2})?"
)
_FORMULA = re.compile(rf"{NOT_RECKONED}.{{0,80}}", re.DOTALL)
_SUM = re.compile(
    r"(?:本?[页月日周季年表]|今[日天]|全[年市区]|各[项类区])?(?:合计|小计|总计|共计|累计|总和|总数|总数量|汇总|合计数|平均|平均值|平均数|"
    r"grandtotal|subtotal|total|sum|average)(?:[(\d].{0,20}|[:：].{0,20}|[件条行个宗].{0,10})?"
)


def says_nothing(text: str) -> bool:
    """Say whether a text is empty, or stands where somebody or some system had nothing to say."""
    said = _folded(text)
    wrapped = _WRAPPED.fullmatch(said)
    said = wrapped[1] if wrapped else said
    bare = said.rstrip("。.,;!")
    forms = (_MARKS, _NOT_YET, _NO_DAY, _FORMULA)
    return not bare or said in _WORDS or bare in _WORDS or any(form.fullmatch(bare) for form in forms)


def meaningful(text: str) -> str:
    """Return a text without space around it, "" where it says nothing."""
    plain = text.strip()
    return "" if says_nothing(plain[:60]) and len(plain) <= 60 else plain


def is_sum(text: str) -> bool:
    """Say whether a cell names a row of sums: 合计, 小计, 本页总计：4."""
    return len(text) <= 60 and _SUM.fullmatch(_folded(text)) is not None


def _folded(text: str) -> str:
    """Return a short text in one width and case; no space but the one between a day and its time."""
    plain = unicodedata.normalize("NFKC", text[:80]).strip().lower()
    squeezed = re.sub(r"\s{1,80}", " ", plain)
    return squeezed if squeezed[:1].isdigit() else squeezed.replace(" ", "")
