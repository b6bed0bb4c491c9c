"""Moves as doors offer them: name -> the body it takes and the step that makes it.  One table for API and pages."""

from collections.abc import Callable
from typing import Any

from dispatch.lifecycle import MOVES
from hotline.flow import (
    call_back,
    cards,
    check,
    disputes,
    forestall,
    handle,
    recheck,
    regrid,
    requests,
    together,
    verify,
    whistle,
)
from hotline.store.sweep import LEVELS
from hotline.wire.moves import (
    Answer,
    Asked,
    Asking,
    Carded,
    Committed,
    Corrected,
    Decided,
    Graded,
    Invited,
    Joined,
    Opined,
    Plain,
    Reasoned,
    Refused,
    Regridded,
    Routed,
    Ruled,
    SentBack,
    Settled,
    Whistled,
    Worded,
)

# fmt: off
MOVES_BY_NAME: dict[str, tuple[type[Any], Callable[..., Any]]] = {
    # move          body        step
    "classify":     (Corrected, handle.correct),
    "route":        (Routed,    handle.route),
    "sign":         (Plain,     handle.sign),
    "report":       (Worded,    handle.report),
    "return":       (SentBack,  handle.send_back),
    "answer":       (Answer,    handle.answer),
    "pass":         (Plain,     check.accept),
    "reject":       (Reasoned,  check.reject),
    "callback":     (Asked,     call_back.record),
    "commit":       (Committed, recheck.commit),
    "fulfil":       (Settled,   recheck.settling("fulfil")),
    "break":        (Settled,   recheck.settling("break")),
    "settle":       (Worded,    handle.settle),
    "forestall":    (Worded,    forestall.close),
    "verify":       (Worded,    verify.confirm),
    "disprove":     (Worded,    verify.disprove),
    "join":         (Joined,    handle.join),
    "urge":         (Plain,     handle.urge),
    "note":         (Worded,    handle.note),
    "invite":       (Invited,   together.invite),
    "help_answer":  (Worded,    together.help_answer),
    "whistle":      (Whistled,  whistle.blow),
    "grade":        (Graded,    whistle.grade),
    "regrid":       (Regridded, regrid.give),
    "lack":         (Worded,    together.lack),
    "supply":       (Worded,    together.supply),
    "resume":       (Worded,    together.resume),
    "review":       (Worded,    together.review),
    "refuse":       (Refused,   together.refuse),
    "withdraw":     (Worded,    together.withdraw),
    "keep":         (Reasoned,  disputes.keep),
    "convene":      (Plain,     disputes.convene),
    "opine":        (Opined,    disputes.opine),
    "rule":         (Ruled,     disputes.rule),
    "drop_card":    (Carded,    cards.drop),
    "answer_card":  (Carded,    cards.answer),
    **{move: (Carded,   cards.showing(move)) for move in LEVELS[2:]},
    **{move.name: (Asking,  requests.asking(move.name)) for move in MOVES.values() if move.opens},
    **{move.name: (Decided, requests.deciding(move.name)) for move in MOVES.values() if move.decides},
}
# fmt: on
