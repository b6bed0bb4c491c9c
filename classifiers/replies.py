"""Reply pre-check (答复预检): what a reviewer would send a reply back for, told to the handler while there is time.

Advice, each with the words it rests on; nothing here refuses a reply.  Whether it promises something with a date is the
caller's knowledge (`dispatch.commitments`), as are other replies and the names of places.
Source: 国办发〔2020〕53号 (诉求办理质量、信息保护); 凉政办发〔2018〕116号 art. 17-18.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from classifiers.text import ID_NUMBER, PHONE, mask, normalise

Severity = Literal["strong", "advice", "off"]
LETTERS = re.compile(r"[^\W_]+")
PIECE = re.compile(r"[^。！？；!?;\n\r]+[！？!?]?")
ITEM = re.compile(
    r"(?:^|[。；;？！?!\n\r\s:：,，])"
    r"(?:第?[一二三四五六七八九十]{1,2}[、是，]|[1-9][、.．)）](?!\d)|[（(][一二三四五1-9][)）])"
)
WHEN = re.compile(
    r"(?:\d{4}年)?\d{1,2}月\d{1,2}[日号]|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|[\d一二两三五十]{1,9}个?(?:工作日|小时)|"
    r"(?:今|昨|当|次|同)[天日]|\d{4}年|\d{1,2}月(?:份|底|初|中旬|上旬|下旬)?|[上下]午|年底"
)
BASIS = re.compile(
    r"《[^》\n]{2,60}》|第[一二三四五六七八九十百\d]+条|〔20\d\d〕\d+号|"
    r"(?:政策|法规|规范|标准|文件|法律)(?:的?规定|要求)"
)
ASKS = re.compile(r"[?？]|请|希望|要求|建议|能否|是否|何时|什么时候|为什么|怎么|如何|咨询")
MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
ACTED = re.compile(r"已[经对将于安派组要责完]|现场|调查|核实|安排|责令|整改|派[人员]|组织|查处|维修|处理完")
REFUSED = re.compile(
    r"(?:您|你|该户|申请人|其|您家|你家)[^。；]{0,30}(?:不符合|不能办理|无法办理|不享受|没有资格|未达到)|"
    r"不予(?:受理|批准|办理|支持|采纳)|不能享受|无法满足|暂不(?:考虑|能|予)|没有(?:这|此)项政策"
)
OTHERS = re.compile(r"请您|请你|希望|要求|督促|建议您|敦促|函")  # somebody else's haste, and no promise
TO_WHOM = re.compile(r"向[^，。；！]{2,30}(?:反映|提出|咨询|申请|投诉|举报|了解|申报)")
DIGITS = re.compile(r"\D")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


class ReplyRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Word lists and limits, all of them city data.  `severity`: code of a finding -> strong, advice, off.

    faces   share of the demand's own pairs of characters that the reply takes up, below which it misses the matter,
            if there are fewer than `shared` of them in all: a long demand may well get a short answer
    part    the same for one of several numbered questions
    short   letters a reply has at least, empty phrases not counted
    copied  how alike (0 to 1) two replies to different matters are a copy;  copied_from  letters below which all are
    """

    faces: float = 0.1
    shared: int = 5
    part: float = 0.05
    short: int = 30
    copied: float = 0.9
    copied_from: int = 60
    contact: tuple[str, ...] = _words(
        "电话联系 联系您 与您联系 取得联系 联系来电人 联系诉求人 联系了 已联系 致电 电话沟通 电话回复 "
        "电话告知 电话答复 与您沟通 当面 上门 面谈 走访 约见 短信告知 沟通解释 多次联系 回访 与业主 "
        "联系反映人 联系投诉人 与投诉人 "
    )
    reach: tuple[str, ...] = ("联系电话", "咨询电话", "电话", "热线", "联系人", "详询", "拨打")
    empty: tuple[str, ...] = _words(
        "感谢您对我们工作的理解和支持 感谢您对我们工作的支持 感谢您的支持 感谢您的理解 感谢您的关注 "
        "感谢您的来信 感谢您的留言 感谢您的反映 祝您生活愉快 祝您工作顺利 我们将认真研究 将予以高度重视 "
        "高度重视 我们将继续努力 我们会继续努力 您的留言已收悉 您反映的问题已收悉 您的来信已收悉 "
        "现将有关情况回复如下 现回复如下 现答复如下 特此回复 如有疑问请来电咨询 请您耐心等待 敬请谅解 "
    )
    away: tuple[str, ...] = _words(
        "不属于我单位 不属于我局 不属于本单位 不属于我街道 不属于我部门 不属于我们 不在我局职责 "
        "不在我单位职责 不属我局 不属我单位 非我局职责 非我单位职责 不归我 不是我局 不是我单位 无管辖权 "
        "职权范围外 超出我局 超出我单位 无权处理 无权管理 没有管理权限 "
    )
    where: tuple[str, ...] = _words(
        "请向 可向 建议您向 建议向 请联系 请拨打 可拨打 建议您联系 已转 转交 移交 转至 转由 应由 由其 "
        "属于 负责单位 主管部门为 职能部门是 建议您到 请到 可到 可前往 请前往 建议您通过 "
    )
    later: tuple[str, ...] = _words("将尽快 尽快 适时 条件成熟 正在研究 正在推进 逐步解决 待时机 争取早日 抓紧 ")
    common: tuple[str, ...] = _words(
        "您好 你好 尊敬的 领导 希望 请问 咨询 投诉 反映 关于 相关 部门 政府 问题 情况 我们 我是 他们 没有 "
        "可以 什么 怎么 如何 为什么 是否 能否 解决 处理 谢谢 现在 进行 已经 因为 所以 但是 一个 这个 这样 "
        "就是 市民 来电 网友 请求 要求 建议 有关 居民 业主 小区 工作 严重 "
    )
    severity: dict[str, Severity] = {}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What was noticed: a sentence for the handler, and the words of the reply (or of the demand) it rests on.

    span   where they stand in the reply, (0, 0) where they are not of the reply;  words are masked
    """

    code: str
    severity: Severity
    text: str
    words: str = ""
    span: tuple[int, int] = (0, 0)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A reply with what is known beside it.

    numbers   the citizen's own numbers;  others  replies to other matters
    dated     it promises something by a day (`dispatch.commitments`);  contacted  the handler ticked "has called"
    """

    demand: str
    reply: str
    title: str = ""
    numbers: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    dated: bool = False
    contacted: bool = False


