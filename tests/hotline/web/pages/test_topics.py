"""Hot topics on the board: each number opens its tickets, a word on one is kept, nothing confidential is named."""

import html
import re

import pytest
import sqlalchemy as sa

from hotline.jobs import rounds
from hotline.settings import Settings
from hotline.store import db
from hotline.store.schema import METADATA
from tests.hotline.web.pages.conftest import Browser
from tests.hotline.web.pages.seen import TICKET

TOPIC, MEMBER, ROUND = (METADATA.tables[name] for name in ("topic", "topic_ticket", "round"))


@pytest.fixture
def run_round(config: Settings) -> int:
    """How many topics a round finds on the stage."""
    db.bind(config.database_url)
    with db.transaction() as session:
        session.execute(ROUND.delete())
    return rounds.find_topics()


def first(of: str) -> str:
    with db.reading() as session:
        return str(
            session.execute(sa.select(TOPIC.c[of]).where(TOPIC.c.active).order_by(TOPIC.c.number)).scalars().first()
        )


def test_a_round_finds_topics_once(run_round: int) -> None:
    assert run_round > 0
    assert rounds.find_topics() == 0  # it is not time yet


@pytest.mark.usefixtures("run_round")
def test_every_number_of_topics_opens_as_many_tickets(browser: Browser) -> None:
    me = browser("du01")
    address = f"/board/topics/{first('number')}"
    page = me.get(address).text
    assert first("why")[:4] in html.unescape(page)
    links = re.findall(r'href="(/board/topics/\d+(?:\?(?:day|place|recent)=[^"]*)?)">(?:共 )?(\d+)', page)
    assert len(links) >= 3
    for where, count in links:
        rows = me.get(html.unescape(where)).text.count('class="matter"')
        assert rows == min(int(count), 50), where
    board = me.get("/board").text
    shown = re.findall(r'href="(/board/topics/\d+)">(\d+)</a>', board)
    assert shown
    for where, count in shown[:4]:
        assert me.get(where).text.count('class="matter"') == min(int(count), 50)


@pytest.mark.usefixtures("run_round")
def test_a_confidential_tickets_words_are_not_shown(browser: Browser) -> None:
    with db.transaction() as session:
        one = session.execute(sa.select(MEMBER).order_by(MEMBER.c.topic_id)).first()
        assert one is not None
        hide = sa.update(TICKET).where(TICKET.c.id == one.ticket_id)
        session.execute(hide.values(confidential=True, title="保密件的标题"))
        number = session.execute(sa.select(TOPIC.c.number).where(TOPIC.c.id == one.topic_id)).scalar_one()
    page = browser("du01").get(f"/board/topics/{number}").text
    assert "保密件的标题" not in page
    assert "（内容保密）" in page


@pytest.mark.usefixtures("run_round")
def test_a_supervisors_word_is_kept_and_others_may_not(browser: Browser) -> None:
    number = first("number")
    answer = browser("du01").submit(
        f"/board/topics/{number}", f"/board/topics/{number}", mark="project", note="列为专项"
    )
    assert answer.status_code == 200
    assert "标记已保存" in answer.text
    assert "列为专项" in answer.text
    assert (first("mark"), first("marked_by")) == ("project", "du01")
    assert browser("pai01").submit(f"/board/topics/{number}", f"/board/topics/{number}", mark="").status_code in {
        403,
        400,
    }
    assert first("mark") == "project"
    assert browser("du01").get("/board/topics/99999").status_code == 404
    assert browser("cgj01").get("/board/topics").status_code == 403
