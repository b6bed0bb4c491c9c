"""A matter becomes a ticket: checked to the field, once per outside key, the caller sealed."""

import pytest

from grids.geometry import Point
from hotline.errors import BadValue, KeyReused
from hotline.flow import receive
from hotline.store import db
from hotline.wire.tickets import NewTicket, Received
from tests.cast import LAMP, MINUTE, NOW, REGION, Office
from tests.grids.drawing import to_gcj02


def test_a_matter_becomes_ticket_line_key_caller_and_event(office: Office) -> None:
    said = {"text": "  垃圾没人清运。第二句", "phone": "13800001234", "name": "李刚", "address": " 和美家园 "}
    number = office.received(source="12345", source_ref="A1", **said)
    ticket = office.see(number)
    assert (ticket.text, ticket.title, ticket.address) == ("垃圾没人清运。第二句", "垃圾没人清运", "和美家园")
    assert (ticket.state, ticket.seq, ticket.received_at, ticket.unit) == ("received", 1, NOW, "")
    assert ticket.caller_label == "李** 138****1234"
    (caller,) = office.rows("caller")
    assert (caller.id, caller.phone_mask) == (ticket.caller_id, "138****1234")
    assert "13800001234" not in repr(caller)
    assert office.seal.unseal(caller.phone_sealed, f"{REGION}:phone") == "13800001234"
    assert office.seal.unseal(caller.name_sealed, f"{REGION}:name") == "李刚"
    (key,) = office.rows("intake_key")
    assert (key.source, key.key, key.number) == ("12345", "A1", number)
    assert [(event.move, event.number) for event in office.rows("outbox")] == [("receive", number)]
    assert office.broken_links() == []


def test_the_same_caller_is_one_row_however_the_number_was_written(office: Office) -> None:
    for phone in ("13800001234", "138-0000-1234", "138 0000 1234"):
        office.received(phone=phone)
    assert len(office.rows("caller")) == 1
    assert len({ticket.caller_id for ticket in office.rows("ticket")}) == 1


@pytest.mark.parametrize(("phone", "name", "label"), [
    ("", "", ""), ("", "王芳", "王**"), ("123456", "王芳", "王**"), ("0000-5551234", "", "000****1234"),
    ("5551234", "赵四", "赵** ***1234"),
])  # fmt: skip
def test_the_label_for_lists_is_masked(office: Office, phone: str, name: str, label: str) -> None:
    assert office.see(office.received(phone=phone, name=name)).caller_label == label


@pytest.mark.parametrize(("field", "value"), [("area", "999999"), ("grid", "1"), ("unit", "nobody"), ("text", "  ")])
def test_what_the_city_does_not_know_is_refused_by_field(office: Office, field: str, value: str) -> None:
    with pytest.raises(BadValue) as refused:
        office.arrival(**{field: value})
    assert refused.value.path == field
    assert str(refused.value)


def test_an_area_may_be_given_by_name_and_is_certain(office: Office) -> None:
    ticket = office.see(office.received(area="路灯照明"))
    assert (ticket.area, ticket.area_confidence) == (LAMP, 1.0)


def test_the_same_key_and_body_is_known_and_makes_nothing_new(office: Office) -> None:
    said = {"source": "12345", "source_ref": "A2", "text": "路灯不亮"}
    first = office.put([office.arrival(**said)])[0]
    again = office.put([office.arrival(**said)])[0]
    assert (first.status, again.status) == ("accepted", "known")
    assert again.number == first.number
    assert len(office.rows("ticket")) == len(office.rows("outbox")) == 1


def test_the_same_key_with_another_body_is_refused_and_names_the_ticket(office: Office) -> None:
    number = office.received(source="12345", source_ref="A3", text="路灯不亮")
    with pytest.raises(KeyReused) as refused:
        office.received(source="12345", source_ref="A3", text="路灯又亮了")
    assert (refused.value.key, refused.value.number) == ("A3", number)
    assert office.see(number).text == "路灯不亮"


