"""What one ticket is in each rate, for the region and for each unit that had it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatch.counting import Aid, Call, Commitment, Facts, Hold, Judged, units_of
from dispatch.kpis import MEASURE_BY_NAME
from tests.dispatch.conftest import SHANGHAI

NOON = datetime(2026, 11, 18, 12, tzinfo=SHANGHAI)

HOUR = timedelta(hours=1)
A, B, C = (Hold(unit, NOON + n * HOUR) for n, unit in enumerate("abc"))
YES, NO, NONE = True, False, None


def back(hold: Hold, move: str = "return") -> Hold:
    return Hold(hold.unit, hold.at, move)


def met(clock: str, unit: str = "a", at: int = 0, outcome: str = "met") -> Judged:
    return Judged(clock, unit, NOON + at * HOUR, outcome)


def late(clock: str, unit: str = "a", at: int = 0) -> Judged:
    return met(clock, unit, at, "late")


def verdict(name: str, of: str = "", **known: Any) -> bool | None:
    known = {"state": "closed", "unit": "a", "holds": (A,), "answered": True} | known
    return MEASURE_BY_NAME[name].judge(Facts(**known), of)


GLAD, SAD = Call(True, True, "yes", 3), Call(True, True, "partly", 2)
# fmt: off
CASES: list[tuple[str, dict[str, Any], bool | None]] = [
    # contacted: what is on record, of what was answered
    ("contact",        {"contacted": True},                                                    YES),
    ("contact",        {"contacted": False},                                                   NO),
    ("contact",        {"contacted": None},                                                    NO),
    ("contact",        {"contacted": None, "history": True},                                   NONE),
    ("contact",        {"contacted": True, "answered": False},                                 NONE),
    ("response",       {"contacted": True, "clocks": (met("sign"),)},                          YES),
    ("response",       {"contacted": True, "clocks": (late("sign"),)},                         NO),
    ("response",       {"contacted": False, "clocks": (met("sign"),)},                         NO),
    ("response",       {"contacted": True},                                                    NONE),
    # the citizen's word, once the ticket is closed
    ("solve",          {"call": GLAD},                                                         YES),
    ("solve",          {"call": SAD},                                                          NO),
    ("solve",          {"call": GLAD, "state": "signed"},                                      NONE),
    ("solve",          {"call": Call(True, False)},                                            NONE),
    ("solve",          {"call": Call(False, False)},                                           NONE),
    ("solve",          {},                                                                     NONE),
    ("satisfaction",   {"call": GLAD},                                                         YES),
    ("satisfaction",   {"call": SAD},                                                          NO),
    ("satisfaction",   {"call": Call(True, True, "yes", None)},                                NO),
    ("reach",          {"call": Call(False, False)},                                           NO),
    ("reach",          {"call": Call(True, False)},                                            YES),
    ("reach",          {"call": GLAD, "state": "answered"},                                    NONE),
    ("reach",          {},                                                                     NONE),
    # clocks: all of a name, of those with a verdict
    ("on_time",        {"clocks": (met("hold"), met("hold", at=5))},                           YES),
    ("on_time",        {"clocks": (met("hold"), late("hold", at=5))},                          NO),
    ("on_time",        {"clocks": (met("hold", outcome="void"), met("hold", outcome=""))},     NONE),
    ("on_time",        {"clocks": (late("result"),)},                                          NONE),
    ("result_on_time", {"clocks": (late("result"),)},                                          NO),
    ("sign_on_time",   {"clocks": (met("sign"),)},                                             YES),
    ("settled",        {"settled": True, "holds": ()},                                         YES),
    ("settled",        {},                                                                     NO),
    ("settled",        {"state": "refused", "holds": ()},                                      NONE),
    ("settled",        {"joined": True, "holds": ()},                                          NONE),
    # sent back, with and without ground
    ("returned",       {},                                                                     NO),
    ("returned",       {"holds": (back(A), B)},                                                YES),
    ("returned",       {"holds": (back(A, "route"), B)},                                       NO),
    ("returned",       {"holds": ()},                                                          NONE),
    ("invalid_return", {},                                                                     NONE),
    ("invalid_return", {"holds": (back(A),), "state": "returned"},                             NONE),
    ("invalid_return", {"holds": (back(A), B)},                                                NO),
    ("invalid_return", {"holds": (back(A), Hold("a", B.at))},                                  YES),
    ("invalid_return", {"holds": (back(A), back(B), Hold("a", C.at))},                         YES),
    ("invalid_return", {"holds": (back(A, "route"), B, Hold("a", C.at))},                      NONE),
    ("redone",         {"redone": True},                                                       YES),
    ("redone",         {},                                                                     NO),
    ("redone",         {"answered": False},                                                    NONE),
    ("rejected",       {"rejected": True},                                                     YES),
    ("rejected",       {"rejected": False},                                                    NO),
    ("rejected",       {},                                                                     NONE),
    ("solve",          {"call": GLAD, "state": "archived"},                                    YES),
    ("reach",          {"call": GLAD, "state": "archived"},                                    YES),
    ("extended",       {"extended": True},                                                     YES),
    ("extended",       {"holds": ()},                                                          NONE),
    ("early",          {"found": True},                                                        YES),
    ("early",          {},                                                                     NO),
    ("early",          {"found": True, "joined": True, "holds": ()},                           NONE),
    ("early",          {"found": True, "state": "refused"},                                    NONE),
    ("settled",        {"found": True},                                                        NONE),
    ("helped",         {"aids": (Aid("c", True), Aid("d", False))},                            NO),
    ("helped",         {},                                                                     NONE),
    ("first_right",    {},                                                                     YES),
    ("first_right",    {"holds": (back(A), Hold("a", B.at))},                                  YES),
    ("first_right",    {"holds": (back(A), B)},                                                NO),
    ("first_right",    {"holds": (back(A), B), "renamed": {"a": "b"}},                         YES),
    ("invalid_return", {"holds": (back(A), B), "renamed": {"a": "c", "c": "b"}},               YES),
    ("first_right",    {"holds": ()},                                                          NONE),
    ("kept",           {"commitments": (Commitment("a", True), Commitment("a", True))},        YES),
    ("kept",           {"commitments": (Commitment("a", True), Commitment("a", False))},       NO),
    ("kept",           {},                                                                     NONE),
]
# fmt: on


@pytest.mark.parametrize(("name", "known", "found"), CASES)
def test_what_a_ticket_is_in_a_rate(name: str, known: dict[str, Any], found: bool | None) -> None:
    assert verdict(name, **known) is found


TWICE: dict[str, Any] = {"unit": "b", "holds": (back(A), B)}
# fmt: off
OF_UNITS: list[tuple[str, str, dict[str, Any], bool | None]] = [
    # a returned it late, b took it over and was in time: each answers for its own
    ("sign_on_time",     "a", {"clocks": (late("sign"), met("sign", "b", 1))},                NO),
    ("sign_on_time",     "b", {"clocks": (late("sign"), met("sign", "b", 1))},                YES),
    ("sign_on_time",     "",  {"clocks": (late("sign"), met("sign", "b", 1))},                NO),
    ("on_time",          "a", {"clocks": (met("hold", "b", 1),)},                             NONE),
    ("on_time",          "b", {"clocks": (met("hold", "b", 1),)},                             YES),
    # the citizen's clock was a's and is b's now: late for the citizen, nobody's alone
    ("progress_on_time", "b", {"clocks": (late("progress", "b"),)},                           NONE),
    ("progress_on_time", "",  {"clocks": (late("progress", "b"),)},                           NO),
    ("progress_on_time", "b", {"clocks": (late("progress", "b", 2),)},                        NO),
    ("result_on_time",   "a", {"clocks": (met("result", "a"),), "holds": (A,), "unit": "a"},  YES),
    ("result_on_time",   "b", {"clocks": (met("result", "b"),)},                              NONE),
    ("result_on_time",   "b", {"clocks": (met("result", "b"),), "renamed": {"a": "b"}},        YES),
    ("result_on_time",   "a", {"clocks": (met("result", "a"),), "renamed": {"a": "b"}},        YES),
    ("response",         "b", {"contacted": True, "clocks": (late("sign"), met("sign", "b", 1))}, YES),
    ("response",         "a", {"contacted": True, "clocks": (late("sign"), met("sign", "b", 1))}, NONE),
    # who has it last answered it, and was spoken of
    ("contact",          "a", {"contacted": True},                                            NONE),
    ("solve",            "a", {"call": SAD},                                                  NONE),
    ("solve",            "b", {"call": SAD},                                                  NO),
    ("reach",            "b", {"call": SAD},                                                  YES),
    ("redone",           "a", {"redone": True},                                               NONE),
    ("extended",         "b", {"extended": True},                                             YES),
    ("extended",         "a", {"extended": True},                                             NONE),
    ("settled",          "b", {"settled": True},                                              NONE),
    ("returned",         "a", {},                                                             YES),
    ("returned",         "b", {},                                                             NO),
    ("returned",         "c", {},                                                             NONE),
    ("invalid_return",   "a", {},                                                             NO),
    ("invalid_return",   "b", {},                                                             NONE),
    ("invalid_return",   "b", {"holds": (back(A), back(B), Hold("a", C.at))},                 NO),
    ("invalid_return",   "a", {"holds": (back(A), back(B), Hold("a", C.at))},                 YES),
    ("early",            "a", {"found": True},                                                NONE),
    ("helped",           "c", {"aids": (Aid("c", True), Aid("d", False))},                    YES),
    ("helped",           "a", {"aids": (Aid("c", True),)},                                    NONE),
    ("first_right",      "a", {},                                                             NO),
    ("first_right",      "b", {},                                                             NONE),
    ("kept",             "a", {"commitments": (Commitment("b", False),)},                      NONE),
    ("kept",             "b", {"commitments": (Commitment("b", False),)},                      NO),
]
# fmt: on


@pytest.mark.parametrize(("name", "unit", "known", "found"), OF_UNITS)
def test_each_unit_answers_for_its_own(name: str, unit: str, known: dict[str, Any], found: bool | None) -> None:
    assert verdict(name, unit, **(TWICE | known)) is found


def test_a_joined_ticket_counts_only_for_its_own_callback() -> None:
    known = Facts(state="closed", unit="a", joined=True, call=SAD)
    found = {name: one.judge(known, "a") for name, one in MEASURE_BY_NAME.items()}
    assert {name: hit for name, hit in found.items() if hit is not None} == {
        "solve": False, "satisfaction": False, "reach": True,
    }  # fmt: skip


def test_what_was_withdrawn_counts_for_what_was_done_until_then() -> None:
    known = Facts(state="withdrawn", unit="a", holds=(A,), clocks=(late("sign"), met("hold", outcome="void")))
    found = {name: one.judge(known, "") for name, one in MEASURE_BY_NAME.items()}
    assert {name for name, hit in found.items() if hit is not None} == {
        "sign_on_time", "settled", "early", "first_right", "returned", "extended",
    }  # fmt: skip


def test_the_units_a_ticket_may_count_for() -> None:
    known = Facts(
        state="signed", unit="b", holds=(back(A), B), clocks=(met("sign", "c"), met("help", "d")),
        commitments=(Commitment("e", True),),
    )  # fmt: skip
    assert units_of(known) == {"a", "b", "c", "e"}
    assert units_of(Facts(state="received")) == frozenset()
