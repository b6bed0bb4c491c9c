"""Who is told what a move set off; telling twice tells once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from dispatch.lifecycle import State
from hotline.flow import tell
from hotline.store import db
from hotline.store.outbox import OutboxRow
from tests.cast import AGENT, DAY, LAMP, LEADER, MINUTE, NOW, Office, unit

Step = Callable[..., None]


def run(office: Office, told: Step, move: str, times: int = 1) -> list[Any]:
    events = [OutboxRow(**row._mapping) for row in office.rows("outbox", move=move)]
    assert events
    for _ in range(times):
        with db.transaction() as session:
            told(session, office.city, events, NOW + MINUTE)
    return office.rows("notice")


def climb(office: Office) -> None:
    """Sweep as each rung falls due: of those of one sweep only the highest is told."""
    for moment in sorted({rung["at"] for row in office.rows("clock") for rung in row.ladder}):
        office.sweep(datetime.fromisoformat(moment))


def test_lead_helpers_and_grid_leader_hear_of_a_dispatch(office: Office) -> None:
    held = office.ticket(State.ROUTED, area=LAMP, grid="990101001001001", title="路灯不亮")
    found = run(office, tell.holders, "route")
    assert {(row.unit, row.login) for row in found} == {("szzx", ""), ("gdgs", ""), ("", LEADER.login)}
    assert {row.number for row in found} == {held.number}
    assert {row.kind for row in found} == {"route"}
    assert found[0].text.startswith(f"派单：{held.number} 路灯不亮，请在")
    assert found[0].text.endswith("前报动态")


def test_telling_twice_tells_once(office: Office) -> None:
    office.ticket(State.ROUTED)
    once = run(office, tell.holders, "route")
    assert run(office, tell.holders, "route", times=2) == once
    assert len(once) == 1


def test_after_the_report_the_limit_is_the_result(office: Office) -> None:
    held = office.ticket(State.SIGNED)
    office.do("report", held.number, unit("hwzx"), NOW + DAY, note="在办")
    office.do("urge", held.number, AGENT, NOW + DAY)
    assert run(office, tell.holders, "urge")[0].text.endswith("前报结果")


def test_urgent_matters_are_marked(office: Office) -> None:
    office.ticket(State.ROUTED, urgency="urgent")
    assert run(office, tell.holders, "route")[0].text.startswith("【紧急】派单：")


def test_dispatchers_hear_of_a_return_with_its_reason(office: Office) -> None:
    office.ticket(State.RETURNED)
    (notice,) = run(office, tell.dispatchers, "return")
    assert (notice.login, notice.unit) == ("@dispatcher", "")
    assert "退单：不属于我单位职责" in notice.text


@pytest.mark.parametrize(("move", "to"), [
    ("yellow_card", {("hwzx", "")}), ("supervise", {("hwzx", ""), ("", "@supervisor")}),
])  # fmt: skip
def test_who_is_late_hears_and_from_supervision_on_the_supervisor(
    office: Office, move: str, to: set[tuple[str, str]]
) -> None:
    office.ticket(State.ROUTED)
    climb(office)
    assert {(row.unit, row.login) for row in run(office, tell.late, move)} == to


def test_a_late_dispatch_is_the_dispatchers_own(office: Office) -> None:
    office.received()
    office.triage()
    climb(office)
    assert {row.login for row in run(office, tell.late, "remind")} == {"@dispatcher"}


def test_notices_never_name_the_caller(office: Office) -> None:
    office.ticket(State.ROUTED, phone="13800001234", name="李刚")
    office.sweep(NOW + 30 * DAY)
    run(office, tell.holders, "route")
    found = run(office, tell.late, "supervise")
    assert not [row.text for row in found if "李" in row.text or "1234" in row.text]
