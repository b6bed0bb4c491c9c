"""A ticket becomes confidential and no longer is: who may, what is kept, and what handlers read from then on."""

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from classifiers.text import NAME, PHONE
from dispatch.contact import ContactRules
from dispatch.errors import NotYours
from dispatch.lifecycle import MOVES, State
from hotline import sealing
from hotline.errors import BadValue, NoSuchCode, NoSuchTicket, NotAllowed, RuleSaysNo
from hotline.flow.acts import reveal
from hotline.people import Me
from hotline.store import db, events, lists, notices, sheets, veil
from hotline.store.lists import Filters
from hotline.store.schema import METADATA
from hotline.wire.tickets import Looked, TicketSheet
from tests.cast import AGENT, CALLER_BACK, DISPATCHER, LEADER, NOW, RUBBISH, SUPERVISOR, Office, unit

CALLED, WHO = "13800005577", "诸葛小明"
GRID = "990101001001001"
HANDLERS = [unit("hwzx"), LEADER]
BY_LOGIN: dict[str, Any] = {"ids": lambda me: me.login}
TEXT = f"我叫{WHO}，请打{CALLED}，门口垃圾没人清运"


@pytest.fixture(autouse=True)
def _sealed(office: Office) -> None:
    sealing.bind(office.seal)


def given(office: Office, **new: Any) -> str:
    new = {"phone": CALLED, "name": WHO, "grid": GRID, "text": TEXT, "area": RUBBISH} | new
    return office.ticket(State.SIGNED, **new).number


def read(number: str, me: Me) -> TicketSheet:
    with db.reading() as session:
        return sheets.sheet(session, me.sight, number)


def readable(number: str, me: Me) -> str:
    """Return all of a ticket that a person may read, as JSON, without its number."""
    return msgspec.json.encode(read(number, me)).decode().replace(number, "")


def search(me: Me, words: str) -> list[str]:
    with db.reading() as session:
        return [one.number for one in lists.tickets(session, me.sight, Filters(words=words), now=NOW).items]


@pytest.mark.parametrize("me", [AGENT, DISPATCHER, SUPERVISOR], **BY_LOGIN)
def test_the_desk_makes_it_confidential(office: Office, me: Me) -> None:
    number = given(office)
    office.do("conceal", number, me, note="来电人要求保密")
    assert office.see(number).confidential
    assert office.history(number)[-1] == "conceal"
    assert office.broken_links() == []
    with pytest.raises(RuleSaysNo, match="已经是保密工单"):
        office.do("conceal", number, me)


@pytest.mark.parametrize("me", [*HANDLERS, CALLER_BACK], **BY_LOGIN)
@pytest.mark.parametrize("move", ["conceal", "disclose"])
def test_nobody_else_does(office: Office, me: Me, move: str) -> None:
    number = given(office, confidential=move == "disclose")
    with pytest.raises(NotYours):
        office.do(move, number, me, **({"reason": "需要"} if move == "disclose" else {}))
    with pytest.raises(NoSuchTicket):
        office.do(move, number, unit("cgj"), **({"reason": "需要"} if move == "disclose" else {}))


def test_lifting_it_needs_the_callers_word_or_a_supervisor(office: Office) -> None:
    number = given(office, confidential=True)
    with pytest.raises(RuleSaysNo, match="本人同意"):
        office.do("disclose", number, AGENT, reason="承办单位要求")
    with pytest.raises(BadValue):
        office.do("disclose", number, SUPERVISOR, reason="  ")
    with pytest.raises(NotYours):
        office.do("disclose", number, DISPATCHER, reason="承办单位要求", agreed=True)
    assert office.see(number).confidential
    office.do("disclose", number, AGENT, reason="来电人来电同意", agreed=True)
    line = office.rows("entry", ticket_id=office.see(number).id)[-1]
    assert (line.note, line.facts, office.see(number).confidential) == ("来电人来电同意", {"agreed": True}, False)
    with pytest.raises(RuleSaysNo, match="不是保密工单"):
        office.do("disclose", number, SUPERVISOR, reason="再解除")
    office.do("conceal", number, AGENT)
    office.do("disclose", number, SUPERVISOR, reason="涉及公共安全，经批准")
    assert not office.see(number).confidential


@pytest.mark.parametrize("state", [one for one in State if one is not State.DRAFT])
def test_in_every_state(office: Office, state: State) -> None:
    assert state in MOVES["conceal"].origins & MOVES["disclose"].origins
    number = office.ticket(state, phone=CALLED, name=WHO).number
    office.do("conceal", number, AGENT)
    assert (office.see(number).state, office.see(number).confidential) == (state, True)


