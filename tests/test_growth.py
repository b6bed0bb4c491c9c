"""No text stops the office: the work of every pattern and of every reader grows with a text, not with its square."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from classifiers import duplicates, features, inference, likeness, replies, signals, signatures, training
from classifiers import text as words
from classifiers.samples import Sample
from dispatch import commitments
from grids import learning
from grids.reading import READ, head
from hotline.channels import values
from hotline.channels.csv_text import CsvFile
from hotline.errors import HotlineError
from tests import growth
from tests.cast import LAMP, NOW, RUBBISH, rules

FRONTEND = growth.ROOT / "hotline/web/frontend"
PHRASES = ("（*处理）", "**（转办）", "^请**核实", "，请*处理*", "请**由**核实", "：**", "*处理", "：，，（")
PATTERNS = {
    **growth.patterns(),
    "the sample city's routing words": words._routing(rules().phrases),
    "routing words of another city": words._routing(PHRASES),
    "first letters of the gazetteer": rules().locator._gazetteer._first,
}
DISTINCT = {(one.pattern, one.flags): name for name, one in PATTERNS.items() if one is not None}


def _unsteady(texts: Any, work: Callable[[str], object]) -> list[tuple[float, str]]:
    found = ((growth.steep(work, text), text(40)) for text in texts)
    return [(steep, begin) for steep, begin in found if steep >= growth.STEEP]


def test_the_patterns_are_all_there() -> None:
    assert len(DISTINCT) > 140
    assert {"grids.addresses._NUMBERED", "dispatch.commitments.LAW", "hotline.flow.precheck.NUMBER"} <= {
        name.split(" ")[0] for name in PATTERNS
    }
    assert any("classifiers.replies:" in name for name in PATTERNS)  # written where it is used


@pytest.mark.parametrize("name", DISTINCT.values())
def test_no_pattern_reads_a_text_over_and_over(name: str) -> None:
    pattern = PATTERNS[name]
    assert pattern is not None
    assert _unsteady(growth.texts(pattern), growth.scan(pattern)) == []


@pytest.mark.parametrize("pattern", [r"(\d+)x", r"\s*;", r"\([^)]*\)", r"a.*b$", r"(?:ab)+c", r"[\d一]+个?小时"])
def test_the_measure_finds_a_pattern_that_does(pattern: str) -> None:
    compiled = re.compile(pattern)
    sizes = (2000, 8000, 32000)  # a fast machine must find it too
    assert any(growth.steep(growth.scan(compiled), text, sizes) >= growth.STEEP for text in growth.texts(compiled))


def test_the_pages_own_patterns() -> None:
    files = [file for part in ("entries", "office", "phone") for file in sorted((FRONTEND / part).glob("*.js"))]
    found = {
        one.replace(r"\/", "/")
        for file in files
        for one in re.findall(
            r"(?:[(=,:]|return)\s*/((?![*/])(?:\\.|\[[^\]\n]*\]|[^/\n\\[])+)/[gimsuy]*[.,)]", file.read_text()
        )
    }
    assert len(found) >= 3
    for one in found:
        compiled = re.compile(one)
        assert _unsteady(growth.texts(compiled), growth.scan(compiled)) == [], one


# --- whole readers ---------------------------------------------------------------------------------------------------

PIECES = (
    "1", "一", "第", "十", "（", "(", "，", "《", "“", " ", "\n", "工单号", "12345678", "20201111", "请", "请交警",
    "已于", "将于3日内", "预计12月底前", "：", "1、", "。1、请", "13800000000", "电话", "号楼", "3号楼", "松岭街道",
    "锦绣里", "a-", "为什么？", "，，", '="', "T", "\\", "粤A1", "张", "我叫", "地址：", "第一条", "之日起",
)  # fmt: skip


@pytest.fixture(scope="module")
def readers() -> dict[str, Callable[[str], object]]:
    lines = [(f"{word}第{n}次没人清运", RUBBISH) for n in range(20) for word in ("垃圾桶", "生活垃圾", "垃圾点")]
    lines += [(f"{word}第{n}天不亮", LAMP) for n in range(20) for word in ("路灯", "路灯灯杆", "照明灯")]
    model = training.train([Sample(text=text, area=area) for text, area in lines], rules().taxonomy, trained_at=NOW)
    city = rules()
    calendar, gazetteer = city.rulebook.calendar, city.locator._gazetteer
    old = duplicates.Matter(number="2", text="路灯不亮", address="路", caller="c", at=NOW)

    def subject(text: str) -> likeness.Subject:
        return likeness.Subject(key=text[:9], text=text, title=text[:300], address=text, at=NOW)

    return {
        "normalise": words.normalise,
        "mask": words.mask,
        "strip_routing": lambda text: words.strip_routing(text, (*city.phrases, *PHRASES)),
        "digest": words.digest,
        "grams": features.grams,
        "classify": lambda text: inference.guess(model, text, text),
        "signals": lambda text: signals.read(text, text, city.signals),
        "locate": lambda text: city.locator.locate(text, text, None),
        "names": gazetteer.find,
        "learn names": learning.phrases,
        "quoted": duplicates.quoted_numbers,
        "same": lambda text: duplicates.same_matter(
            duplicates.Matter(number="1", text=text, address=text, caller="c", at=NOW), [old], duplicates.Joining()
        ),
        "signature": lambda text: signatures.signature(text, text),
        "likeness": lambda text: likeness.rank(subject(text), [subject("路" + text)], city.repeats),
        "commitments": lambda text: commitments.find_commitments(text, date(2026, 11, 18), calendar),
        "precheck": lambda text: replies.check(replies.Draft(demand=head(text), reply=head(text)), city.replies),
        "moment": lambda text: _tried(values.moment, f"2026-01-01 {text}"),
        "number": lambda text: _tried(values.number, text),
        "phone": lambda text: _tried(values.phone, text),
    }


def _tried(read: Callable[..., object], text: str) -> None:
    with suppress(ValueError):
        read(text, rules().zone) if read is values.moment else read(text)


NAMES = (
    "normalise", "mask", "strip_routing", "digest", "grams", "classify", "signals", "locate", "names", "learn names",
    "quoted", "same", "signature", "likeness", "commitments", "precheck", "moment", "number", "phone",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_reader_does(name: str, readers: dict[str, Callable[[str], object]]) -> None:
    texts = [growth._repeated("", one, "") for one in PIECES]
    texts += [growth._repeated("", one + two, "") for one, two in zip(PIECES, PIECES[7:], strict=False)]
    assert _unsteady(texts, readers[name]) == []


def test_what_lies_beyond_the_budget_is_not_read() -> None:
    near, far = "路灯不亮" * 200, "松岭街道锦绣里"
    assert rules().locator.locate(near + far, "", None).street
    assert not rules().locator.locate(near * 5 + far, "", None).street
    assert len(words.strip_routing(near * 20, rules().phrases)) == READ


@pytest.mark.parametrize("piece", ['"', ",", '",', "\n", '"\n', "a", '""', ";", "\t", "\r"])
def test_no_file_of_text_does(piece: str, tmp_path: Path) -> None:
    def work(text: str) -> None:
        path = tmp_path / "a.csv"
        path.write_text(f"工单编号,诉求内容\n{text}", encoding="utf-8")
        with suppress(HotlineError):
            sum(1 for _ in CsvFile(path).records())

    assert growth.steep(work, growth._repeated("", piece, ""), (2000, 8000, 32000)) < growth.STEEP
