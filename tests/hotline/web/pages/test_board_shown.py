"""The board as a browser draws it: its switches lead where they say."""

import pytest

from tests.hotline.web.pages.conftest import Open
from tests.hotline.web.pages.seen import SIZES

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", SIZES)
def test_a_number_leads_to_its_tickets_and_back(visit: Open, size: tuple[int, int]) -> None:
    page = visit("du01", "/board?days=90", size=size)
    page.click("text=按事项")
    page.wait_for_url("**by=area**")
    page.click("section[aria-labelledby=rates-title] a >> nth=0")
    page.wait_for_url("**/board/tickets?**")
    assert page.locator("h1").inner_text().startswith("联系率")
    page.click("text=回看板")
    page.wait_for_url("**/board?by=area")
