"""`hotline rules lifecycle`: the two tables as a page (docs/lifecycle.md): states, moves, requests, what follows."""

from collections.abc import Callable, Iterator

import click

from dispatch.lifecycle import ASKS, MOVES, OPEN, OWNERS, STATE_NAMES, MoveRule, State
from dispatch.roles import ROLE_NAMES, Role
from hotline.jobs.journey import NEXT

NEEDS = {
    "note": "说明",
    "reason": "理由",
    "basis": "依据",
    "guide": "应向何处反映",
    "until": "日期",
    "days": "工作日数",
    "unit": "单位",
}


@click.command("lifecycle")
def lifecycle() -> None:
    """按状态表和操作表生成说明页（docs/lifecycle.md），输出到屏幕。"""
    click.echo(page(), nl=False)


def page() -> str:
    """Return the page; a test holds the committed file to it."""
    return "\n".join((*_head(), *_diagram(), *_states(), *_moves(), *_requests(), ""))


def _head() -> Iterator[str]:
    yield "# The life of a ticket (工单状态与操作)"
    yield ""
    yield "Drawn from `dispatch.lifecycle.MOVES` and `hotline.jobs.journey.NEXT` by `hotline rules lifecycle`;"
    yield "a test keeps it current.  A move without a target leaves the ticket where it is and is not drawn."
    yield ""


def _diagram() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield from (f'    state "{STATE_NAMES[state]} {state.value}" as {state.value}' for state in State)
    yield f"    [*] --> {State.DRAFT.value}"
    arrows: dict[tuple[State, State], list[str]] = {}
    for move in MOVES.values():
        for origin in sorted(move.origins, key=list(State).index):
            if move.target is not None:
                arrows.setdefault((origin, move.target), []).append(move.label)
    yield from (f"    {one.value} --> {two.value}: {' / '.join(labels)}" for (one, two), labels in arrows.items())
    yield from (f"    {state.value} --> [*]" for state in State if state not in OPEN and state is not State.DRAFT)
    yield "```"
    yield ""


def _states() -> Iterator[str]:
    yield "| state | 名称 | who must act |"
    yield "|---|---|---|"
    for state in State:
        owner = ROLE_NAMES[OWNERS[state]] if state in OWNERS else "ended" if state is not State.DRAFT else "-"
        yield f"| {state.value} | {STATE_NAMES[state]} | {owner} |"
    yield ""


def _moves() -> Iterator[str]:
    yield "| move | 操作 | from | to | who | needs | what follows |"
    yield "|---|---|---|---|---|---|---|"
    for move in MOVES.values():
        origins = "任何在办状态" if move.origins == OPEN else "、".join(STATE_NAMES[one] for one in _ordered(move))
        target = STATE_NAMES[move.target] if move.target else ""
        needs = "、".join(NEEDS[one] for one in move.needs)
        then = "、".join(_step(step) for step in NEXT[move.name])
        yield f"| {move.name} | {move.label} | {origins} | {target} | {_who(move)} | {needs} | {then} |"
    yield ""


def _requests() -> Iterator[str]:
    yield "A request waits beside the state, one at a time; who asked does not decide."
    yield ""
    yield "| request | 申请 | asked by | decided by |"
    yield "|---|---|---|---|"
    for ask, label in ASKS.items():
        opened = next(move for move in MOVES.values() if move.opens == ask)
        decided = [move for move in MOVES.values() if move.decides == ask]
        asker = "、".join(ROLE_NAMES[role] for role in Role if role in opened.who)
        by = "；".join(
            f"{one.label}（{'、'.join(ROLE_NAMES[role] for role in Role if role in one.who)}）" for one in decided
        )
        yield f"| {ask} | {label} | {asker} | {by} |"


def _who(move: MoveRule) -> str:
    return "、".join(ROLE_NAMES[role] for role in Role if role in move.who)


def _ordered(move: MoveRule) -> list[State]:
    return [state for state in State if state in move.origins]


def _step(step: Callable[..., object]) -> str:
    """Return where a step is found: tell.holders."""
    return f"{step.__module__.rpartition('.')[2]}.{step.__name__}"
