"""What a page says of a move before it is made is what the flow says when it is made."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from dispatch.lifecycle import State
from hotline import city as cities
from hotline import rulefiles
from hotline.errors import RuleSaysNo
from hotline.store import db, sheets
from hotline.web import strings
from hotline.web.access import Here
from hotline.web.pages.form import limits, offers
from hotline.web.pages.names import Look
from tests.cast import DISPATCHER, HOUR, MINUTE, NOW, SAMPLE, Office, unit

HWZX = unit("hwzx")
ASKED = {"reason": "等检测报告", "note": "已采样"}


@pytest.fixture
def office(sqlite_url: str) -> Office:
    """An office; its rules may be changed by a test."""
    return Office(sqlite_url)


def offer(office: Office, number: str, at: Any, language: str = "zh-CN") -> offers.Offer:
    """Return what the unit's page is made from."""
    here = Here(HWZX, office.city, None, at, "")  # type: ignore[arg-type]  # a form needs no hall
    look = Look(lang=language, say=strings.SAYERS[language], now=at, path="/", city=office.city, me=HWZX)
    with db.reading() as session:
        found = offers.offered(session, here, look, number)
    assert found is not None
    return found


def test_the_limit_shown_is_the_limit_granted(office: Office) -> None:
    number = office.ticket(State.SIGNED, NOW).number
    at = NOW + HOUR
    shown = offer(office, number, at)
    office.do("ask_extension", number, HWZX, at, days=3, **ASKED)
    waiting = offer(office, number, at + MINUTE)
    assert waiting.ends == {n: shown.ends[n] for n in (1, 2, 3)}
    office.do("extend", number, DISPATCHER, at + 2 * MINUTE, days=3)
    assert office.see(number).due_at == shown.ends[3]
    assert shown.look.when(shown.ends[3]) in dict(limits.days("ask_extension", shown)["options"])["3"]


def test_what_cannot_be_extended_is_not_offered(office: Office) -> None:
    """By the city's rules no extension moves this limit: the page says so before anybody writes a reason."""
    files = rulefiles.read_folder(SAMPLE)
    files["promises.toml"] = files["promises.toml"].replace('extends = ["extend"]', "")
    office.city = cities.build(files)
    number = office.ticket(State.SIGNED, NOW).number
    with pytest.raises(RuleSaysNo) as refused:
        office.do("ask_extension", number, HWZX, NOW + HOUR, days=3, **ASKED)
    page = offers.act_of(offer(office, number, NOW + HOUR), "ask_extension")
    assert page.blocked == str(refused.value) == "按规则，本次办理的报结果时限不能延期"
    english = offers.act_of(offer(office, number, NOW + HOUR, "en"), "ask_extension")
    assert english.blocked == "By the rules, the limit of the result cannot be extended this time"


def test_where_nothing_can_be_asked_nothing_is_counted(office: Office) -> None:
    number = office.ticket(State.SIGNED, NOW).number
    with db.reading() as session:
        sheet = sheets.sheet(session, HWZX.sight, number)
        here = Here(msgspec.structs.replace(DISPATCHER), office.city, None, NOW, "")  # type: ignore[arg-type]  # see above
        assert limits.ends(session, here, sheet, office.city.rulebook) == {}


def test_returning_is_ruled_as_the_flow_rules_it(office: Office) -> None:
    number = office.ticket(State.SIGNED, NOW).number
    late = NOW + timedelta(days=9)
    with pytest.raises(RuleSaysNo) as refused:
        office.do("return", number, HWZX, late, reason="不归我们")
    page = offers.act_of(offer(office, number, late), "return")
    assert page.blocked == str(refused.value)
    english = str(offers.act_of(offer(office, number, late, "en"), "return").blocked)
    assert english.startswith("It could be returned until 2026-11-19 24:00 (counted from 2026-11-18")
