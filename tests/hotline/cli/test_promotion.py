"""`hotline model retrain|promote|rollback|shadow|card|drift`."""

import json
from pathlib import Path

import pytest

from dispatch.roles import Role
from hotline import people
from hotline.cli.model import model
from hotline.flow.learning import samples
from hotline.store import db
from tests.hotline.channels.cast import NOW, write
from tests.hotline.cli.conftest import Run
from tests.hotline.cli.test_model import HEADINGS, SENTENCES

BOSS = "du01"


@pytest.fixture
def trained(run: Run, city: str, tmp_path: Path) -> str:
    """A city with a model in use, a supervisor, and samples of its own."""
    del city
    rows = [(text.format(n), *area) for area, text in SENTENCES.items() for n in range(12)]
    run(model, "train", write(tmp_path / "h.csv", rows, HEADINGS), "--out", "甲")
    with db.transaction() as session:
        people.add(session, "test", BOSS, "督办", "", NOW)
        people.appoint(session, "test", BOSS, Role.SUPERVISOR, "", NOW)
    return "甲"


def test_retrain_promote_rollback(run: Run, trained: str) -> None:
    done = json.loads(run(model, "retrain", "--out", "乙", "--json").stdout)
    assert (done["name"], done["active"], done["verdict"]["passed"]) == (
        "乙",
        False,
        False,
    )  # undated: nothing to compare
    refused = run(model, "promote", "乙", "--by", BOSS)
    assert (refused.exit_code, "须写明理由" in refused.stderr) == (2, True)
    assert run(model, "promote", "乙", "--by", BOSS, "--reason", "样本没有时间").exit_code == 0
    listed = {one["name"]: one["active"] for one in json.loads(run(model, "list", "--json").stdout)}
    assert listed == {"乙": True, trained: False}
    assert "已回退到模型 甲" in run(model, "rollback", "--by", BOSS).stdout
    card = json.loads(run(model, "card", "乙").stdout)
    assert [line["what"] for line in card["log"]] == ["trained", "promoted", "retired"]
    assert "请换一个名称" in run(model, "retrain", "--out", "乙").stderr


def test_the_samples_of_a_file_are_kept_for_the_next_training(run: Run, trained: str) -> None:
    del run, trained
    with db.reading() as session:
        found = session.execute(samples.SAMPLE.select()).all()
    assert len(found) == 36
    assert {row.kind for row in found} == {"history"}


@pytest.mark.usefixtures("trained")
def test_shadow_and_drift_say_what_there_is(run: Run) -> None:
    run(model, "retrain", "--out", "乙")
    assert "旁路试跑进行中：0 件" in run(model, "shadow", "乙", "--by", BOSS).stdout
    assert json.loads(run(model, "shadow", "乙", "--by", BOSS, "--json").stdout)["n"] == 0
    assert "旁路试跑已结束" in run(model, "shadow", "乙", "--by", BOSS, "--off").stdout
    assert "还没有满一周的数据" in run(model, "drift").stdout
    assert run(model, "card", "丙").exit_code == 2


@pytest.mark.usefixtures("trained")
def test_a_model_of_a_files_own_labels_is_never_put_into_use(run: Run, tmp_path: Path) -> None:
    rows = [(f"第{n}栋停水", "供水") for n in range(6)] + [(f"第{n}栋停电", "供电") for n in range(6)]
    run(model, "train", write(tmp_path / "o.csv", rows, ("诉求内容", "职能")), "--label", "职能", "--out", "外")
    for words in (("promote", "外", "--reason", "试试"), ("shadow", "外")):
        refused = run(model, *words, "--by", BOSS)
        assert refused.exit_code == 2
        assert "训练文件自带的标签" in refused.stderr
    with db.reading() as session:
        assert len(session.execute(samples.SAMPLE.select()).all()) == 36, "its texts are no samples of the city"