SEVERITY: dict[str, Severity] = {"citizen_number": "strong", "id_number": "strong", "empty": "strong", "away": "strong"}


def check(draft: Draft, rules: ReplyRules) -> tuple[Finding, ...]:
    """Return what a reviewer would ask about, the strong first; nothing of a blank reply."""
    if not LETTERS.search(draft.reply):
        return ()
    found = [one for rule in CHECKS for one in rule(draft, rules)]
    held = [msgspec.structs.replace(one, severity=_severity(one.code, rules)) for one in found]
    return tuple(sorted((one for one in held if one.severity != "off"), key=lambda one: one.severity != "strong"))


def faced(demand: str, reply: str, rules: ReplyRules) -> float:
    """Return which share of the demand's own pairs of characters the reply takes up, 1 where it has none."""
    return _share(_pairs(demand, rules.common), _pairs(reply, rules.common))


def _share(asked: set[str], said: set[str]) -> float:
    return len(asked & said) / len(asked) if asked else 1.0


def _severity(code: str, rules: ReplyRules) -> Severity:
    return rules.severity.get(code, SEVERITY.get(code, "advice"))


def _note(code: str, text: str, words: str = "", at: int = -1) -> Finding:
    span = (at, at + len(words)) if at >= 0 else (0, 0)
    return Finding(code=code, severity="advice", text=text, words=mask(words), span=span)


def _numbers(draft: Draft, _rules: ReplyRules) -> Iterator[Finding]:
    own = {DIGITS.sub("", one)[-11:] for one in draft.numbers if len(DIGITS.sub("", one)) >= 7}
    said = {DIGITS.sub("", one[0])[-11:] for one in MOBILE.finditer(draft.demand)}
    for number in sorted(own - said):
        digits = r"[- ]?".join(number)
        if (hit := re.search(rf"(?<!\d){digits}(?!\d)", draft.reply)) and not MOBILE.fullmatch(hit[0]):
            yield _note("citizen_number", "答复里有诉求人的电话号码，请删除", hit[0], hit.start())
    for hit in MOBILE.finditer(draft.reply):
        if DIGITS.sub("", hit[0])[-11:] in own | said:
            yield _note("citizen_number", "答复里有诉求人的电话号码，请删除", hit[0], hit.start())
        else:
            yield _note("mobile", "答复里有手机号码：如是个人号码请改为单位公开电话", hit[0], hit.start())
    if ID_NUMBER in mask(draft.reply):
        yield _note("id_number", "答复里有身份证件号码，请删除", ID_NUMBER)


def _empty(draft: Draft, rules: ReplyRules) -> Iterator[Finding]:
    plain = normalise(draft.reply)
    used = [phrase for phrase in rules.empty if normalise(phrase) in plain]
    for phrase in sorted(used, key=len, reverse=True):
        plain = plain.replace(normalise(phrase), "")
    rest = sum(map(len, LETTERS.findall(plain)))
    if rest < rules.short:
        code, why = ("empty", "除了客套话几乎没有内容") if used else ("short", "答复很短")
        yield _note(
            code, f"{why}（{rest}字），请写明查了什么、做了什么、结果怎样", used[0] if used else draft.reply[:40]
        )


