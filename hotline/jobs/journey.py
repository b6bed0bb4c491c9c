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
    "receive":               (steps.triage, steps.tell_heads),
    "classify":              (),
    "route":                 (steps.tell_holders,),
    "sign":                  (),
    "default_sign":          (steps.tell_holders,),
    "report":                (),
    "invite":                (steps.tell_holders,),
    "help_answer":           (steps.tell_holders,),
    "whistle":               (steps.tell_whistled,),
    "grade":                 (),
    "regrid":                (steps.tell_leader,),
    "hand_over":             (steps.tell_leader,),
    "lack":                  (steps.tell_desk,),
    "supply":                (steps.tell_holders,),
    "return":                (steps.tell_dispatchers, steps.open_dispute),
    "keep":                  (steps.tell_holders,),
    "convene":               (steps.tell_invited,),
    "opine":                 (),
    "rule":                  (steps.tell_holders,),
    "ask_extension":         (steps.tell_deciders,),
    "extend":                (steps.tell_holders,),
    "deny_extension":        (steps.tell_holders,),
    "ask_park":              (steps.tell_deciders,),
    "park":                  (steps.tell_holders,),
    "deny_park":             (steps.tell_holders,),
    "review":                (),
    "resume":                (steps.tell_holders,),
    "answer":                (steps.ask_citizen,),
    "submit":                (steps.tell_readers,),
    "pass":                  (steps.ask_citizen,),
    "reject":                (steps.tell_holders,),
    "close":                 (),
    "redo":                  (steps.tell_holders,),
    "miss":                  (),
    "file":                  (),
    "rate":                  (steps.tell_deciders,),
    "settle":                (),
    "forestall":             (),
    "verify":                (),
    "disprove":              (steps.tell_dispatchers,),
    "refuse":                (),
    "withdraw":              (steps.tell_holders,),
    "join":                  (),
    "gain":                  (steps.tell_holders,),
    "archive":               (),
    "ask_void":              (steps.tell_deciders,),
    "void":                  (steps.tell_holders,),
    "deny_void":             (),
    "ask_exclusion":         (steps.tell_deciders,),
    "exclude":               (steps.tell_holders,),
    "deny_exclusion":        (steps.tell_holders,),
    "appeal":                (steps.tell_deciders,),
    "uphold":                (steps.tell_holders,),
    "dismiss":               (steps.tell_holders,),
    "commit":                (),
    "fulfil":                (),
    "break":                 (steps.tell_holders, steps.tell_deciders),
    "urge":                  (steps.tell_holders,),
    "raise":                 (steps.tell_holders, steps.tell_heads),
    "lower":                 (steps.tell_holders,),
    "remind":                (steps.tell_late,),
    "propose":               (steps.tell_deciders,),
    "yellow_card":           (steps.tell_late,),
    "red_card":              (steps.tell_late,),
    "supervise":             (steps.tell_late,),
    "circulate":             (steps.tell_late,),
    "account":               (steps.tell_late,),
    "drop_card":             (),
    "answer_card":           (steps.tell_deciders,),
    "lapse":                 (steps.do_default,),
    "recount":               (),
    "transfer":              (steps.tell_holders,),
    "note":                  (),
    "reveal":                (),
}
# fmt: on
LAST = tuple(move for move, then in NEXT.items() if not then)  # nothing follows: their events are done as they are
