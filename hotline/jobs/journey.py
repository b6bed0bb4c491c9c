"""`NEXT`: which steps follow each move, the only place.

Keyed by the names of `dispatch.lifecycle.MOVES`: read the two side by side.

Each step takes the events it is for, and is safe to run twice; `work` opens and closes.  One that cannot do yet what an
event asks for returns that event: it stays open and is told again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import Session

from dispatch.lifecycle import Move
from hotline.city import City
from hotline.flow import call_back, defaults, tell, triage
from hotline.flow.acts import apart, disputes
from hotline.store.outbox import OutboxRow

Step = Callable[[Session, City, Sequence[OutboxRow], datetime], Sequence[OutboxRow] | None]

# fmt: off
NEXT: dict[Move, tuple[Step, ...]] = {
    # a ticket has just made   so do this
    Move.RECEIVE:               (triage.received, tell.heads),
    Move.CLASSIFY:              (),
    Move.ROUTE:                 (tell.holders,),
    Move.REASSIGN:              (tell.holders, tell.former),
    Move.SIGN:                  (),
    Move.DEFAULT_SIGN:          (tell.holders,),
    Move.REPORT:                (),
    Move.INVITE:                (tell.holders,),
    Move.HELP_ANSWER:           (tell.holders,),
    Move.WHISTLE:               (tell.whistled,),
    Move.GRADE:                 (),
    Move.REGRID:                (tell.leaders,),
    Move.HAND_OVER:             (tell.leaders,),
    Move.LACK:                  (tell.desk,),
    Move.SUPPLY:                (tell.holders,),
    Move.RETURN:                (tell.dispatchers, disputes.after_returns),
    Move.KEEP:                  (tell.holders,),
    Move.CONVENE:               (tell.invited,),
    Move.OPINE:                 (),
    Move.RULE:                  (tell.holders,),
    Move.ASK_EXTENSION:         (tell.deciders,),
    Move.EXTEND:                (tell.holders,),
    Move.DENY_EXTENSION:        (tell.holders,),
    Move.ASK_PARK:              (tell.deciders,),
    Move.PARK:                  (tell.holders,),
    Move.DENY_PARK:             (tell.holders,),
    Move.REVIEW:                (),
    Move.RESUME:                (tell.holders,),
    Move.ANSWER:                (call_back.ask_joined,),
    Move.SUBMIT:                (tell.readers,),
    Move.PASS:                  (call_back.ask_joined,),
    Move.REJECT:                (tell.holders,),
    Move.CLOSE:                 (),
    Move.REDO:                  (tell.holders,),
    Move.CONCLUDE:              (tell.holders, apart.keep_joined),
    Move.MISS:                  (),
    Move.FILE:                  (),
    Move.VOICE:                 (),
    Move.RATE:                  (tell.deciders,),
    Move.SETTLE:                (apart.keep_joined,),
    Move.FORESTALL:             (apart.keep_joined,),
    Move.VERIFY:                (),
    Move.DISPROVE:              (tell.dispatchers,),
    Move.REFUSE:                (apart.keep_joined,),
    Move.WITHDRAW:              (tell.holders, apart.keep_joined),
    Move.JOIN:                  (apart.keep_joined,),
    Move.SPLIT:                 (triage.received,),
    Move.GAIN:                  (tell.holders, call_back.ask_joined),
    Move.LOSE:                  (tell.holders,),
    Move.ARCHIVE:               (),
    Move.ASK_VOID:              (tell.deciders,),
    Move.VOID:                  (tell.holders, apart.keep_joined),
    Move.DENY_VOID:             (),
    Move.ASK_EXCLUSION:         (tell.deciders,),
    Move.EXCLUDE:               (tell.holders,),
    Move.DENY_EXCLUSION:        (tell.holders,),
    Move.APPEAL:                (tell.deciders,),
    Move.UPHOLD:                (tell.holders,),
    Move.DISMISS:               (tell.holders,),
    Move.COMMIT:                (),
    Move.FULFIL:                (),
    Move.BREAK:                 (tell.holders, tell.deciders),
    Move.URGE:                  (tell.holders,),
    Move.SUPPLEMENT:            (tell.holders,),
    Move.RAISE:                 (tell.holders, tell.heads),
    Move.LOWER:                 (tell.holders,),
    Move.REMIND:                (tell.late,),
    Move.PROPOSE:               (tell.deciders,),
    Move.YELLOW_CARD:           (tell.late,),
    Move.RED_CARD:              (tell.late,),
    Move.SUPERVISE:             (tell.late,),
    Move.CIRCULATE:             (tell.late,),
    Move.ACCOUNT:               (tell.late,),
    Move.DROP_CARD:             (),
    Move.ANSWER_CARD:           (tell.deciders,),
    Move.LAPSE:                 (defaults.carry_out,),
    Move.RECOUNT:               (),
    Move.TRANSFER:              (tell.holders,),
    Move.NOTE:                  (),
    Move.REVEAL:                (),
    Move.RECODE:                (),
    Move.CONCEAL:               (),
    Move.DISCLOSE:              (),
}
# fmt: on
LAST = tuple(move for move, then in NEXT.items() if not then)  # nothing follows: their events are done as they are
