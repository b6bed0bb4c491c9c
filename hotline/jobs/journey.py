"""What follows a move, the only place.  Keyed by the names of `dispatch.lifecycle.MOVES`: read the two side by side."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import Session

from hotline.city import City
from hotline.jobs import steps
from hotline.store.outbox import OutboxRow

Step = Callable[[Session, City, Sequence[OutboxRow], datetime], None]

# fmt: off
NEXT: dict[str, tuple[Step, ...]] = {
    # a ticket has just made   so do this
    "receive":                 (steps.triage,),
    "classify":                (),
    "route":                   (steps.tell_holders,),
    "sign":                    (),
    "report":                  (),
    "return":                  (steps.tell_dispatchers,),
    "answer":                  (steps.ask_citizen,),
    "close":                   (),
    "redo":                    (steps.tell_holders,),
    "miss":                    (),
    "settle":                  (),
    "join":                    (),
    "gain":                    (steps.tell_holders,),
    "archive":                 (),
    "urge":                    (steps.tell_holders,),
    "remind":                  (steps.tell_late,),
    "yellow_card":             (steps.tell_late,),
    "red_card":                (steps.tell_late,),
    "supervise":               (steps.tell_late,),
    "note":                    (),
    "reveal":                  (),
}
# fmt: on
LAST = tuple(move for move, then in NEXT.items() if not then)  # nothing follows: their events are done as they are
