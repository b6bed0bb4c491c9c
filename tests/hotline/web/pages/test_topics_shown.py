"""Topics and the advice beside a reply, as a browser draws them."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from hotline.jobs import rounds
from hotline.settings import Settings
from hotline.store import db
from hotline.store.schema import METADATA
from tests.hotline.web.pages.conftest import Open
from tests.hotline.web.pages.seen import SIZES, TICKET, axe
from tests.hotline.web.pages.stage import WAITING

pytestmark = pytest.mark.browser


@pytest.fixture
def run_round(config: Settings) -> int:
    """How many topics a round finds on the stage."""
    db.bind(config.database_url)
    with db.transaction() as session:
        session.execute(METADATA.tables["round"].delete())
    return rounds.find_topics()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.usefixtures("run_round")
def test_topics_are_accessible_and_fit(visit: Open, size: tuple[int, int]) -> None:
    for address in ("/board/topics", "/board/topics/1", "/board"):
        page = visit("du01", address, size=size)
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_advice_stands_beside_the_reply_and_is_kept_when_it_is_sent(visit: Open) -> None:
    with db.reading() as session:
        at_work = TICKET.c.unit == "cgj", TICKET.c.state == "signed", TICKET.c.pending == "", TICKET.c.helpers == []
        at_work += (TICKET.c.text != WAITING["rejected"][0],)  # its result stands in the box already
        number = (
            session.execute(sa.select(TICKET.c.number).where(*at_work).order_by(TICKET.c.id.desc())).scalars().first()
        )
    page = visit("cgj01", f"/tickets/{number}")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("d")
    expect(page.locator("#answer-note")).to_be_focused()
    text = "感谢您对我们工作的理解和支持！"
    page.locator("#answer-note").press_sequentially(text)
    panel = page.locator("#act-answer [data-advice]")
    expect(panel).to_contain_text("几乎没有内容", timeout=30_000)
    expect(page.locator("#answer-note")).to_have_value(text)
    expect(page.locator("#answer-note")).to_be_focused()
    assert axe(page) == []
    page.locator("#act-answer form button").click()
    expect(page.locator("#main .flash")).to_contain_text("已提交")
    expect(page.locator("#main")).to_contain_text("提交时的答复预检")
