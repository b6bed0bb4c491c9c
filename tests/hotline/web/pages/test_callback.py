"""The callback desk: joined callers on their own, reasons, promises entered, the own unit refused; and re-checks."""

import html
import re
from datetime import timedelta
from itertools import count

import pytest
import sqlalchemy as sa

from dispatch.roles import Role
from hotline import city as cities
from hotline import clock, people
from hotline.city import City
from hotline.flow import call_back, handle, receive, triage
from hotline.flow.acts import apart
from hotline.people import Actor, Me
from hotline.sealing import Seal
from hotline.store import db, numbers
from hotline.store.ids import new_id
from hotline.store.schema import METADATA
from hotline.wire.moves import Answer, Joined, Plain
from hotline.wire.tickets import NewTicket
from tests.hotline.web.conftest import LONG_AGO, PASSWORD
from tests.hotline.web.pages.conftest import SECRET, Browser
from tests.hotline.web.pages.test_pages import row

COMMITMENT = METADATA.tables["commitment"]
_phones = count(8000)
AGENT = Me(login="hua01", name="柳青禾", region="sample", role=Role.AGENT)
CGJ = Me(login="cgj01", name="陈立", region="sample", role=Role.UNIT, unit="cgj")


@pytest.fixture
def city(browser: Browser) -> City:
    """The city in force, on the application's database."""
    del browser
    with db.reading() as session:
        return cities.current(session)


def received(city: City, phone: str) -> str:
    """Receive a matter in the hands of cgj; return its number."""
    now = clock.now() - timedelta(hours=3)
    number = numbers.take(city.region, city.short, city.day(now), 1)[0]
    new = NewTicket(text=f"占道经营，{number}", title="占道经营", source="12345", phone=phone, unit="cgj")
    arrival = receive.arrive(city, Seal(SECRET.encode()), new, Actor("hua01", Role.AGENT), now, number)
    with db.transaction() as session:
        receive.put(session.connection(), [arrival])
    return number


def answered(city: City, reply: str = "已整治，力争2099年前不再出现") -> tuple[str, str]:
    """Return a matter that was answered, and the number of one who joined it."""
    main, joined = (received(city, f"1380000{next(_phones)}") for _ in range(2))
    now = clock.now() - timedelta(hours=2)
    with db.transaction() as session:
        triage.waiting(session, city, now, ids=[row(main).id])
        apart.join(session, city, joined, Joined(to=main), AGENT, now)
        handle.sign(session, city, main, Plain(), CGJ, now)
        handle.answer(session, city, main, Answer(note=reply), CGJ, now)
        call_back.plan(session, city, [main])
    return main, joined


def test_a_joined_caller_is_asked_about_the_matters_answer(browser: Browser, city: City) -> None:
    main, joined = answered(city)
    me = browser("hui01")
    page = html.unescape(me.get(f"/callback?list=callback&ticket={joined}").text)
    assert f'action="/callback/{joined}"' in page
    assert "已整治" in page
    assert f"/tickets/{main}" in page
    assert "同诉的每位来电人单独回访" in page
    form = {"seq": str(row(joined).seq), "list": "callback", "reached": "true", "contacted": "true"}
    me.submit("/callback", f"/callback/{joined}", solved="no", satisfaction="2", cause="承办态度不好", **form)
    assert (row(joined).state, row(joined).unit, row(main).state) == ("signed", "cgj", "answered")
    said = METADATA.tables["callback"]
    with db.reading() as session:
        reason = session.execute(sa.select(said.c.reason).where(said.c.ticket_id == row(joined).id)).scalar_one()
    assert reason == "【承办态度不好】"


def test_who_serves_the_unit_is_told_before_the_call(browser: Browser, city: City) -> None:
    main, _ = answered(city)
    with db.transaction() as session:
        people.add(session, "sample", "hui02", "苏武", PASSWORD, LONG_AGO)
        people.appoint(session, "sample", "hui02", Role.CALLER_BACK, "cgj", LONG_AGO)
    me = browser("hui02")
    assert "不得回访本单位承办的工单" in me.get(f"/callback?list=callback&ticket={main}").text
    form = {"seq": str(row(main).seq), "reached": "true", "solved": "yes", "satisfaction": "5"}
    refused = me.submit("/callback", f"/callback/{main}", **form)
    assert refused.status_code == 403
    assert "不得回访本单位承办的工单" in refused.text
    assert row(main).state == "answered"


def test_a_promise_found_in_the_reply_is_entered(browser: Browser, city: City) -> None:
    year = clock.now().year + 1
    main, _ = answered(city, f"已整治。力争{year}年6月底前完成改造。")
    me = browser("hui01")
    page = me.get(f"/callback?list=callback&ticket={main}").text
    assert f'value="{year}-06-30"' in page
    done = me.submit(
        "/callback", f"/callback/{main}/commit", list="callback", note=f"力争{year}年6月底前完成改造",
        until=f"{year}-06-30", proposed="true",
    )  # fmt: skip
    assert done.status_code == 200
    assert "记为承诺" not in done.text
    assert "待兑现" in done.text
    refused = me.submit("/callback", f"/callback/{main}/commit", note="没有日期")
    assert refused.status_code in {400, 422}
    assert "承诺没有记下" in refused.text


def test_what_is_due_stands_on_the_re_check_list(browser: Browser, city: City) -> None:
    main, _ = answered(city)
    now, made = clock.now(), new_id(clock.now())
    with db.transaction() as session:
        session.execute(COMMITMENT.insert().values(
            id=made, region="sample", ticket_id=row(main).id, number=main, unit="cgj", text="昨天前清理完毕",
            source="handler", made_by="cgj01", made_at=now - timedelta(days=3), due_at=now - timedelta(days=1),
        ))  # fmt: skip
    me = browser("hui01")
    assert re.search(r'href="/recheck"[^>]*>回头看 <b>1</b>', me.get("/callback").text)
    assert "昨天前清理完毕" in me.get("/recheck").text
    refused = me.submit("/recheck", f"/recheck/{main}", commitment=str(made), note=" ", result="broken")
    assert refused.status_code in {400, 422}
    done = me.submit("/recheck", f"/recheck/{main}", commitment=str(made), note="现场仍有堆放", result="broken")
    assert "核查结果已保存" in done.text
    assert "没有到期待核查的承诺" in done.text
    assert row(main).level == "supervise"
    with db.reading() as session:
        assert session.execute(sa.select(COMMITMENT.c.result).where(COMMITMENT.c.id == made)).scalar_one() == "broken"
    assert browser("du01").get("/recheck").status_code == 200
    assert browser("hua01").get("/recheck").status_code == 403
