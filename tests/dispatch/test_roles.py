"""Every role has a Chinese name of its own."""

from dispatch.roles import ROLE_NAMES, Role


def test_every_role_is_named_once() -> None:
    assert list(ROLE_NAMES) == list(Role)
    assert len(set(ROLE_NAMES.values())) == len(Role) == 9


def test_values_are_what_rows_and_sessions_store() -> None:
    assert [str(role) for role in Role] == [
        "citizen",
        "agent",
        "dispatcher",
        "unit",
        "grid_leader",
        "caller_back",
        "supervisor",
        "admin",
        "clockwork",
    ]