@pytest.mark.parametrize("me", HANDLERS, **BY_LOGIN)
def test_from_then_on_nothing_tells_who_called(office: Office, me: Me) -> None:
    number = given(office, extra={"来电号码": CALLED, "家属": f"{WHO}之妻", "时间": "2026-11-18 10:00"})
    office.do("note", number, AGENT, note=f"{WHO} 补充：十三号楼，号码１３８ ０００ ０５５７７")
    office.do("report", number, unit("hwzx"), note=f"已联系{WHO}")
    assert WHO in readable(number, me)
    assert CALLED not in readable(number, me)
    assert number in search(me, WHO)
    office.do("conceal", number, AGENT)
    assert not [word for word in (WHO, CALLED, "小明", "５５７７", "138****") if word in readable(number, me)]
    sheet = read(number, me)
    assert sheet.text == f"我叫{NAME}，请打{PHONE}，门口垃圾没人清运"
    assert (sheet.card.caller_label, sheet.card.confidential) == (veil.CONFIDENTIAL, True)
    assert (sheet.extra["来电号码"], sheet.extra["时间"]) == ("〔已隐去〕", "2026-11-18 10:00")
    assert "十三号楼" in readable(number, me)
    assert [search(me, word) for word in (WHO, "小明", CALLED, "138", "叫诸葛")] == [[]] * 5
    assert search(me, "清运") == [number]
    office.do("disclose", number, SUPERVISOR, reason="经批准")
    assert number in search(me, WHO)
    assert WHO in readable(number, DISPATCHER)


def test_who_was_shown_the_number_reads_it(office: Office) -> None:
    number, me = given(office), unit("hwzx")
    contact = msgspec.structs.replace(office.city.rulebook, contact=ContactRules())
    city, said = msgspec.structs.replace(office.city, rulebook=contact), Looked(reason="联系诉求人")
    assert CALLED not in readable(number, me)
    with db.transaction() as session:
        reveal.reveal(session, office.city, office.seal, number, said, me, NOW)  # through the switchboard: not shown
    assert CALLED not in readable(number, me)
    with db.transaction() as session:
        reveal.reveal(session, city, office.seal, number, said, me, NOW)
    assert CALLED in readable(number, me)
    assert CALLED not in readable(number, LEADER)
    office.do("conceal", number, AGENT)
    assert CALLED not in readable(number, me)


def test_what_one_wrote_oneself_stays_to_be_written_on(office: Office) -> None:
    number, words = given(office), "请拨打0531-88886666咨询供热公司"
    office.do("report", number, unit("hwzx"), note=words)
    lines = {me.login: read(number, me).history[-1].note for me in (unit("hwzx"), LEADER, DISPATCHER)}
    assert lines == {"hwzx01": words, LEADER.login: f"请拨打{PHONE}咨询供热公司", DISPATCHER.login: words}


def test_what_a_sent_reply_was_told_is_no_answer_to_a_guess(office: Office) -> None:
    number, me = given(office), unit("hwzx")
    office.answer(number, me, note=f"已电话{CALLED}联系您，垃圾已清运完毕，请放心。")
    codes = {
        who.login: [one["code"] for line in read(number, who).history for one in line.facts.get("precheck", ())]
        for who in (me, DISPATCHER)
    }
    assert "citizen_number" in codes[DISPATCHER.login]
    assert "citizen_number" not in codes[me.login]


def test_a_code_given_before_calls_no_more(office: Office) -> None:
    number, said = given(office), Looked(reason="联系诉求人")
    with db.transaction() as session:
        found_ = reveal.reveal(session, office.city, office.seal, number, said, unit("hwzx"), NOW)
    office.do("conceal", number, AGENT)
    with pytest.raises(NoSuchCode), db.transaction() as session:
        reveal.put_through(session, office.seal, found_.code, AGENT, NOW)


@pytest.mark.parametrize("me", HANDLERS, **BY_LOGIN)
@pytest.mark.parametrize("hidden", ["first", "second"])
def test_one_callers_two_tickets_do_not_tell_of_each_other(office: Office, me: Me, hidden: str) -> None:
    first = given(office, confidential=hidden == "first")
    second = office.received(phone=CALLED, name=WHO, text=TEXT, confidential=hidden == "second")
    office.triage()
    assert "同一来电人" in office.see(second).why["join"]
    assert "同一来电人" in readable(second, DISPATCHER)
    sheet = read(first, me)
    assert [one.number for one in sheet.joined] == [second]
    assert {one.caller_label for one in (sheet.card, *sheet.joined)} == {veil.CONFIDENTIAL}
    assert not [word for word in (WHO, CALLED, "同一来电人", "138****") if word in readable(first, me)]
    with pytest.raises(NotAllowed), db.transaction() as session:
        reveal.reveal(session, office.city, office.seal, first, Looked(reason="联系"), me, NOW)
    with pytest.raises(NotAllowed), db.transaction() as session:
        reveal.reveal(session, office.city, office.seal, second, Looked(reason="联系"), me, NOW)


