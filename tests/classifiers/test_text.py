import pytest

from classifiers.text import digest, mask, normalise, strip_routing


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("ＡＢＣ１２３，路灯", "abc123,路灯"),
        ("  路灯\t不 亮\n\n了 ", "路灯不亮了"),
        ("wi-fi  is   down", "wi-fi is down"),
        ("5 号楼 B 座", "5号楼b座"),
        ("路\u200b灯\ufeff不亮\x00", "路灯不亮"),
        ("", ""),
        ("\ud800路灯", "\ud800路灯"),
    ],
)
def test_normalise(raw: str, normal: str) -> None:
    assert normalise(raw) == normal
    assert normalise(normal) == normal, "twice is once"


@pytest.mark.parametrize(
    ("raw", "masked"),
    [
        ("电话13800000000，请回电", "电话〔电话〕，请回电"),
        ("138-0000-0000", "〔电话〕"),
        ("+86 138 0000 0000", "〔电话〕"),
        ("１３８００００００００", "〔电话〕"),
        ("致电0000-2345678转8", "致电〔电话〕转8"),
        ("致电(0000)2345678", "致电〔电话〕"),
        ("拨打400-000-0000", "拨打〔电话〕"),
        ("联系电话：20000000", "联系电话：〔电话〕"),
        ("身份证11010119900101000X", "身份证〔证件号〕"),
        ("身份证 110101199001010000 的市民", "身份证 〔证件号〕 的市民"),
        ("车牌京A12345占道", "车牌〔车牌〕占道"),
        ("京a·d12345违停", "〔车牌〕违停"),
        ("工单号20260101000001", "工单号20260101000001"),
        ("12345热线，3号楼502室", "12345热线，3号楼502室"),
        ("花了13800元", "花了13800元"),
    ],
)
def test_mask(raw: str, masked: str) -> None:
    assert mask(raw) == masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    ("raw", "phrases", "left"),
    [
        ("路灯不亮，请城管局核实处理。", ("请*核实处理",), "路灯不亮，。"),
        ("请尽快修好路灯，再请城管局核实处理", ("请*核实处理",), "请尽快修好路灯，再"),
        ("请来人看看井盖。转交警核实处理", ("请*核实处理",), "请来人看看井盖。转交警核实处理"),
        ("路灯不亮（转派）(1+1)", ("（转派）", "(1+1)"), "路灯不亮"),
        ("谢谢！谢谢", ("谢谢！", "谢谢"), ""),
        ("路灯不亮", (), "路灯不亮"),
        ("路灯不亮", ("*", " ", ""), "路灯不亮"),
    ],
)
def test_strip_routing(raw: str, phrases: tuple[str, ...], left: str) -> None:
    assert strip_routing(raw, phrases) == left


def test_a_wildcard_reaches_no_further_than_a_name() -> None:
    long = "请" + "甲" * 21 + "核实处理"
    assert strip_routing(long, ("请*核实处理",)) == long
    assert strip_routing("请" + "甲" * 20 + "核实处理", ("请*核实处理",)) == ""


def test_digest_is_of_what_the_text_says() -> None:
    assert digest("路灯 不亮１") == digest("路灯不亮1")
    assert len(digest("")) == 32
    assert digest("路灯不亮1") != digest("路灯不亮2")
