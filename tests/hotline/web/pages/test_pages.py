"""Every page for its role: what it shows, what it costs, and what a form does, kept or refused."""

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient

from hotline.store import db
from tests.hotline.web.conftest import PASSWORD
from tests.hotline.web.pages.conftest import Browser, hidden
from tests.hotline.web.pages.seen import ENTRY, TICKET, numbers, row

Sent = Callable[[], list[str]]


def lines(number: str) -> list[tuple[str, str]]:
    """Return the history of a ticket: (move, note)."""
    with db.reading() as session:
        query = sa.select(ENTRY.c.move, ENTRY.c.note).where(ENTRY.c.ticket_id == row(number).id).order_by(ENTRY.c.seq)
        return [(one.move, one.note) for one in session.execute(query)]


@pytest.mark.parametrize(("login", "home", "statements_", "words"), [
    ("hua01",       "/desk",     2, "登记诉求"),
    ("pai01",       "/dispatch", 14, "派给谁"),
    ("cgj01",       "/unit",     3, "待签收"),
    ("ding.dayong", "/m",        3, "今日待办"),
    ("hui01",       "/callback", 15, "来电人怎么说"),
    ("du01",        "/board",    15, "满意率"),
    ("admin",       "/board",    15, "满意率"),
])  # fmt: skip
def test_home_of_each_role(
    browser: Browser, statements: Sent, login: str, home: str, statements_: int, words: str
) -> None:
    me = browser(login)
    answer = me.get("/")
    assert answer.url.path == home
    assert answer.status_code == 200
    assert words in answer.text
    statements()
    me.get(home)
    assert len(statements()) <= statements_


def test_a_list_costs_the_same_whatever_its_length(browser: Browser, statements: Sent) -> None:
    me = browser("du01")
    me.get("/tickets?list=closed")
    counted = []
    for address in ("/tickets?list=joined", "/tickets?list=open", "/tickets?list=closed&q=路灯"):
        statements()
        assert me.get(address).status_code == 200
        counted.append(len(statements()))
    assert counted == [3, 3, 3]  # the last one is the header's: how many notices are unread


def test_a_ticket_page_costs_twelve_statements(browser: Browser, statements: Sent) -> None:
    me, number = browser("cgj01"), numbers(TICKET.c.unit == "cgj", TICKET.c.state == "closed")[0]
    me.get(f"/tickets/{number}")
    statements()
    assert me.get(f"/tickets/{number}").status_code == 200
    assert len(statements()) == 12


@pytest.mark.parametrize("address", ["/", "/desk", "/unit", "/tickets/SL1", "/m/SL1", "/board", "/grids.json"])
def test_nobody_is_sent_to_the_door_and_back(browser: Browser, door: TestClient[Litestar], address: str) -> None:
    answer = browser("").get(address)
    assert answer.url.path == "/login"
    assert hidden(answer.text, "next") == address


@pytest.mark.parametrize(("login", "address"), [
    ("cgj01", "/desk"), ("cgj01", "/board"), ("hua01", "/callback"), ("ding.dayong", "/unit"), ("hui01", "/dispatch"),
])  # fmt: skip
def test_a_page_of_another_role_names_who_may(browser: Browser, login: str, address: str) -> None:
    answer = browser(login).get(address)
    assert answer.status_code == 403
    assert "您的岗位是" in answer.text


def test_a_wrong_password_says_nothing_more(browser: Browser) -> None:
    known = browser("").post("/login", {"login": "hua01", "password": "wrong"})
    unknown = browser("").post("/login", {"login": "nobody", "password": "wrong"})
    assert known.status_code == unknown.status_code == 401
    assert "账号或密码不正确" in known.text
    assert known.text.replace("hua01", "") == unknown.text.replace("nobody", "")