@pytest.mark.parametrize("me", HANDLERS, **BY_LOGIN)
def test_why_it_was_joined_is_told_without_the_caller(office: Office, me: Me) -> None:
    first = given(office)
    second = office.received(phone=CALLED, name=WHO, text=TEXT, grid=GRID, unit="hwzx")
    office.triage()
    assert office.see(second).joined_to == office.see(first).id
    sheet = read(second, me)
    assert (sheet.why["join"], sheet.history[-1].why["join"]) == (veil.JOINED_SENTENCE, veil.JOINED_SENTENCE)


def test_a_notice_told_before_is_read_through_the_veil(office: Office) -> None:
    number = given(office, title=f"{WHO}（{CALLED}）反映垃圾")
    told_before = {"id": office.see(number).id, "region": office.city.region, "unit": "hwzx", "login": "", "at": NOW}
    told_before |= {
        "number": number,
        "kind": "route",
        "text": f"派单：{number} {WHO}（{CALLED}）反映垃圾",
        "read_at": None,
    }
    with db.transaction() as session:
        session.execute(METADATA.tables["notice"].insert(), told_before)
    me = unit("hwzx")

    def notice() -> str:
        with db.reading() as session:
            return notices.notices(session, me.sight, login=me.login, unit=me.unit)[0].text

    assert notice() == f"派单：{number} {WHO}（{PHONE}）反映垃圾"
    office.do("conceal", number, AGENT)
    assert notice() == f"派单：{number} {NAME}（{PHONE}）反映垃圾"


def test_what_it_taught_is_forgotten(office: Office) -> None:
    number = office.ticket(State.CLOSED, phone=CALLED, name=WHO).number
    with db.transaction() as session:
        row = {"region": office.city.region, "key": f"ticket:{number}", "text": "x", "title": "", "area": RUBBISH}
        row |= {
            "first_area": RUBBISH,
            "unit": "",
            "place": "",
            "source": "",
            "kind": "closure",
            "edition": "1",
            "at": NOW,
        }
        session.execute(METADATA.tables["sample"].insert(), row)
    office.do("conceal", number, AGENT)
    with db.reading() as session:
        kept = METADATA.tables["sample"].c.key
        assert not session.execute(sa.select(kept).where(kept == f"ticket:{number}")).all()


def test_the_ground_reads_no_numbers(office: Office) -> None:
    number = given(office, title=f"请打{CALLED}")
    office.do("note", number, unit("hwzx"), note=f"已打{CALLED}")
    with db.reading() as session:
        [event] = events.listed(session, office.city.region, events.Which(), 10)
        [note] = events.notes(session, office.city.region, GRID, NOW)
    assert (event.title, note.note) == (f"请打{PHONE}", f"已打{PHONE}")


HANDLES = ("wxid_sujinnian9", "微信号 sujinnian8", "QQ 123456789", "jinnian@example.com")
ASKED = ("sujinnian", "wxid", "123456789", "jinnian@")


@pytest.mark.parametrize("me", HANDLERS, **BY_LOGIN)
def test_the_given_name_alone_is_hidden_too(office: Office, me: Me) -> None:
    title, text = "锦年女士反映垃圾", "门口垃圾没人清运，锦年女士在家"
    number = given(office, name="苏锦年", title=title, text=text, extra={"备注": "锦年的家人"})
    office.do("note", number, AGENT, note="锦年女士又说晚上也没人清运")
    office.do("report", number, unit("hwzx"), note="已联系锦年")
    assert number in search(me, "锦年")
    office.do("conceal", number, AGENT)
    assert "锦年" not in readable(number, me)
    assert "锦年" in readable(number, DISPATCHER)
    assert [search(me, word) for word in ("锦年", "锦年女士")] == [[], []]
    assert search(me, "清运") == [number]
    with db.reading() as session:
        assert "锦年" not in lists.tickets(session, me.sight, Filters(), now=NOW).items[0].title


@pytest.mark.parametrize("secret", [False, True])
@pytest.mark.parametrize("me", HANDLERS, **BY_LOGIN)
def test_account_names_are_veiled_like_numbers(office: Office, me: Me, secret: bool) -> None:
    text = f"门口垃圾没人清运，联系：{'、'.join(HANDLES)}"
    extra = {"微信": "jinnian77", "QQ号": "987654321"}
    number = given(office, name="苏锦年", text=text, extra=extra, confidential=secret)
    office.do("note", number, AGENT, note=f"补充：{HANDLES[1]}")
    told = readable(number, me)
    assert [word for word in (*ASKED, "jinnian77", "987654321") if word in told] == []
    assert [word for word in ASKED if word not in readable(number, DISPATCHER)] == []
    assert [search(me, word) for word in ASKED] == [[]] * len(ASKED)
    assert search(DISPATCHER, "sujinnian") == [number]
