"""What tickets teach: closures, corrections, returns; never what is confidential, disputed or not counted."""

from datetime import timedelta

from classifiers.samples import Sample
from hotline.flow.learning import samples
from hotline.store import db
from hotline.store.schema import METADATA
from tests.cast import CALLER_BACK, DAY, DISPATCHER, HOUR, LAMP, MINUTE, NOW, RUBBISH, Office, unit
from tests.hotline.flow import lessons

TICKET = METADATA.tables["ticket"]
LATER = NOW + 3 * DAY


def collect(office: Office, at: object = LATER) -> dict[str, int]:
    with db.transaction() as session:
        return dict(samples.collect(session, office.city, at))


def test_a_closed_ticket_teaches_masked_and_once(office: Office) -> None:
    number = lessons.closed(office, text="小区垃圾没人清运，请打13900000000联系")
    assert collect(office) == collect(office) == {"closure": 1}
    (row,) = office.rows("sample")
    assert (row.key, row.area, row.unit, row.kind) == (f"ticket:{number}", RUBBISH, "hwzx", "closure")
    assert "13900000000" not in row.text
    assert row.edition == office.city.taxonomy.edition
    with db.reading() as session:
        assert [one.area for one in samples.known(session, office.city)] == [RUBBISH]


def test_an_open_ticket_or_one_called_unsolved_teaches_nothing(office: Office) -> None:
    office.triaged()
    number = office.triaged()
    office.do("sign", number, unit("hwzx"), NOW + MINUTE)
    office.do("answer", number, unit("hwzx"), NOW + HOUR, note="已清运")
    office.do("callback", number, CALLER_BACK, NOW + DAY, reached=True, contacted=True, solved="no", satisfaction=1)
    assert collect(office) == {}


def test_confidential_and_uncounted_tickets_teach_nothing(office: Office) -> None:
    lessons.closed(office, confidential=True)
    number = lessons.closed(office)
    with db.transaction() as session:
        session.execute(TICKET.update().where(TICKET.c.number == number).values(excluded="untrue"))
    assert collect(office) == {}


def test_a_correction_and_a_return_are_told_apart(office: Office) -> None:
    wrong = office.received(area=LAMP)
    office.triage()
    office.do("classify", wrong, DISPATCHER, NOW + MINUTE, area=RUBBISH)
    office.do("route", wrong, DISPATCHER, NOW + MINUTE, unit="hwzx")
    office.do("sign", wrong, unit("hwzx"), NOW + 2 * MINUTE)
    office.do("answer", wrong, unit("hwzx"), NOW + HOUR, note="已清运")
    office.do("callback", wrong, CALLER_BACK, NOW + DAY, reached=True, contacted=True, solved="yes", satisfaction=5)
    sent = office.triaged()
    office.do("return", sent, unit("hwzx"), NOW + MINUTE, reason="不归我们")
    office.do("route", sent, DISPATCHER, NOW + HOUR, unit="cgj")
    office.do("sign", sent, unit("cgj"), NOW + 2 * HOUR)
    office.do("answer", sent, unit("cgj"), NOW + 3 * HOUR, note="已清运")
    office.do("callback", sent, CALLER_BACK, NOW + DAY, reached=True, contacted=True, solved="yes", satisfaction=5)
    assert collect(office) == {"correction": 1, "return": 1}
    found = {row.key.removeprefix("ticket:"): (row.area, row.unit) for row in office.rows("sample")}
    assert found == {wrong: (RUBBISH, "hwzx"), sent: (RUBBISH, "cgj")}


def test_only_the_window_is_looked_at(office: Office) -> None:
    lessons.closed(office)
    assert collect(office, NOW + timedelta(days=office.city.learning.window + 10)) == {}


def test_a_files_samples_are_kept_once_and_counted(office: Office) -> None:
    told = [Sample(text="路灯坏了，电话13900000000", area=LAMP), Sample(text="垃圾", area=RUBBISH, at=NOW)]
    with db.transaction() as session:
        for _ in range(2):
            samples.keep(session, samples.of_file(office.city, [*told, told[0]]))
    with db.reading() as session:
        stock = samples.stock(session, office.city)
        assert [one.area for one in samples.known(session, office.city)] in ([LAMP, RUBBISH], [RUBBISH, LAMP])
    assert (stock.kinds, stock.undecided, stock.stale) == ({"history": 2}, 0, 0)
    assert not any("13900000000" in row.text for row in office.rows("sample"))
