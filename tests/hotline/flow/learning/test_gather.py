"""Names of a ground gathered from labels, lists and history."""

import pytest
import sqlalchemy as sa
from sqlmodel import col

from grids.addresses import Landmark
from grids.errors import NoSuchGrid
from grids.locate import GroundRules, Locator
from hotline import rulefiles
from hotline.flow.learning import gather
from hotline.flow.learning.gather import Gazetteer
from hotline.store import db
from hotline.store.tickets import TicketRow
from tests.cast import Office

LABELS = [("甲区", "松岭街道", "松岭社区"), ("甲区", "松岭街道", "柏树社区"), ("甲区", "清河镇", ""), ("", "", "")]


def gathered() -> Gazetteer:
    return Gazetteer(tree=gather.tree_of(LABELS)[0], source="标注")


def test_a_tree_of_names_does_not_depend_on_their_order() -> None:
    tree, codes = gather.tree_of(LABELS)
    again, _ = gather.tree_of(reversed(LABELS))
    assert {place.name for place in tree.places} == {"甲区", "松岭街道", "松岭社区", "柏树社区", "清河镇"}
    assert sorted(place.code for place in tree.places) == sorted(place.code for place in again.places)
    assert tree.get(codes["甲区", "松岭街道", "松岭社区"]).parent == codes["甲区", "松岭街道"]


def test_a_file_of_one_district_need_not_name_it() -> None:
    tree, _ = gather.tree_of([("", "松岭街道", "松岭社区"), ("", "", "柏树社区")])
    assert [place.name for place in tree.places] == [gather.UNNAMED, "松岭街道", "松岭社区"]
    assert Locator(tree).locate("松岭社区积水", "", None).community is not None


def test_history_teaches_and_the_files_hold_it() -> None:
    held, codes = gathered(), gather.tree_of(LABELS)[1]
    here = codes["甲区", "松岭街道", "柏树社区"]
    own = gather.own_words(held, [("甲区松岭街道柏树社区望江苑积水", ""), ("望江苑停电", ""), ("松岭积水", "")])
    assert own == [("甲区松岭街道柏树社区望江苑积水", here)]
    learned = gather.learned(held, [*own, ("请看望江苑停电", here)], GroundRules())
    assert [(mark.name, mark.place, mark.seen) for mark in learned.landmarks] == [("望江苑", here, 2)]
    files = gather.files(learned)
    assert rulefiles.landmarks(files) == learned.landmarks
    tree = rulefiles.ground(files, "甲")
    assert Locator(tree, rulefiles.landmarks(files)).locate("望江苑漏水", "", None).community == here
    assert gather.counts(learned) == {"district": 1, "street": 2, "community": 2, "landmarks": 1, "loose": 0}


def test_a_name_known_to_be_another_hides_the_short_name_in_it() -> None:
    held = gathered()
    assert Locator(held.tree).locate("松岭广场积水", "", None).street is not None
    listed = gather.with_loose(held, ["松岭广场"], "地名表")
    assert Locator(listed.tree, loose=listed.loose).locate("松岭广场积水", "", None).street is None
    with pytest.raises(NoSuchGrid):
        gather.with_landmarks(held, [Landmark(name="甲", place="0")], "地标表")


def test_closed_tickets_teach_and_open_ones_do_not(office: Office) -> None:
    numbers = [office.received(text=text) for text in ("望江苑积水", "请看望江苑停电", "望江苑施工")]
    street = office.city.tree.children(office.city.tree.children(None)[0].code)[0].code
    with db.transaction() as session:
        for number, state in zip(numbers, ("closed", "closed", "routed"), strict=True):
            session.execute(
                sa.update(TicketRow)
                .where(col(TicketRow.number) == number)
                .values(state=state, street=street, community="")
            )
        found = gather.closed(session, office.city)
    assert sorted(found) == [("望江苑积水", street), ("请看望江苑停电", street)]
