"""Errors of the office: no such ticket, a stale page, a wrong value, not allowed, too many requests.

`code` is for machines, `str()` for people, attributes carry the facts.
"""

from typing import ClassVar

from grids.messages import HouseError, Message


def msgid(text: str) -> str:
    """Mark a source string of the message catalogues that is said later, in its reader's language."""
    return text


class HotlineError(HouseError):
    """The office cannot do this; the text says why and what to do instead."""

    code: ClassVar[str] = "hotline_error"


class NoSuchTicket(HotlineError):
    """No such ticket, or none this person may know of: the two must not be told apart."""

    code = "no_such_ticket"

    def __init__(self, number: str) -> None:
        super().__init__(Message("没有查到工单 %(number)s，请核对编号", number=number))
        self.number = number


class MovedOn(HotlineError):
    """A ticket passed to another grid or unit while the phone that writes to it had no network."""

    code = "ticket_moved_on"

    def __init__(self, number: str) -> None:
        super().__init__(
            Message(
                "工单 %(number)s 已转给其他网格或单位，这次没有提交；您写的内容还在手机上，可转告对方后删除",
                number=number,
            )
        )
        self.number = number


class NoSuchFile(HotlineError):
    """No such photo or recording, or none this person may know of."""

    code = "no_such_file"

    def __init__(self) -> None:
        super().__init__(Message("没有这个文件"))


class NoSuchCode(HotlineError):
    """A code of the switchboard that is not good: never was, used, or its time is over."""

    code = "no_such_code"

    def __init__(self) -> None:
        super().__init__(Message("转接码不正确、已用过或已过期，请在工单上重新获取"))


class TooMany(HotlineError):
    """Asked too often; come back later."""

    code = "too_many"

    def __init__(self) -> None:
        super().__init__(Message("尝试次数过多，请 15 分钟后再试"))


class LookedUpTooMuch(HotlineError):
    """A person looked up more callers' numbers in an hour than the city lets one; `most` is how many it lets."""

    code = "too_many_lookups"

    def __init__(self, most: int) -> None:
        super().__init__(
            Message(
                "一小时内按来电号码查询已达 %(most)s 个号码，暂不能再查；请改用工单编号查询，确有需要请告知督办员",
                most=most,
            )
        )
        self.most = most


class WrongOffset(HotlineError):
    """A piece of a file does not follow on what is here; `received` says where to go on."""

    code = "wrong_offset"

    def __init__(self, received: int) -> None:
        super().__init__(Message("请从第 %(received)s 字节续传", received=received))
        self.received = received


class NoSuchTopic(HotlineError):
    """No hot topic of that number."""

    code = "no_such_topic"

    def __init__(self, number: int) -> None:
        super().__init__(Message("没有编号为 %(number)s 的热点", number=number))
        self.number = number


class NoCaller(HotlineError):
    """The ticket has nobody who could be called: no number was left."""

    code = "no_caller"

    def __init__(self, number: str) -> None:
        super().__init__(Message("工单 %(number)s 没有留下来电号码", number=number))
        self.number = number


class NotAllowed(HotlineError):
    """The person may see the matter but not do this to it."""

    code = "not_allowed"


class BadLogin(HotlineError):
    """Wrong name or password, or too many tries; which of the two is not told."""

    code = "bad_login"


class StaleTicket(HotlineError):
    """Somebody else changed the ticket after the writer had loaded it."""

    code = "stale_ticket"

    def __init__(self, number: str, seen: int, now: int) -> None:
        super().__init__(
            Message("工单 %(number)s 刚被其他人更新过，您填写的内容还在，请核对最新进展后再提交", number=number)
        )
        self.number, self.seen, self.now = number, seen, now


class KeyReused(HotlineError):
    """An idempotency key came back with another body."""

    code = "key_reused"

    def __init__(self, key: str, number: str) -> None:
        super().__init__(
            Message("编号 %(key)s 已登记为工单 %(number)s，但这次内容不同，未作改动", key=key, number=number)
        )
        self.key, self.number = key, number


class FormReused(KeyReused):
    """A form of a page that was carried out came back with other words."""

    def __init__(self, key: str, number: str) -> None:
        HotlineError.__init__(
            self,
            Message(
                "工单 %(number)s 的这张表单已经提交过，这次的内容与上次不同，没有再提交；"
                "您写的内容还在，请核对经过后再提交",
                number=number,
            ),
        )
        self.key, self.number = key, number


class RuleSaysNo(HotlineError):
    """The city's rules refuse it now; `str()` is the rule's own reason."""

    code = "rule_says_no"


class BadValue(HotlineError):
    """A value no rule can work with; `path` names the field."""

    code = "bad_value"

    def __init__(self, path: str, message: Message) -> None:
        super().__init__(message)
        self.path = path


class UnitAsked(BadValue):
    """What was corrected is another unit's by the duty table (`unit`), and nobody said what becomes of it."""

    code = "unit_asked"

    def __init__(self, owner: str, holder: str, unit: str) -> None:
        super().__init__(
            "then",
            Message(
                "按责任分解表应由%(owner)s承办，现由%(holder)s承办：请选择改派给%(owner)s（新单位的时限从改派时起算，对来电人的承诺不变），或仍由%(holder)s承办",
                owner=owner,
                holder=holder,
            ),
        )
        self.unit = unit


class Unanswered(BadValue):
    """Somebody was reached and nothing of what they said is written down: such a callback closes nothing."""

    code = "callback_unanswered"

    def __init__(self) -> None:
        super().__init__(
            "solved", Message("已接通，但还没有记下来电人的回答，没有保存；来电人不愿评价的，请选“不愿评价”")
        )


class AnswerWaits(BadValue):
    """An answer given on the line (直接解答) stands in a form that would let it drop."""

    code = "answer_waits"

    def __init__(self) -> None:
        super().__init__(
            "answer",
            Message("已写好当场答复，没有派单也没有合并：要办结请按“直接答复办结”；仍要派单或合并，请先清空当场答复"),
        )


class SaidBefore(HotlineError):
    """The same person sent the same words about the same matter some minutes ago; nothing is done until asked again."""

    code = "said_before"

    def __init__(self) -> None:
        super().__init__(Message("您刚才已提交过同样的内容，再次提交？"))


class RulesUnreadable(HotlineError):
    """A file of the city's rules cannot be read; nothing of it was put into force."""

    code = "rules_unreadable"

    def __init__(self, path: str, message: Message) -> None:
        super().__init__(Message("%(path)s：%(message)s", path=path, message=message))
        self.path = path


class Crowded(HotlineError):
    """More waits before the writer than it can serve soon; nothing of this was stored."""

    code = "crowded"

    def __init__(self) -> None:
        super().__init__(Message("系统正忙，本次内容没有保存，请稍后重试"))


class NoCity(HotlineError):
    """The database holds no rules in force yet."""

    code = "no_city"

    def __init__(self) -> None:
        super().__init__(Message("数据库里还没有生效的城市规则；请运行 hotline db sample 或 hotline city apply 目录"))


class Refused(HotlineError):
    """One row cannot be taken in: the column, its value as it stands, and why."""

    code = "row_refused"

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(Message(reason))
        self.column, self.value, self.reason = column, value, reason
