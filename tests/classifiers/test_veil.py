"""Numbers in every writing are veiled, other numbers stay, and no text costs more than its length."""

import pytest

from classifiers.text import ID_NUMBER, NAME, PHONE, PLATE
from classifiers.veil import CARD, REACH, digits, numbers, plain, strict


@pytest.mark.parametrize("written", [
    "13800138000", "138 0013 8000", "138-0013-8000", "138.0013.8000", "１３８００１３８０００", "1380013800０",
    "138００1380００", "幺三八零零幺三八零零零", "一三八 〇〇一三 八〇〇〇", "一3八00一3八000",
    "壹叁捌零零壹叁捌零零零", "1 3 8 0 0 1 3 8 0 0 0", "+86 138 0013 8000", "0086-13800138000", "8613800138000",
    "013800138000",
    "138\u200b0013\u200b8000", "138、0013、8000", "138——0013——8000", "(0531)88886666", "0531-88886666",
    "010 8888 6666", "零五三一 八八八八六六六六", "138\n00138000", "①③⑧⓪⓪①③⑧⓪⓪⓪",
])  # fmt: skip
def test_phone_numbers(written: str) -> None:
    for before, behind in (("请打", "谢谢"), ("", ""), ("tel", "。"), ("3号楼，", "，急"), ("打 ", " 9点后")):
        told = numbers(f"{before}{written}{behind}")
        assert PHONE in told
        assert not any(char.isdigit() for char in told.removeprefix(before).removesuffix(behind))


@pytest.mark.parametrize(("text", "told"), [
    ("身份证11010519491231002X，办证", f"身份证{ID_NUMBER}，办证"),
    ("110105 19491231 0021", ID_NUMBER),
    ("１１０１０５１９４９１２３１００２ｘ", ID_NUMBER),
    ("卡号6222 0212 3456 7890 123", f"卡号{CARD}"),
    ("6222021234567890", CARD),
    ("工资打到4111 1111 1111 1111", f"工资打到{CARD}"),
    ("座机88886666", f"座机{PHONE}"),
    ("尾号8000", f"尾号{PHONE}"),
    ("后四位是8000", f"后四位是{PHONE}"),
    ("13800138000 13900139000", f"{PHONE} {PHONE}"),
    ("QQ 12345678", f"QQ {REACH}"),
    ("微信号 abc_12345", f"微信号 {REACH}"),
    ("写信到 a.b@c.com", f"写信到 {REACH}"),
    ("写信到a.b@c.com", f"写信到{REACH}"),
    ("加wxid_sujinnian9，谢谢", f"加{REACH}，谢谢"),
    ("微信号 sujinnian9", f"微信号 {REACH}"),
    ("微信sujinnian9", f"微信{REACH}"),
    ("微信号是：su-jinnian，急", f"微信号是：{REACH}，急"),
    ("VX：sujinnian9", f"VX：{REACH}"),
    ("weixin sujinnian9", f"weixin {REACH}"),
    ("QQ123456789", f"QQ{REACH}"),
    ("QQ号码是123456789", f"QQ号码是{REACH}"),
    ("Q号 123456789", f"Q号 {REACH}"),
    ("抖音号：jinnian_88", f"抖音号：{REACH}"),
    ("抖音号 1234567890", f"抖音号 {REACH}"),
    ("邮箱 sujinnian", f"邮箱 {REACH}"),
])  # fmt: skip
def test_other_numbers_of_persons(text: str, told: str) -> None:
    assert numbers(text) == told


@pytest.mark.parametrize("text", [
    "3号楼2单元1501室", "工单SL20261118000013", "2026111800001357", "2026年11月18日10:30-12:00", "1501-1502-1503",
    "拨打12345热线", "一二三四五六七", "住十一号楼，交了三千五百元", "编号20260511000123",
    "微信群里说的", "微信小程序打不开", "微信app闪退", "打开QQ音乐", "抖音上看到",
    "K1 路 100 米", "", "鲁A12345", "第一、第二、第三条",
])  # fmt: skip
def test_what_is_no_persons_number_stays(text: str) -> None:
    assert numbers(text) == text


def test_names_and_plates_of_who_is_not_to_be_known() -> None:
    said = "我是王建国，王 建国的车鲁A12345，电话13800138000，市民李某先生也在"
    told = strict(said, ("王建国", "李"))
    assert told.count(NAME) >= 3
    assert "建国" not in told
    assert PLATE in told
    assert PHONE in told


@pytest.mark.parametrize(("text", "told"), [
    ("我是李秀英，住三号楼", "我是〔姓名〕，住三号楼"),
    ("联系人张三 13800138000", "联系人〔姓名〕 〔电话〕"),
    ("请找王芳。", "请找〔姓名〕。"),
    ("诉求人：欧阳娜娜，再次来电", "诉求人：〔姓名〕，再次来电"),
    ("我是高新区居民，反映噪音", "我是高新区居民，反映噪音"),
    ("请联系市政部门，尽快处理", "请联系市政部门，尽快处理"),
    ("本人住在黄河路，门口积水", "本人住在黄河路，门口积水"),
])  # fmt: skip
def test_who_says_who_they_are(text: str, told: str) -> None:
    assert strict(text) == told


@pytest.mark.parametrize(("name", "text", "told"), [
    ("苏锦年", "锦年女士又说门口积水", f"{NAME}女士又说门口积水"),
    ("苏锦年", "是锦年打来的，锦 年再催", f"是{NAME}打来的，{NAME}再催"),
    ("苏锦年女士", "锦年又来电", f"{NAME}又来电"),
    ("苏锦年", "锦年路过时看到", f"{NAME}路过时看到"),
    ("欧阳建国", "建国说，建国路12号积水，建国大街也是", f"{NAME}说，建国路12号积水，建国大街也是"),
    ("司马光", "光女士说路灯没有光", f"{NAME}女士说路灯没有光"),
    ("逄敏", "敏女士、阿敏和小敏说反应灵敏", f"{NAME}女士、阿{NAME}和小{NAME}说反应灵敏"),
    ("逄敏", "逄女士在家", f"{NAME}女士在家"),
    ("高明", "小高层住户说明情况，老明说", f"小高层住户说明情况，老{NAME}说"),
    ("阿卜杜·买买提", "买买提又来电", f"{NAME}又来电"),
])  # fmt: skip
def test_the_given_name_of_who_is_not_to_be_known(name: str, text: str, told: str) -> None:
    assert strict(text, (name,)) == told


def test_words_that_no_veil_may_cover() -> None:
    assert plain("垃圾没人清运")
    assert not any(map(plain, ("3号", "sujinnian", "ｓｕ", "@", "幺三八")))


def test_digits_are_seen_in_any_writing() -> None:
    assert all(map(digits, ("3号", "幺三八", "１３８", "一")))
    assert not digits("垃圾没人清运")


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1 ",
        "一-",
        "1380013800 ",
        "(1",
        "a@",
        "a.",
        "微信号 a",
        "电话1",
        "微信a.",
        "wxid_",
        "尾号",
        "11010519491231002",
        "x1",
    ],
)
def test_no_text_costs_more_than_its_length(piece: str) -> None:
    """Every piece of a run begins at most LONGEST windows: what is told of twice the text is twice as long, no more."""
    once, twice = numbers(piece * 2000), numbers(piece * 4000)
    assert len(twice) <= 2 * len(once) + 40