def _core(draft: Draft, rules: ReplyRules) -> Iterator[Finding]:
    if any(_empty(draft, rules)):
        return
    core = draft.title if len(_pairs(draft.title, rules.common)) >= 4 else _asked(draft.demand)
    share = max(faced(core, draft.reply, rules), faced(draft.demand, draft.reply, rules))
    shared = _pairs(draft.demand, rules.common) & _pairs(draft.reply, rules.common)
    if share < rules.faces and len(shared) < rules.shared:
        yield _note("core", "答复没有提到诉求所说的事，请对照诉求逐项答复", core[:60])
        return
    items, said = _items(draft.demand), _pairs(draft.reply, rules.common)
    missed = [one for one in items if _share(_pairs(one, rules.common), said) < rules.part]
    if missed and len(items) > 1:
        yield _note("part", f"诉求分{len(items)}项，其中{len(missed)}项在答复里找不到对应内容", missed[0][:60])


def _contact(draft: Draft, rules: ReplyRules) -> Iterator[Finding]:
    if draft.contacted and not any(word in draft.reply for word in rules.contact):
        yield _note("contact", "勾选了“已联系诉求人”，答复里没有写何时怎样联系的")
    elif not draft.contacted and not any(word in draft.reply for word in (*rules.contact, *rules.reach)):
        yield _note("contact", "没有写明是否联系过诉求人，也没有留下可以咨询的电话")


def _grounds(draft: Draft, rules: ReplyRules) -> Iterator[Finding]:
    del rules
    if ACTED.search(draft.reply) and not WHEN.search(draft.reply):
        yield _note("time", "写了做过或要做的事，没有写时间：何时查看、何时办理或何时能办好")
    refusing = REFUSED.search(draft.reply)
    if refusing and not BASIS.search(draft.reply):
        yield _note("basis", "没有满足诉求，又没有写依据（文件名称或条款）", refusing[0], refusing.start())


def _later(draft: Draft, rules: ReplyRules) -> Iterator[Finding]:
    if draft.dated:
        return
    for sentence in PIECE.finditer(draft.reply):
        hit = next((word for word in rules.later if word in sentence[0]), "")
        if hit and not WHEN.search(sentence[0]) and not OTHERS.search(sentence[0]):
            at = sentence.start() + sentence[0].index(hit)
            yield _note("undated", f"写了“{hit}”，没有写到哪一天；能定日期的请写明日期", hit, at)
            return


def _away(draft: Draft, rules: ReplyRules) -> Iterator[Finding]:
    hit = next((word for word in rules.away if word in draft.reply), "")
    told = any(word in draft.reply.replace(hit, "") for word in rules.where) or TO_WHOM.search(draft.reply)
    if hit and not told:
        yield _note("away", "说不归本单位管，没有告诉诉求人应找哪个单位", hit, draft.reply.index(hit))


def _copied(draft: Draft, rules: ReplyRules) -> Iterator[Finding]:
    mine = _counted(draft.reply)
    if mine.total() < rules.copied_from:
        return
    for other in draft.others:
        theirs = _counted(other)
        both = mine.total() + theirs.total()
        if min(mine.total(), theirs.total()) * 2 >= both * rules.copied and (
            2 * (mine & theirs).total() >= rules.copied * both
        ):
            yield _note("copied", "与另一件工单的答复几乎一样，请核对是否针对这件诉求", draft.reply[:40], 0)
            return


CHECKS: tuple[Callable[[Draft, ReplyRules], Iterator[Finding]], ...] = (
    _numbers,
    _empty,
    _away,
    _core,
    _contact,
    _grounds,
    _later,
    _copied,
)


def _asked(demand: str) -> str:
    """Return the sentences that ask for something; all of them where none does."""
    pieces = PIECE.findall(demand)
    asking = [
        one
        for one in pieces
        if re.search(r"[?？]|请|希望|要求|建议|能否|是否|何时|什么时候|为什么|怎么|如何|咨询", one)
    ]
    return "".join(asking or pieces)


def _items(demand: str) -> list[str]:
    """Return the numbered parts of a demand that ask for something."""
    cuts = [hit.start() for hit in ITEM.finditer(demand)]
    parts = [demand[start:end] for start, end in pairwise([*cuts, len(demand)])]
    return [one.strip(" 。；;：:，,\n\r\t") for one in parts if len(one) >= 12 and ASKS.search(one)]


def _letters(text: str, common: Sequence[str] = ()) -> list[str]:
    plain = mask(normalise(text)).replace(PHONE, " ")
    for word in common:
        plain = plain.replace(word, " ")
    return LETTERS.findall(plain)


def _pairs(text: str, common: Sequence[str]) -> set[str]:
    return {run[at : at + 2] for run in _letters(text, common) for at in range(len(run) - 1)}


def _counted(text: str) -> Counter[str]:
    return Counter(run[at : at + 2] for run in _letters(text) for at in range(len(run) - 1))
