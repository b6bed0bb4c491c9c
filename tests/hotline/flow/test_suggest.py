"""What the desk sees while typing: the rules' own answers about words not yet saved; nothing is written."""

import msgspec

from dispatch.lifecycle import State
from hotline.flow import suggest
from hotline.flow.suggest import Suggestion
from hotline.store import db
from tests.cast import DAY, HOUR, LAMP, LEADER, MINUTE, NOW, RUBBISH, Office, counted

BUILDING_NOISE, POWER, INQUIRY = "110101", "1202", "1501"
TEXT = "锦绣里小区北门的垃圾桶四天没有人来清运了"


def asked(office: Office, **said: object) -> Suggestion:
    with db.reading() as session:
        return suggest.suggest(session, office.city, **({"text": TEXT, "now": NOW} | said))


def test_a_chosen_area_gets_the_unit_of_the_duty_table(office: Office) -> None:
    offer = asked(office, area=LAMP)
    assert (offer.unit, [one.unit for one in offer.units][:1]) == ("szzx", ["szzx"])
    assert "第9项" in offer.unit_why
    assert offer.units[0].name == "示例区市政设施养护中心"


def test_the_clock_the_words_and_the_caller_decide_as_they_will_at_triage(office: Office) -> None:
    def unit(**said: object) -> str:
        return asked(office, **said).unit

    assert (unit(area=BUILDING_NOISE), unit(area=BUILDING_NOISE, now=NOW + 13 * HOUR)) == ("cgj", "gaj")
    assert (unit(area=POWER), unit(area=POWER, caller_kind="企业")) == ("gdgs", "zwj")
    firm = asked(office, area=INQUIRY, caller_kind="企业", text="营业执照怎么变更？")
    assert (firm.unit, "D134" in firm.unit_why) == ("scj", True)
    assert firm.units[0].standard.startswith("企业和个体工商户")
    assert asked(office, area=INQUIRY, caller_kind="企业").unit == "zwj"


def test_without_a_model_the_area_is_asked_for_with_a_reason(office: Office) -> None:
    offer = asked(office)
    assert (offer.area, offer.areas, offer.unit) == ("", [], "")
    assert "拿不准" in offer.area_why
    assert offer.unit_why


def test_a_point_in_a_grid_names_the_grid_and_its_leader(office: Office) -> None:
    place = office.city.tree.get("990101001001001")
    ring = place.rings[0]
    lng, lat = (sum(point[axis] for point in ring[:-1]) / (len(ring) - 1) for axis in (0, 1))
    offer = asked(office, text="路灯不亮，请来修", lng=lng, lat=lat).place
    assert (offer.grid, offer.leader) == ("990101001001001", LEADER.login)
    assert offer.confidence > 0.9
    assert (offer.street, offer.name) == (
        office.city.place_name("990101001"), office.city.place_name("990101001001001"),
    )  # fmt: skip


def test_open_tickets_that_may_be_the_same_are_shown_with_why(office: Office) -> None:
    same = office.ticket(State.SIGNED, text=TEXT, area=RUBBISH, address="锦绣里小区北门")
    office.ticket(State.ROUTED, text="路灯坏了，晚上出门什么都看不见", area=LAMP)
    (one,) = asked(office, address="锦绣里小区北门", now=NOW + 2 * DAY).similar
    assert (one.number, one.unit, one.state) == (same.number, office.city.unit_name("hwzx"), "signed")
    assert one.why.startswith("同一地址、")
    assert "天前、都说“" in one.why
    assert one.score > 0.9
    assert asked(office, text="路灯坏了两盏，请来修").similar == []


def test_the_callers_own_tickets_are_counted_and_the_newest_five_shown(office: Office) -> None:
    numbers = [office.received(NOW + n * MINUTE, text=f"路灯坏了{n}", phone="13800001234") for n in range(7)]
    office.received(NOW - 40 * DAY, text="很久以前的事", phone="13800001234")
    caller = office.see(numbers[0]).caller_id
    assert caller is not None
    offer = asked(office, caller=caller.hex, now=NOW + HOUR)
    assert (offer.calls, [one.number for one in offer.own]) == (7, numbers[:1:-1])
    assert (asked(office).calls, asked(office).own) == (0, [])


def test_two_closed_ones_like_it_tell_how_they_ended(office: Office) -> None:
    for n in range(3):
        office.ticket(State.CLOSED, at=NOW - (30 + n) * DAY, text=f"{TEXT}，{'很臭' * n}", area=RUBBISH)
    found = asked(office)
    assert (len(found.past), found.similar) == (2, [])
    assert found.past[0].unit == office.city.unit_name("hwzx")
    assert (found.past[0].outcome, found.past[0].days) == ("solved", 0)


def test_a_quoted_number_is_followed_also_one_that_is_closed(office: Office) -> None:
    held = office.ticket(State.CLOSED, text=TEXT, area=RUBBISH, source="12345", source_ref="20261101000123")
    for said in (f"我的工单号{held.number}办得怎么样了", "政府工单号20261101000123办得怎么样了"):
        (one,) = asked(office, text=said).follows
        assert (one.number, one.state, held.number in one.why) == (held.number, "closed", True)
    assert asked(office, text="工单号20990101000123怎么还没办").follows == []


def test_nothing_of_a_confidential_ticket_but_area_unit_and_outcome(office: Office) -> None:
    here = {"area": RUBBISH, "address": "锦绣里小区北门"}
    office.ticket(State.SIGNED, text=TEXT, title="李某举报锦绣里", confidential=True, **here)
    office.ticket(State.ROUTED, text=TEXT + "，联系13900001111", title="联系13900001111", **here)
    offer = asked(office, address="锦绣里小区北门")
    said = msgspec.json.encode(offer).decode()
    assert "李某" not in said
    assert "13900001111" not in said
    assert len(offer.similar) == 2
    secret = next(one for one in offer.similar if one.state == "signed")
    assert (secret.title, "都说" in secret.why) == (office.city.area_label(RUBBISH), False)


def test_typing_writes_nothing_and_reads_once(office: Office) -> None:
    before = office.rows("ticket")
    with counted(office.engine) as sent:
        asked(office)
    assert len(sent) == 1
    assert sent[0].startswith("SELECT")
    assert office.rows("ticket") == before


def test_danger_kind_and_watch_lists_are_heard_with_their_words(office: Office) -> None:
    with db.reading() as session:
        found = suggest.suggest(session, office.city, text="请问小区燃气泄漏打哪个电话，记者要来曝光", now=NOW).signals
    assert (found.urgency.name, found.urgency.words) == ("特急", ("燃气泄漏",))
    assert found.kind.name == "咨询"
    assert [tag.name for tag in found.tags] == ["媒体"]
