"""The leader's map: drawn by the server; what stands on it stands in the list under the same number."""

from collections.abc import Callable

import pytest

from grids.tree import Level, Place
from hotline.web.pages.phone.sketch import framed, outlined
from tests.hotline.web.pages.conftest import Browser

SQUARE = ((116.0, 40.0), (116.01, 40.0), (116.01, 40.01), (116.0, 40.01), (116.0, 40.0))


def test_a_square_on_the_ground_is_a_square_on_the_phone() -> None:
    """A hundredth of a degree of longitude is shorter at 40 degrees north: the drawing keeps what one walks."""
    frame = framed([SQUARE], [])
    assert frame is not None
    left, top = frame.at((116.0, 40.01))
    right, low = frame.at((116.01, 40.0))
    assert (left, top, low) == (18.0, 18.0, 382.0)
    assert (right - left) / (low - top) == pytest.approx(0.766, abs=0.001)
    drawn = outlined(Place(code="1", name="一号网格", level=Level.GRID, rings=(SQUARE,)), frame)
    assert drawn.path.count("L") == 4
    assert (drawn.x, drawn.y) == (pytest.approx((left + right) / 2, abs=0.1), 200.0)
    assert framed([], []) is None
    assert framed([], [(116.0, 40.0)]) is not None  # nobody drew the ground: the tickets alone


def test_every_dot_stands_in_the_list_under_its_number(
    browser: Browser, placed: list[str], statements: Callable[[], list[str]]
) -> None:
    me = browser("ding.dayong")
    statements()
    page = me.get("/m/map").text
    assert len(statements()) == 2  # the list, its points
    for number in placed:
        assert page.count(f'href="/m/{number}"') == 2  # on the map and in the list
    assert page.count('class="dot"') == page.count('class="place"') == 2
    assert "没有坐标，只在列表里" in page
