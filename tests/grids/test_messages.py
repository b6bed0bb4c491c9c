"""A sentence remembers its message id and values, wherever it goes as text."""

import copy
import json
import pickle

import pytest

from grids.errors import NoSuchGrid
from grids.messages import NOTHING, HouseError, Message, chain, named, said_by


def test_it_reads_as_the_chinese_sentence() -> None:
    said = Message("工单 %(number)s 由%(roles)s办理", number="SL1", roles=("派单员", Message("督办员")))
    assert said == "工单 SL1 由派单员、督办员办理"
    assert (said.msgid, dict(said.values)["number"]) == ("工单 %(number)s 由%(roles)s办理", "SL1")


def test_without_values_a_percent_sign_is_itself() -> None:
    assert Message("差错率 5%") == "差错率 5%"
    assert not NOTHING


def test_a_message_is_taken_as_it_is() -> None:
    said = Message("有 %(n)s 件", n=3)
    assert Message(said) is said


@pytest.mark.parametrize("carry", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_it_survives_being_carried(carry: object) -> None:
    said = carry(Message("有 %(n)s 件", n=3))  # type: ignore[operator]  # either
    assert (said, said.msgid, said.values) == ("有 3 件", "有 %(n)s 件", {"n": 3})


def test_as_json_and_as_text_it_is_the_sentence() -> None:
    said = Message("有 %(n)s 件", n=3)
    assert json.loads(json.dumps({"why": said}, ensure_ascii=False)) == {"why": "有 3 件"}
    assert type(str(said)) is str


def test_an_error_is_its_sentence() -> None:
    wrong = NoSuchGrid("99", "2026.1")
    assert isinstance(wrong, HouseError)
    assert str(wrong) == wrong.sentence == "区划（版本 2026.1）中没有编码“99”"
    assert said_by(wrong) is wrong.sentence
    assert said_by(ValueError("not ours")) == "not ours"


def test_sentences_one_after_another() -> None:
    assert chain([Message("甲"), Message("乙"), named("c", "丙")]) == "甲；乙；c（丙）"
