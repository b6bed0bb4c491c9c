"""Which matters put right on the spot are looked at: a draw by number, the same whoever asks."""

import pytest

from dispatch.errors import BadRule
from dispatch.verification import VerifyRules, drawn
from tests.dispatch.tables import read_verify

NUMBERS = [f"SL20261128{one:06d}" for one in range(2000)]


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_about_this_share_is_drawn(share: float) -> None:
    rules = VerifyRules(share=share, key="k")
    found = [drawn(rules, one) for one in NUMBERS]
    assert sum(one.look for one in found) == pytest.approx(share * 2000, abs=60)
    assert [drawn(rules, one) for one in NUMBERS] == found
    assert {f"{share:.0%}" in one.why for one in found} == {True}


def test_another_key_draws_others() -> None:
    one, other = ({number for number in NUMBERS if drawn(VerifyRules(share=0.2, key=key), number).look} for key in "ab")
    assert len(one & other) < len(one) / 2


@pytest.mark.parametrize("data", [{"share": 1.2}, {"share": -0.1}, {"portion": 1}])
def test_a_table_nobody_can_mean(data: dict[str, object]) -> None:
    with pytest.raises(BadRule) as refused:
        read_verify(data)
    assert refused.value.path.startswith("$.verify")
