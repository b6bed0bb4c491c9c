"""How many photos a form may bring."""

import pytest

from dispatch.decoding import convert
from dispatch.errors import BadRule
from dispatch.photos import LARGEST, PhotoRules


def test_nine_where_the_city_says_nothing_else_its_own_number() -> None:
    assert [PhotoRules().too_many(count) for count in (0, 9, 10)] == [False, False, True]
    assert [convert({"most": 2}, PhotoRules).too_many(count) for count in (2, 3)] == [False, True]


@pytest.mark.parametrize("most", [0, -1, LARGEST + 1, "9", 2.5])
def test_a_number_no_form_can_keep_is_refused(most: object) -> None:
    with pytest.raises(BadRule) as refused:
        convert({"most": most}, PhotoRules, "$.photos")
    assert refused.value.path == "$.photos.most"