@pytest.mark.parametrize("wanted", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:a(1)"])
def test_the_door_leads_nowhere_else(door: TestClient[Litestar], wanted: str) -> None:
    door.cookies.clear()
    form = {"login": "hua01", "password": PASSWORD, "next": wanted}
    answer = door.post("/login", data=form, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_pages_carry_a_strict_policy_and_no_inline_code(browser: Browser) -> None:
    for login, address in (("hua01", "/desk"), ("du01", "/board"), ("ding.dayong", "/m"), ("", "/progress")):
        answer = browser(login).get(address)
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        text, own = answer.text, re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        assert len(own) == (address == "/m")  # the phone's sheet, let in by its hash
        for sheet in own:
            assert f"'sha256-{b64encode(sha256(sheet.encode()).digest()).decode()}'" in policy
            text = text.replace(f"<style>{sheet}</style>", "")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|hx-on", text)
        assert "no-store" in answer.headers["cache-control"]


def test_phone_numbers_are_masked_everywhere(browser: Browser) -> None:
    for login, address in (("hua01", "/tickets"), ("cgj01", "/unit"), ("ding.dayong", "/m"), ("hui01", "/callback")):
        assert not re.search(r"1380000\d{4}", browser(login).get(address).text)


def test_languages(browser: Browser) -> None:
    me = browser("cgj01")
    english = me.get("/unit?lang=en")
    assert '<html lang="en">' in english.text
    assert "To sign for" in english.text
    assert "Overdue" in me.get("/unit").text  # remembered
    assert "待签收" in me.get("/unit?lang=zh-CN").text


def intake(me: object, **form: str) -> dict[str, str]:
    page = me.get("/desk").text
    return {"csrf_token": hidden(page, "csrf_token"), "key": hidden(page, "key"), "act": "save", **form}


def number_of(page: str) -> str:
    found = re.search(r'href="/tickets/(SL\d+)"', page)
    assert found
    return found.group(1)


def test_registering_dispatches_at_once_and_only_once(browser: Browser) -> None:
    me = browser("hua01")
    said = {"text": "和平路口两盏路灯不亮三天了，晚上看不见。", "phone": "13800009911", "address": "松岭家园3号楼"}
    form = intake(me, area="0201", **said)
    first, again = me.post("/desk", form), me.post("/desk", form)
    assert first.status_code == 200
    number = number_of(first.text)
    assert "请把编号读给来电人" in first.text
    assert number_of(again.text) == number
    assert "没有重复登记" in again.text
    assert len(numbers(TICKET.c.text == form["text"])) == 1
    assert row(number).state in {"routed", "received"}
    assert row(number).seq > 1  # looked at by the rules within the same request


def test_what_cannot_be_saved_stays_in_the_form(browser: Browser) -> None:
    me = browser("hua01")
    answer = me.post("/desk", intake(me, text="", address="松岭家园3号楼"))
    assert answer.status_code == 422
    assert 'value="松岭家园3号楼"' in answer.text
    assert "内容还在" in answer.text


def test_answering_on_the_line_closes(browser: Browser) -> None:
    me = browser("hua01")
    asked = me.post("/desk", intake(me, text="请问公积金窗口周六上班吗？", act="settle"))
    assert asked.status_code == 422
    assert "请先填写当场答复的内容" in asked.text
    done = me.post("/desk", intake(me, text="请问公积金窗口周六上班吗？", act="settle", answer="周六上午上班。"))
    assert row(number_of(done.text)).state == "closed"
    assert row(number_of(done.text)).reply == "周六上午上班。"


def test_joining_an_open_ticket(browser: Browser) -> None:
    me, into = browser("hua01"), numbers(TICKET.c.state == "signed")[0]
    done = me.post("/desk", intake(me, text="还是那件事，邻居也反映同样的问题。", act=f"join:{into}"))
    number = number_of(done.text)
    assert row(number).state == "joined"
    assert row(number).joined_to == row(into).id


def test_suggestions_write_nothing(browser: Browser, statements: Sent) -> None:
    me = browser("hua01")
    form = intake(me, text="小区垃圾桶满了三天没人清运，臭味很大。", address="松岭家园3号楼")
    statements()
    answer = me.post("/desk/suggestions", form)
    assert answer.status_code == 200
    assert 'data-sets="grid"' in answer.text
    assert "松岭社区第一网格" in answer.text
    assert not [text for text in statements() if not text.lstrip().startswith("SELECT")]
    assert 'data-sets="area"' not in me.post("/desk/suggestions", form | {"text": "垃"}).text


def test_suggestions_show_the_standard_answer(browser: Browser) -> None:
    me = browser("hua01")
    form = intake(me, text="想问一下结婚登记要带什么材料", area="1303")
    answer = me.post("/desk/suggestions", form)
    assert "标准答复" in answer.text
    assert "结婚登记双方持身份证到婚姻登记处办理" in answer.text
    assert "标准答复" not in me.post("/desk/suggestions", form | {"area": "0502"}).text


def test_candidates_show_precedent_and_standard_answer(browser: Browser) -> None:
    me, number = browser("pai01"), numbers(TICKET.c.state == "returned")[0]

    def shown(**changes: str) -> str:
        with db.transaction() as session:
            session.execute(sa.update(TICKET).where(TICKET.c.number == number).values(**changes))
        return me.get(f"/dispatch?list=returned&ticket={number}").text

    ruled = shown(area="0501", grid="", community="990101004005")
    assert '<span class="tag green">会商裁定</span>' in ruled
    assert "曾按会商裁定〔2026〕第1号办理" in ruled
    assert "标准答复" not in ruled
    asked = shown(area="1501", grid="", community="")
    assert "标准答复" in asked
    assert "区政务服务中心工作日9:00至17:30对外服务" in asked
    assert ">会商裁定<" not in asked


def test_dispatching_leads_to_the_next(browser: Browser) -> None:
    me = browser("pai01")
    page = me.get("/dispatch?list=returned")
    first = re.search(r'action="/dispatch/(SL\d+)"', page.text)
    assert first
    form = {name: hidden(page.text, name) for name in ("csrf_token", "list")} | {"unit": "cgj"}
    form["seq"] = str(row(first[1]).seq)
    done = me.post(f"/dispatch/{first[1]}", form)
    assert row(first[1]).state == "routed"
    assert row(first[1]).unit == "cgj"
    assert f"{first[1]} 已派出" in done.text
    assert f'action="/dispatch/{first[1]}"' not in done.text
    again = me.post(f"/dispatch/{first[1]}", form)  # a second dispatcher, or a second press
    assert again.status_code == 409
    assert [move for move, _ in lines(first[1])].count("route") == 2


def test_dispatching_to_nobody_asks_for_a_unit(browser: Browser) -> None:
    me = browser("pai01")
    number = numbers(TICKET.c.state == "returned")[0]
    answer = me.submit("/dispatch", f"/dispatch/{number}", seq=str(row(number).seq), unit="", other="")
    assert answer.status_code == 422
    assert "请选择承办单位" in answer.text


def test_a_unit_signs_reports_and_answers(browser: Browser) -> None:
    me, number = browser("cgj01"), numbers(TICKET.c.unit == "cgj", TICKET.c.state == "routed")[0]
    page = f"/tickets/{number}"
    assert "“签收”已提交" in me.submit(page, f"{page}/sign", seq=str(row(number).seq)).text
    done = me.submit(page, f"{page}/report", seq=str(row(number).seq), note="已到现场，正在清理。")
    assert done.url.path == page
    assert "已到现场，正在清理。" in done.text
    form = {"seq": str(row(number).seq), "note": "已清理完毕。", "outcome": "solved", "contacted": "true"}
    me.submit(page, f"{page}/answer", **form)
    assert (row(number).state, row(number).reply, row(number).contacted) == ("answered", "已清理完毕。", True)
    late = me.submit(page, f"{page}/answer", **form)  # a second press
    assert late.status_code == 409
    assert [move for move, _ in lines(number)].count("answer") == 1


def test_a_stale_page_keeps_the_text_and_shows_both(browser: Browser) -> None:
    me, number = browser("cgj01"), numbers(TICKET.c.unit == "cgj", TICKET.c.state == "signed")[0]
    page, seen = f"/tickets/{number}", str(row(number).seq)
    me.submit(page, f"{page}/note", seq=seen, note="同事写的备注。")
    answer = me.submit(page, f"{page}/report", seq=seen, note="我写了很久的进展。")
    assert answer.status_code == 409
    assert "我写了很久的进展。</textarea>" in answer.text
    assert "您打开后的新进展" in answer.text
    assert "同事写的备注。" in answer.text
    form = {name: hidden(answer.text, name) for name in ("csrf_token", "seq")} | {"note": "我写了很久的进展。"}
    again = me.post(f"{page}/report", form)
    assert again.status_code == 200
    assert ("report", "我写了很久的进展。") in lines(number)


def test_a_missing_word_is_asked_for(browser: Browser) -> None:
    me, number = browser("cgj01"), numbers(TICKET.c.unit == "cgj", TICKET.c.state == "signed")[0]
    answer = me.submit(f"/tickets/{number}", f"/tickets/{number}/report", seq=str(row(number).seq), note="  ")
    assert answer.status_code == 422
    assert "请填写必填的内容后再提交" in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_another_units_ticket_does_not_exist(browser: Browser) -> None:
    number = next(one for one in numbers(TICKET.c.unit == "gafj") + numbers(TICKET.c.unit != "cgj")
                  if "cgj" not in row(one).helpers)  # fmt: skip
    for address in (f"/tickets/{number}", "/tickets/SL000000"):
        answer = browser("cgj01").get(address)
        assert answer.status_code == 404
    assert browser("cgj01").submit("/unit", f"/tickets/{number}/sign").status_code == 404


def test_a_form_of_another_site_does_nothing(browser: Browser) -> None:
    me, number = browser("cgj01"), numbers(TICKET.c.unit == "cgj", TICKET.c.state == "signed")[0]
    before = row(number).seq
    assert me.post(f"/tickets/{number}/report", {"note": "forged"}).status_code == 403
    token = hidden(me.get("/unit").text, "csrf_token")
    foreign = me.post(f"/tickets/{number}/report", {"note": "x", "csrf_token": token}, sec_fetch_site="cross-site")
    assert foreign.status_code == 403
    assert row(number).seq == before


@pytest.mark.parametrize(("answer", "note", "state", "said"), [
    ("there", "", "signed", "已到现场"),
    ("doing", "约好明早九点", "signed", "正在处理。约好明早九点"),
    ("done", "", "answered", "已办好"),
])  # fmt: skip
def test_a_grid_leader_reports(browser: Browser, answer: str, note: str, state: str, said: str) -> None:
    me = browser("ding.dayong")
    found = re.findall(r'href="/m/(SL\d+)"', me.get("/m").text)
    number = found[-1]
    done = me.submit(f"/m/{number}", f"/m/{number}", seq=str(row(number).seq), answer=answer, note=note, alone="true")
    assert done.url.path == "/m"
    assert f"{number} 已提交" in done.text
    assert row(number).state == state
    assert lines(number)[-1][1] == said


def test_a_grid_leader_says_why_it_cannot_be_done(browser: Browser) -> None:
    me = browser("ding.dayong")
    number = re.findall(r'href="/m/(SL\d+)"', me.get("/m").text)[0]
    before = row(number).seq
    answer = me.submit(f"/m/{number}", f"/m/{number}", seq=str(before), answer="cannot", note="")
    assert answer.status_code == 422
    assert "请写明理由" in answer.text
    assert re.search(r'value="cannot" required checked', answer.text)
    assert row(number).seq == before


def test_the_phone_page_is_small(browser: Browser, door: TestClient[Litestar]) -> None:
    """At most 20 KB over the wire for a first visit, at most 8 KB of them scripts."""
    page = browser("ding.dayong").get("/m")
    assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    sizes = {one: door.get(one).num_bytes_downloaded for one in assets}
    sizes |= {part: door.get(part).num_bytes_downloaded for one in assets for part in _parts(door.get(one).text, one)}
    scripts = sum(size for one, size in sizes.items() if one.endswith(".js"))
    assert 0 < scripts <= 8 * 1024
    assert page.num_bytes_downloaded + sum(sizes.values()) <= 20 * 1024


def _parts(script: str, address: str) -> list[str]:
    """Return the chunks a module asks for at once."""
    found = re.findall(r'(?:from|import)"\./([^"]+)"', script) if address.endswith(".js") else []
    return [f"/static/{one}" for one in found]


def test_a_callback_closes_and_opens_the_next(browser: Browser) -> None:
    me = browser("hui01")
    page = me.get("/callback?list=callback").text
    number = re.search(r'action="/callback/(SL\d+)" data-once', page)
    assert number
    form = {"seq": str(row(number[1]).seq), "list": "callback", "reached": "true"}
    done = me.submit("/callback", f"/callback/{number[1]}", contacted="true", solved="yes", satisfaction="5", **form)
    assert f"{number[1]} 的回访已保存" in done.text
    assert (row(number[1]).state, row(number[1]).solved, row(number[1]).satisfaction) == ("closed", "yes", 5)
    next_one = re.search(r'action="/callback/(SL\d+)" data-once', done.text)
    assert next_one
    assert next_one[1] != number[1]


def test_not_reached_says_nothing_of_the_citizen(browser: Browser) -> None:
    me, number = browser("hui01"), numbers(TICKET.c.state == "answered")[-1]
    form = {"seq": str(row(number).seq), "reached": "false", "solved": "yes", "satisfaction": "5"}
    me.submit("/callback", f"/callback/{number}", **form)
    assert (row(number).state, row(number).solved, row(number).tries) == ("answered", None, 1)


def test_grids_are_drawn_and_cached(browser: Browser) -> None:
    me = browser("du01")
    answer = me.get("/grids.json?level=street")
    names = [one["properties"]["name"] for one in answer.json()["features"]]
    assert len(names) == 6
    assert "松岭街道" in names
    assert me.get("/grids.json?level=street", if_none_match=answer.headers["etag"]).status_code == 304
    around = me.get("/grids.json?code=990101001001001").json()["features"]
    assert [one["properties"]["name"] for one in around if one["properties"]["here"]] == ["第一网格"]
