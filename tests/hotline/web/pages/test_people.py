"""People of the grids: today's cover, a leave before and after, work that passes on, a sheet of who leads what."""

import html
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from hotline import city as cities
from hotline import clock
from hotline.store import db
from hotline.store.schema import METADATA
from tests.hotline.web.pages.conftest import Browser, hidden
from tests.hotline.web.pages.seen import TICKET

CHANGE, PROPOSAL = METADATA.tables["staff_change"], METADATA.tables["proposal"]
HERE = "990101001001001"


@pytest.fixture(autouse=True)
def nobody_is_away(door: TestClient[Litestar]) -> None:
    with db.transaction() as session:
        session.execute(CHANGE.delete())
    door.app.state["hall"].forget_city()


def today() -> date:
    with db.reading() as session:
        return cities.current(session).day(clock.now())


def span(days: int = 3) -> dict[str, str]:
    return {"login": "wu.haoran", "first": str(today()), "last": str(today() + timedelta(days=days))}


def address(said: dict[str, str]) -> str:
    return "/people?" + "&".join(f"{name}={value}" for name, value in said.items())


def cover(text: str, grid: str = HERE) -> str:
    """Return who answers for a grid, by the page."""
    line = text[text.index(f'mono">{grid}') :]
    found = re.search(r"<td><b[^>]*>([^<]+)</b>", line[: line.index("</tr>")])
    return found.group(1) if found else ""


def sheet(door: TestClient[Litestar], browser: Browser, text: str, login: str = "pai01") -> Response:
    """Upload a sheet as a browser does."""
    me = browser(login)
    token = hidden(me.get("/people").text, "csrf_token")
    door.cookies.clear()
    door.cookies.update(me.cookies)
    file = {"sheet": ("../../x.csv", text.encode(), "text/csv")}
    return door.post("/people/sheet", data={"csrf_token": token}, files=file, headers={"accept": "text/html"})


def test_every_grid_with_who_answers_today(browser: Browser, statements: Callable[[], list[str]]) -> None:
    me = browser("du01")
    me.get("/people")
    statements()
    page = me.get("/people").text
    assert len(statements()) == 4  # open tickets by leader, who is away, what changed, the reader's notices
    counts = dict(re.findall(r"list=(\w+)&amp;place=[^>]*>[^<]*<b>(\d+)", page))
    assert counts["all"] == "120"
    assert page.count('<span class="sub mono">') == 50
    assert me.get("/people?skip=50").text.count('<span class="sub mono">') == 50
    assert 'href="/people?list=all&amp;place=&amp;skip=50"' in page
    assert cover(page) == "吴浩然"
    street = me.get("/people?place=990101004").text
    assert "松岭社区第一网格" not in street
    assert me.get("/people?place=nowhere&list=odd&skip=x").status_code == 200


def test_a_leave_is_looked_at_then_put_down_then_ended(browser: Browser) -> None:
    me, said = browser("pai01"), span()
    seen = me.get(address(said)).text
    assert "还没有登记" in seen
    assert "由副网格长周春燕代为负责" in seen
    assert cover(me.get("/people").text) == "吴浩然"
    done = me.submit(address(said), "/people/leave", **said).text
    assert "请假已登记" in done
    assert cover(done) == "周春燕"
    assert cover(me.get("/people?list=stand").text) == "周春燕"
    [key] = re.findall(r"/people/leave/([0-9a-f-]+)/end", done)
    again = me.submit("/people", "/people/leave", **said)
    assert again.status_code == 422
    assert "已登记请假" in again.text
    ended = me.submit("/people", f"/people/leave/{key}/end")
    assert "请假已结束" in ended.text
    assert cover(ended.text) == "吴浩然"
    assert me.submit("/people", f"/people/leave/{key}/end").status_code == 409


def test_what_is_no_leave_is_said_and_kept(browser: Browser) -> None:
    me = browser("pai01")
    wrong = me.get(address(span(-1)))
    assert wrong.status_code == 422
    assert "最后一天不能早于第一天" in wrong.text
    assert f'value="{span(-1)["last"]}"' in wrong.text
    assert 'value="wu.haoran" selected' in wrong.text
    assert me.submit("/people", "/people/leave", login="wu.haoran", first="soon", last="").status_code == 422


def test_open_work_passes_on(browser: Browser) -> None:
    me = browser("pai01")
    with db.reading() as session:
        query = sa.select(TICKET.c.leader, sa.func.count()).where(TICKET.c.state == "routed", TICKET.c.leader != "")
        giver = session.execute(query.group_by(TICKET.c.leader).order_by(sa.func.count().desc())).first()
    assert giver
    seen = me.get(f"/people?from={giver[0]}&to=ding.dayong").text
    found = re.search(r"移交人在办 (\d+) 件", seen)
    assert found
    assert int(found.group(1)) >= giver[1]
    done = me.submit("/people", "/people/handover", **{"from": giver[0], "to": "ding.dayong"}).text
    assert f"已移交在办工单 {found.group(1)} 件" in done
    assert f"移交 {found.group(1)} 件给" in done
    for taker in ("", "du01", giver[0]):
        assert me.submit("/people", "/people/handover", **{"from": giver[0], "to": taker}).status_code in (404, 422)


def test_a_sheet_is_looked_over_then_put_forward(door: TestClient[Litestar], browser: Browser) -> None:
    bad = sheet(door, browser, f"网格,网格长\n{HERE},ding.dayong\n{HERE},ding.dayong\n99,谁\n")
    assert bad.status_code == 200
    assert "1 处变动，2 行有误" in bad.text
    assert "第3行" in bad.text
    assert "没有这个网格" in bad.text
    assert "/people/sheet/propose" not in bad.text
    good = sheet(door, browser, f"网格,网格长\n{HERE},ding.dayong\n")
    found = re.search(r'name="rows" value="([^"]*)"', good.text)
    assert found
    rows = html.unescape(found.group(1))
    page = browser("pai01").submit("/people", "/people/sheet/propose", rows=rows)
    assert page.url.path == "/rules"
    assert "1 个网格换人" in page.text
    with db.transaction() as session:
        session.execute(PROPOSAL.delete().where(PROPOSAL.c.edition.contains("-N-")))


def test_what_is_no_sheet_is_refused_in_words(door: TestClient[Litestar], browser: Browser) -> None:
    assert "没有找到表头" in sheet(door, browser, "a,b\n1,2\n").text
    assert "文件是空的" in sheet(door, browser, "").text
    assert browser("pai01").submit("/people", "/people/sheet/propose", rows="[{]").status_code == 422


def test_who_comes_in(browser: Browser) -> None:
    for login, may in (("pai01", True), ("du01", True), ("cgj01", False), ("ding.dayong", False)):
        assert (browser(login).get("/people").status_code == 200) is may
