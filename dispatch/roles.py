"""`Role`: who acts on a ticket.

A person has one role at a time; `clockwork` is the machine acting by rule.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The actors of the hotline, by what they may do, not by rank."""

    CITIZEN = "citizen"
    AGENT = "agent"
    DISPATCHER = "dispatcher"
    UNIT = "unit"
    GRID_LEADER = "grid_leader"
    CALLER_BACK = "caller_back"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    CLOCKWORK = "clockwork"


ROLE_NAMES: dict[Role, str] = {
    Role.CITIZEN: "来电人",
    Role.AGENT: "话务员",
    Role.DISPATCHER: "派单员",
    Role.UNIT: "承办单位",
    Role.GRID_LEADER: "网格长",
    Role.CALLER_BACK: "回访员",
    Role.SUPERVISOR: "督办员",
    Role.ADMIN: "管理员",
    Role.CLOCKWORK: "系统",
}