def test_a_key_of_the_client_stands_before_the_upstream_number(office: Office) -> None:
    said = {"source": "12345", "source_ref": "A4", "text": "路灯不亮"}
    one = office.put([office.arrival(key=("idem:hua01", "k1"), **said)])[0]
    two = office.put([office.arrival(key=("idem:hua01", "k1"), **said)])[0]
    assert (two.status, two.number) == ("known", one.number)


def test_a_batch_answers_in_order_and_never_raises(office: Office) -> None:
    old = office.received(source="8890", source_ref="B1", text="旧的")
    arrivals = [
        office.arrival(source="8890", source_ref="B2", text="新的"),
        office.arrival(source="8890", source_ref="B1", text="旧的"),
        office.arrival(source="8890", source_ref="B1", text="改了"),
    ]
    with db.statement() as connection:
        new, known, reused = receive.put_all(connection, arrivals)
    assert new == Received(number=arrivals[0].key["number"], status="accepted")
    assert known == Received(number=old, status="known")
    assert isinstance(reused, KeyReused)
    assert reused.number == old


@pytest.mark.parametrize(("text", "title"), [
    ("路灯不亮。请来修", "路灯不亮"), ("一二三四五六七八九十" * 4, "一二三四五六七八九十" * 2 + "一二三四五六七八九…"),
    ("第一行\n第二行", "第一行"), ("快来！快", "快来"), ("", ""),
])  # fmt: skip
def test_a_matter_without_title_is_called_by_its_first_sentence(text: str, title: str) -> None:
    assert receive.headline(text) == title


@pytest.mark.parametrize(("lng", "lat", "kept", "said"), [
    (91.515102, 39.859067, True, ""), (39.859067, 91.515102, True, "填反"), (0.0, 0.0, False, "坐标"),
    (4512345.0, 39512345.0, False, "坐标"),
])  # fmt: skip
def test_a_point_is_kept_repaired_or_refused_with_a_reason(
    office: Office, lng: float, lat: float, kept: bool, said: str
) -> None:
    ticket = office.see(office.received(lng=lng, lat=lat))
    assert (ticket.lng is not None) == kept
    if kept:
        assert (ticket.lng, ticket.lat) == (pytest.approx(91.515102), pytest.approx(39.859067))
    assert said in ticket.why.get("point", "")
    assert ticket.coordinates == f"{lng!r}, {lat!r}"
    assert ticket.datum == ("plane" if lng > 360 else "wgs84")


def test_a_point_is_turned_into_ours_and_the_senders_own_is_kept(office: Office) -> None:
    given = to_gcj02(Point(91.515102, 39.859067))
    ticket = office.see(office.received(lng=given[0], lat=given[1], datum="gcj02"))
    assert (ticket.lng, ticket.lat) == (pytest.approx(91.515102, abs=1e-7), pytest.approx(39.859067, abs=1e-7))
    assert (ticket.datum, ticket.coordinates) == ("gcj02", f"{given[0]!r}, {given[1]!r}")
    silent = office.see(office.received())
    assert (silent.lng, silent.datum, silent.coordinates) == (None, "", "")


def test_the_fingerprint_follows_the_body_not_the_order_of_its_extras() -> None:
    one = NewTicket(text="甲", extra={"a": 1, "b": 2})
    assert receive.fingerprint(one) == receive.fingerprint(NewTicket(text="甲", extra={"b": 2, "a": 1}))
    assert receive.fingerprint(one) != receive.fingerprint(NewTicket(text="甲", extra={"a": 1, "b": 3}))
    assert len(receive.fingerprint(one)) == 32


def test_who_goes_on_with_it_at_once_holds_the_event_back_but_never_loses_it(office: Office) -> None:
    office.received(hold=True)
    office.received(NOW + MINUTE)
    held, free = office.rows("outbox")
    assert (held.sent_at, held.done_at, free.sent_at) == (NOW, None, None)
