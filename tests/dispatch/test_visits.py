"""What a grid leader may note down is the city's own list."""

import pytest

from dispatch.errors import BadRule
from dispatch.visits import VisitRules
from tests.dispatch.tables import read_visit


def test_the_kinds_are_the_citys_own() -> None:
    rules = read_visit(
        {"kind": [{"code": "home", "label": "入户走访"}, {"code": "errand", "label": "代办", "errand": True}]}
    )
    home, held = rules.of("home"), rules.of("errand")
    assert home is not None
    assert held is not None
    assert (home.errand, held.errand) == (False, True)
    assert rules.of("spy") is None
    assert VisitRules().kind == ()


@pytest.mark.parametrize("data", [{"kind": [{"code": "", "label": "x"}]}, {"kind": [{"code": "x"}]}, {"count": 3}])
def test_a_table_nobody_can_mean(data: dict[str, object]) -> None:
    with pytest.raises(BadRule) as refused:
        read_visit(data)
    assert refused.value.path.startswith("$.visit")
