"""What the desk sees while typing: the rules' own answers about words not yet saved; nothing is written."""

from uuid import UUID

from dispatch.lifecycle import State
from hotline.flow import suggest
from hotline.flow.suggest import Suggestion
from hotline.store import db
from tests.cast import HOUR, LAMP, LEADER, NOW, RUBBISH, Office, counted

BUILDING_NOISE, POWER, INQUIRY = "110101", "1202", "1501"
TEXT = "锦绣里小区北门的垃圾桶四天没有人来清运了"


def asked(office: Office, **said: object) -> Suggestion:
    with db.reading() as session:
        return suggest.suggest(session, office.city, **({"text": TEXT, "now": NOW} | said))  # type: ignore[arg-type]


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


def test_open_tickets_with_the_same_words_or_caller_are_shown(office: Office) -> None:
    same = office.ticket(State.SIGNED, text=TEXT, area=RUBBISH)
    caller = office.ticket(State.ROUTED, text="路灯坏了", phone="13800001234", area=LAMP)
    office.ticket(State.CLOSED, text=f"{TEXT}。", area=RUBBISH, phone="13800001234")
    known = caller.caller_id
    assert isinstance(known, UUID)
    found = {one.number: one.why for one in asked(office, caller=known.hex).similar}
    assert set(found) == {same.number, caller.number}
    assert found[same.number].startswith("内容相同")
    assert found[caller.number].startswith("同一来电人")
    assert [one.number for one in asked(office).similar] == [same.number]


def test_at_most_five_are_shown_newest_first(office: Office) -> None:
    numbers = [office.received(NOW, text=f"路灯坏了{n}", phone="13800001234") for n in range(7)]
    caller = office.see(numbers[0]).caller_id
    assert caller is not None
    assert len(asked(office, caller=caller.hex).similar) == 5


def test_typing_writes_nothing_and_reads_once(office: Office) -> None:
    before = office.rows("ticket")
    with counted(office.engine) as sent:
        asked(office)
    assert len(sent) == 1
    assert sent[0].startswith("SELECT")
    assert office.rows("ticket") == before
