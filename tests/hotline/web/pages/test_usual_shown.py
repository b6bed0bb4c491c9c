"""The usual unit as a browser draws it."""

import pytest
from playwright.sync_api import expect

from hotline.settings import Settings
from tests.cast import LAMP
from tests.hotline.flow import lessons
from tests.hotline.web.pages.conftest import Open
from tests.hotline.web.pages.seen import SIZES, axe

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True, scope="module")
def learned(config: Settings) -> None:
    """A model of units in use, and one that waits."""
    lessons.teach_units(config.database_url)


@pytest.mark.parametrize("size", SIZES)
def test_it_is_accessible_and_fits(visit: Open, size: tuple[int, int]) -> None:
    for login, address in (("pai01", "/dispatch?list=person"), ("du01", "/models")):
        page = visit(login, address, size=size)
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page = visit("hua01", "/desk", size=size)
    page.select_option("#area", LAMP)
    page.fill("#address", "示例区云桥街道云桥社区第一网格")
    page.fill("#text", "路灯坏了一直不亮，请来修")
    expect(page.locator("#offers")).to_contain_text("办理习惯", timeout=30_000)
    assert axe(page) == []
