"""Moves as doors offer them: name -> the body it takes and the step that makes it.  One table for API and pages."""

from collections.abc import Callable
from typing import Any

from hotline.flow import call_back, handle
from hotline.wire.tickets import Answer, Asked, Corrected, Joined, Plain, Routed, SentBack, Worded

# fmt: off
MOVES_BY_NAME: dict[str, tuple[type[Any], Callable[..., Any]]] = {
    # move          body        step
    "classify":     (Corrected, handle.correct),
    "route":        (Routed,    handle.route),
    "sign":         (Plain,     handle.sign),
    "report":       (Worded,    handle.report),
    "return":       (SentBack,  handle.send_back),
    "answer":       (Answer,    handle.answer),
    "callback":     (Asked,     call_back.record),
    "settle":       (Worded,    handle.settle),
    "join":         (Joined,    handle.join),
    "urge":         (Plain,     handle.urge),
    "note":         (Worded,    handle.note),
}
# fmt: on
