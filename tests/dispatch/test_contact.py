"""How handlers reach a caller: by the number, or through the switchboard."""

import pytest

from dispatch.contact import ContactRules, bridged
from dispatch.errors import BadRule
from dispatch.roles import Role
from dispatch.table_findings import wrong_contact
from tests.dispatch.tables import read_contact


def test_who_calls_through_the_switchboard() -> None:
    rules = read_contact({"how": "bridge", "tel": "021-5550-0100"})
    assert {role for role in Role if bridged(rules, role)} == {Role.UNIT, Role.GRID_LEADER}
    assert not any(bridged(ContactRules(), role) for role in Role)


def test_a_switchboard_without_a_number_is_found() -> None:
    [found] = wrong_contact(read_contact({"how": "bridge", "tel": "- "}))
    assert (found.severity, found.where) == ("error", "city.toml[contact].tel")
    assert list(wrong_contact(read_contact({"how": "bridge", "tel": "0215550"}))) == []
    assert list(wrong_contact(ContactRules())) == []


@pytest.mark.parametrize("data", [{"how": "shout"}, {"tel": "call me"}, {"minutes": 0}, {"number": 1}])
def test_a_table_nobody_can_mean(data: dict[str, object]) -> None:
    with pytest.raises(BadRule) as refused:
        read_contact(data)
    assert refused.value.path.startswith("$.contact")
