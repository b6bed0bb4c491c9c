"""A request as people read it (延期、挂账、作废、不计入考核、申诉): what is asked, by whom, and its two answers."""

import msgspec

from dispatch.lifecycle import MOVES, State, allowed
from hotline.web.pages.form import limits, offers
from hotline.web.pages.form.offers import NO, YES, Act, Group, Offer
from hotline.web.strings import msgid
from hotline.wire.tickets import Petition

DECIDED = {"granted": msgid("同意"), "denied": msgid("不同意"), "lapsed": msgid("自动终止")}


class RequestInWords(msgspec.Struct, frozen=True, kw_only=True):
    """A request in words.  facts: (what, words); decision: how it ended, "" while it waits."""

    petition: Petition
    label: str
    who: str
    facts: list[tuple[str, str]]
    decision: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The request that waits, and its two answers; else `told` says who must give them."""

    request: RequestInWords
    yes: Act | None = None
    no: Act | None = None
    told: str = ""


def of_ticket(offer: Offer) -> Decision | None:
    """Return the request that waits, None where none does."""
    card, look = offer.sheet.card, offer.look
    petition = limits.waiting(offer.sheet)
    if petition is None:
        return None
    request, who = request_in_words(offer, petition), limits.deciders(petition.kind, look)
    names = [name for name in allowed(State(card.state), offer.me.role, card.pending) if MOVES[name].decides]
    if petition.asked_by == offer.me.login:
        words = look.say("由您提出，须由另一人审批（%(who)s）。") % {"who": who}
        return Decision(request=request, told=words)
    if len(names) != 2:
        words = look.say("由%(who)s审批；批准前时限照常计算。") % {"who": who}
        return Decision(request=request, told=words)
    yes, no = (offers.act_of(offer, name) for name in names)
    return Decision(
        request=request,
        yes=offers.keyed(yes, YES, look.say("同意")),
        no=offers.keyed(no, NO, look.say("不同意")),
    )


def past(offer: Offer) -> list[RequestInWords]:
    """Return the requests that were decided, or fell away, the newest first."""
    return [request_in_words(offer, one) for one in reversed(offer.sheet.petitions) if one.decided_at]


def keys(decision: Decision | None, groups: list[Group]) -> list[tuple[str, str]]:
    """Return (key, what it does) of everything on the page, for the sheet under `?`."""
    found = [act for group in groups for act in group.acts]
    if decision and decision.yes and decision.no:
        found = [decision.yes, decision.no, *found]
    return [(act.key, act.label) for act in found if act.key]


def request_in_words(offer: Offer, one: Petition) -> RequestInWords:
    """Return a request in words."""
    look, book, data = offer.look, offer.book, one.data
    facts: list[tuple[str, str]] = []
    if "days" in data:
        count = int(data["days"])
        waits = limits.extended(offer, count)
        ended = look.say("%(n)s个工作日") % {"n": count}
        facts.append((look.say("申请延期"), ended if one.decided_at else waits))
    if "until" in data:
        facts.append((look.say("拟恢复办理"), str(data["until"])[:10]))
    if "ground" in data:
        labels = {ground.code: ground.label for ground in book.exclusions}
        facts.append((look.say("情形"), labels.get(data["ground"], data["ground"])))
    words = {look.say("理由"): one.reason, look.say("文件依据"): one.basis, look.say("目前进展"): data.get("note", "")}
    facts += [(label, text) for label, text in words.items() if text]
    ended = look.say(DECIDED[one.decision]) if one.decision in DECIDED else ""
    who = one.asked_by if one.kind == "void" else f"{look.unit(one.unit)} {one.asked_by}"  # a unit voids nothing
    return RequestInWords(petition=one, label=look.ask(one.kind), who=who, facts=facts, decision=ended)
