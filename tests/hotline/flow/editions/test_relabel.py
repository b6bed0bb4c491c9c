"""The list of areas changes: samples and open tickets pass to the heir, or wait for a person."""

import msgspec

from classifiers.samples import Sample
from classifiers.taxonomy import Area, build
from hotline.city import City
from hotline.flow.editions import relabel
from hotline.flow.learning import samples
from hotline.store import db
from tests.cast import DAY, NOW, RUBBISH, Office

OTHER = "0201"


def newer(office: Office) -> City:
    """Return the city with a list in which rubbish is split and the lamps have another code."""
    areas = [
        Area(code="A1", name="垃圾桶", keywords=("垃圾桶",), formerly=(RUBBISH,)),
        Area(code="A2", name="装修垃圾", keywords=("装修",), formerly=(RUBBISH,)),
        Area(code="B1", name="路灯", formerly=(OTHER,)),
    ]
    return msgspec.structs.replace(office.city, taxonomy=build("areas-new", areas))


def test_samples_pass_on_or_wait(office: Office) -> None:
    told = [
        ("垃圾桶满了", RUBBISH),
        ("装修废料乱倒", RUBBISH),
        ("味道大", RUBBISH),
        ("路灯不亮", OTHER),
        ("其他", "9999"),
    ]
    city = newer(office)
    with db.transaction() as session:
        samples.keep(session, samples.of_file(office.city, [Sample(text=text, area=area) for text, area in told]))
        assert relabel.forecast(session, city, city.taxonomy) == {"passed": 3, "undecided": 2}
    with db.transaction() as session:
        assert relabel.samples(session, city) == {"passed": 3, "undecided": 2}
        assert relabel.samples(session, city) == {}
    found = {row.text: (row.area, row.first_area, row.edition) for row in office.rows("sample")}
    assert found["垃圾桶满了"] == ("A1", RUBBISH, "areas-new")
    assert found["装修废料乱倒"] == ("A2", RUBBISH, "areas-new")
    assert found["味道大"] == ("", RUBBISH, "areas-new")
    assert found["路灯不亮"] == ("B1", OTHER, "areas-new")
    with db.reading() as session:
        assert len(samples.known(session, city)) == 3
        assert samples.stock(session, city).undecided == 2


def test_open_tickets_get_the_heir_with_a_line_in_their_history(office: Office) -> None:
    sure = office.triaged(text="小区门口的垃圾桶满了好几天")
    unsure = office.triaged(text="门口味道很大没有人来管一管")
    city = newer(office)
    with db.transaction() as session:
        ids = relabel.waiting(session, city)
        assert len(ids) == 2
        assert relabel.batch(session, city, ids, NOW + DAY) == 1
        assert relabel.batch(session, city, ids, NOW + DAY) == 0
    assert (office.see(sure).area, office.see(unsure).area) == ("A1", RUBBISH)
    last = max(office.rows("entry", ticket_id=office.see(sure).id), key=lambda row: int(row.seq))
    assert (last.move, last.actor, last.facts["area"]) == ("classify", "clockwork", "A1")
    assert last.why["classify"] == f"事项表换版，原编码 {RUBBISH} 改为“垃圾桶”"
    assert office.broken_links() == []
