"""The moves that pages and API offer: name -> the body it takes and the step that makes it.

One table for API and pages.
"""

from collections.abc import Callable
from typing import Any

from dispatch.escalation import CARDS
from dispatch.lifecycle import MOVES, Move
from hotline.flow import call_back, handle
from hotline.flow.acts import (
    apart,
    cards,
    check,
    disputes,
    forestall,
    reassign,
    recheck,
    regrade,
    regrid,
    requests,
    secrecy,
    together,
    verify,
    whistle,
)
from hotline.wire.moves import (
    Answer,
    Asked,
    Asking,
    Carded,
    Committed,
    Corrected,
    Decided,
    Disclosed,
    Graded,
    Invited,
    Joined,
    Opined,
    Plain,
    Reasoned,
    Reassigned,
    Refused,
    Regraded,
    Regridded,
    Routed,
    Ruled,
    SentBack,
    Settled,
    Whistled,
    Worded,
)

# fmt: off
STEPS: dict[Move, tuple[type[Any], Callable[..., Any]]] = {
    # move          body        step
    Move.CLASSIFY:     (Corrected, reassign.correct),
    Move.ROUTE:        (Routed,    handle.route),
    Move.REASSIGN:     (Reassigned, reassign.reassign),
    Move.SIGN:         (Plain,     handle.sign),
    Move.REPORT:       (Worded,    handle.report),
    Move.RETURN:       (SentBack,  handle.send_back),
    Move.ANSWER:       (Answer,    handle.answer),
    Move.PASS:         (Plain,     check.accept),
    Move.REJECT:       (Reasoned,  check.reject),
    Move.CONCLUDE:     (Reasoned,  call_back.conclude),
    Move.COMMIT:       (Committed, recheck.commit),
    Move.FULFIL:       (Settled,   recheck.settling(Move.FULFIL)),
    Move.BREAK:        (Settled,   recheck.settling(Move.BREAK)),
    Move.SETTLE:       (Worded,    handle.settle),
    Move.FORESTALL:    (Worded,    forestall.close),
    Move.VERIFY:       (Worded,    verify.confirm),
    Move.DISPROVE:     (Worded,    verify.disprove),
    Move.JOIN:         (Joined,    apart.join),
    Move.SPLIT:        (Reasoned,  apart.split),
    Move.URGE:         (Plain,     apart.urge),
    Move.SUPPLEMENT:   (Worded,    apart.supplement),
    Move.RAISE:        (Regraded,  regrade.regrading(Move.RAISE)),
    Move.LOWER:        (Regraded,  regrade.regrading(Move.LOWER)),
    Move.NOTE:         (Worded,    handle.note),
    Move.CONCEAL:      (Plain,     secrecy.conceal),
    Move.DISCLOSE:     (Disclosed, secrecy.disclose),
    Move.INVITE:       (Invited,   together.invite),
    Move.HELP_ANSWER:  (Worded,    together.help_answer),
    Move.WHISTLE:      (Whistled,  whistle.blow),
    Move.GRADE:        (Graded,    whistle.grade),
    Move.REGRID:       (Regridded, regrid.give),
    Move.LACK:         (Worded,    together.lack),
    Move.SUPPLY:       (Worded,    together.supply),
    Move.RESUME:       (Worded,    together.resume),
    Move.REVIEW:       (Worded,    together.review),
    Move.REFUSE:       (Refused,   together.refuse),
    Move.WITHDRAW:     (Worded,    together.withdraw),
    Move.KEEP:         (Reasoned,  disputes.keep),
    Move.CONVENE:      (Plain,     disputes.convene),
    Move.OPINE:        (Opined,    disputes.opine),
    Move.RULE:         (Ruled,     disputes.rule),
    Move.DROP_CARD:    (Carded,    cards.drop),
    Move.ANSWER_CARD:  (Carded,    cards.answer),
    **{move: (Carded,   cards.showing(move)) for move in CARDS},
    **{move.name: (Asking,  requests.asking(move.name)) for move in MOVES.values() if move.opens},
    **{move.name: (Decided, requests.deciding(move.name)) for move in MOVES.values() if move.decides},
}
# fmt: on
# a call made is no move: what the citizen says decides which one follows
MOVES_BY_NAME: dict[str, tuple[type[Any], Callable[..., Any]]] = {
    **{move.value: step for move, step in STEPS.items()},
    "callback": (Asked, call_back.record),
}
