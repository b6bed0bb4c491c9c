"""The sample city with tickets in every state, for pages to show: received, triaged and handled by the real steps."""

import csv
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from classifiers import training
from classifiers.model import to_bytes
from classifiers.samples import Sample
from dispatch.lifecycle import State
from dispatch.roles import Role
from hotline import city as cities
from hotline import people, rulefiles
from hotline.city import City
from hotline.flow import call_back, doors, escalate, handle, receive, triage
from hotline.flow.editions import approval
from hotline.flow.figures import tally
from hotline.people import Actor, Me
from hotline.sealing import Seal
from hotline.store import db, numbers, tickets
from hotline.store.ids import new_id
from hotline.store.tickets import Ticket
from hotline.wire.moves import Answer, Asked, Plain, SentBack, Worded
from hotline.wire.tickets import NewTicket
from tests.hotline.web.conftest import LONG_AGO, PASSWORD, SAMPLE

PEOPLE = {
    "hua01": (Role.AGENT, "", "柳青禾"),
    "pai01": (Role.DISPATCHER, "", "方予安"),
    "cgj01": (Role.UNIT, "cgj", "陈立"),
    "whjd01": (Role.UNIT, "whjd", "江一帆"),
    "sljd01": (Role.UNIT, "sljd", "宋之远"),
    "ding.dayong": (Role.GRID_LEADER, "", "丁大勇"),
    "wu.haoran": (Role.GRID_LEADER, "", "吴浩然"),
    "hui01": (Role.CALLER_BACK, "", "苏文"),
    "du01": (Role.SUPERVISOR, "", "何正"),
    "admin": (Role.ADMIN, "", "管理员"),
}
PHONE = "13800000777"  # of who called about what waits
GIVEN = (  # always in the hands of cgj, whatever the duty table says
    "烧烤摊占了半条人行道，每晚十点后最吵。",
    "工地围挡外堆着三堆渣土，刮风全是灰。",
    "广告牌松动，快要掉下来。",
    "店招灯箱整夜亮着，晃眼。",
)
WALKED = ("东门的井盖响了一夜。", "示例区望湖街道望湖花园")  # just dispatched, in the grid of ding.dayong
AGENT = Actor("hua01", Role.AGENT)
Deed = tuple[str, str, dict[str, Any]]  # who (a unit's code or a login of PEOPLE), the move, what is said
SIGN: Deed = ("cgj", "sign", {})
BACK: Deed = ("cgj", "return", {"reason": "该路段已移交市政养护。", "basis": "移交清单第3项", "unit": "szzx"})
DISPUTE: tuple[Deed, ...] = (
    BACK, ("pai01", "route", {"unit": "szzx"}),
    ("szzx", "return", {"reason": "移交手续未办结，仍属原单位。", "basis": "会议纪要〔2026〕8号", "unit": "cgj"}),
    ("pai01", "convene", {"note": "两次退单，权属有争议"}),
)  # fmt: skip
# what a ticket of cgj waits for -> (its words, how many days ago, what was done since): one of each
WAITING: dict[str, tuple[str, float, tuple[Deed, ...]]] = {
    "extension": ("路口违停的大货车挡住了斑马线。", 2, (
        SIGN, ("cgj", "ask_extension", {"reason": "需与交警联合执法", "days": 5, "note": "已现场取证"}))),
    "extended": ("公园外摆摊收摊后满地油污。", 2, (
        SIGN, ("cgj", "ask_extension", {"reason": "油污须专业清洗，设备在修", "days": 4, "note": "已劝离摊贩"}),
        ("pai01", "extend", {"days": 3}))),
    "lacking": ("有人在楼下养鸡，天不亮就叫。", 2, (SIGN, ("cgj", "lack", {"note": "请说明是几号楼几单元。"}))),
    "ask_park": ("旧报刊亭没人用，占着人行道。", 2, (SIGN, ("cgj", "ask_park", {
        "reason": "列入明年拆除计划", "basis": "年度计划第12项", "until": "+100"}))),
    "parked": ("桥下桥墩小广告清不干净。", 2, (
        SIGN, ("cgj", "ask_park", {"reason": "待桥梁大修一并处理", "basis": "大修计划", "until": "+120"}),
        ("du01", "park", {}))),
    "disputed": ("绿化带护栏倒了一片，砸到自行车。", 2, (
        *DISPUTE, ("szzx", "opine", {"note": "护栏权属未移交。", "unit": "cgj"}))),
    "asked": ("隔离墩被撞歪，夜里看不见。", 2, DISPUTE),
    "helped": ("夜市油烟直排居民楼窗口。", 2, (
        SIGN, ("cgj", "invite", {"unit": "sthj", "note": "请检测油烟浓度"}),
        ("cgj", "invite", {"unit": "scj", "note": "请核查证照"}), ("sthj", "help_answer", {"note": "检测超标一倍。"}))),
    "exclusion": ("河对岸邻区工地夜里打桩。", 2, (
        SIGN, ("cgj", "answer", {"note": "该工地属邻区管辖，已函告。"}),
        ("cgj", "ask_exclusion", {"ground": "outside", "reason": "工地在邻区", "basis": "行政区划图"}))),
    "reviewing": ("人行道旁新装的充电桩挡住了盲道。", 2, (
        SIGN, ("cgj", "answer", {"note": "已会同产权单位到场，盲道改线方案报批中。", "outcome": "explained"}))),
    "rejected": ("老桥栏杆上的灯带白天也亮着。", 2, (
        SIGN, ("cgj", "answer", {"note": "灯带由桥梁管理处控制，我单位无权调整。", "outcome": "not_ours"}),
        ("pai01", "reject", {"reason": "请写明已向桥梁管理处反映及其答复时间"}))),
    "void": ("测试工单请忽略。", 2, (("hua01", "ask_void", {"reason": "培训时误登记"}),)),
    "returned": ("路边配电箱门敞开着。", 0.1, (BACK,)),
    "carded": ("空地上堆的废旧轮胎一直没人管。", 25, (SIGN,)),
    "refused": ("我和装修公司合同纠纷，请你们判一下。", 1, (("hua01", "refuse", {
        "reason": "属于民事合同纠纷", "guide": "示例区人民法院或消费者协会", "basis": "受理范围第四条"}),)),
    "withdrawn": ("门口乱停的车已经开走了。", 1, (SIGN, ("hua01", "withdraw", {"note": "来电人说已自行解决"}))),
}  # fmt: skip


def city(now: datetime, samples: int) -> City:
    """Apply the sample city, open accounts, train a model on the first `samples` texts."""
    with db.transaction() as session:
        applied = cities.apply(session, rulefiles.read_folder(SAMPLE), "test", now)
        for login, (role, unit, name) in PEOPLE.items():
            people.add(session, applied.region, login, name, PASSWORD, LONG_AGO)
            people.appoint(session, applied.region, login, role, unit, LONG_AGO)
    with (SAMPLE / "samples.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:samples]
    texts = [Sample(text=row["text"], title=row["title"], area=row["area"]) for row in rows]
    model = training.train(texts, applied.taxonomy, trained_at=now)
    with db.transaction() as session:
        cities.keep_model(session, applied, "test", to_bytes(model), {}, new_id(now), now)
        dispatcher = Me(login="pai01", name="方予安", region=applied.region, role=Role.DISPATCHER)
        approval.propose(session, applied, next_edition("2026.2"), dispatcher, now, "城管接手清运")
    with db.reading() as session:
        return cities.current(session)


def next_edition(name: str) -> dict[str, str]:
    """Return rules that give rubbish to another unit, shorten a limit and know one more matter."""
    files = rulefiles.read_folder(SAMPLE)
    files["city.toml"] = files["city.toml"].replace('edition = "2026.1"', f'edition = "{name}"')
    files["duty.csv"] = files["duty.csv"].replace("D003,010101,,hwzx", "D003,010101,,cgj")
    files["promises.toml"] = files["promises.toml"].replace('after = "route"\ndays = 7', 'after = "route"\ndays = 5')
    files["areas.csv"] += "0299,道路照明,02,,,\n"
    return files


def tickets_of_all_states(city: City, seal: Seal, now: datetime) -> None:
    """Receive the sample tickets at their times and bring each as far as it says."""
    with (SAMPLE / "tickets.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        at = now - timedelta(days=float(row["days_ago"]))
        live_through(city, seal, row, at, now)
    for index, words in enumerate(GIVEN):
        row = dict.fromkeys(rows[0], "") | {"text": words, "source": "12345", "urgency": "normal", "fate": "routed"}
        live_through(
            city, seal, row | {"phone": f"1380000070{index}"}, now - timedelta(hours=index + 1), now, unit="cgj"
        )
    walked = dict.fromkeys(rows[0], "") | {"text": WALKED[0], "address": WALKED[1], "phone": "13800000788"}
    live_through(
        city, seal, walked | {"source": "12345", "urgency": "normal", "fate": "routed"}, now - _h(0.5), now, unit="cgj"
    )
    for words in WAITING:
        waiting(city, seal, words, dict.fromkeys(rows[0], ""), now)
    with db.transaction() as session:
        while escalate.sweep(session, city, now):
            pass
        tally.fold_all(session, city, now)


def live_through(city: City, seal: Seal, row: dict[str, str], at: datetime, now: datetime, unit: str = "") -> str:
    """Bring one ticket from the telephone to its fate; return its number."""
    number = numbers.take(city.region, city.short, city.day(at), 1)[0]
    given = {key: row[key] for key in ("text", "title", "source", "kind", "urgency", "name", "phone", "address")}
    lng, lat = (float(row[key]) if row[key] else None for key in ("lng", "lat"))
    area = row["area"] if row["fate"] != "received" else ""
    arrival = receive.arrive(city, seal, NewTicket(**given, lng=lng, lat=lat, area=area, unit=unit), AGENT, at, number)
    with db.transaction() as session:
        receive.put(session.connection(), [arrival])
        if row["fate"] == "settled":
            handle.settle(session, city, number, Worded(note=row["reply"] or "已解答"), _me(AGENT), at + _h(0.1))
            return number
        if row["fate"] == "unseen":
            return number
        triage.batch(session, city, [receive.ticket_of(arrival)], at + _h(0.01))
    with db.transaction() as session:
        _handle(session, city, tickets.by_number(session, city.region, number), row, at, now)
    return number


def waiting(city: City, seal: Seal, what: str, blank: dict[str, str], now: datetime) -> str:
    """Bring a ticket of cgj to where it waits for what WAITING says; return its number."""
    words, days_ago, deeds = WAITING[what]
    at, unit = now - timedelta(days=days_ago), "" if what == "refused" else "cgj"
    row = blank | {"text": words, "source": "12345", "urgency": "normal", "phone": PHONE}
    number = live_through(city, seal, row | {"fate": "unseen" if what == "refused" else "routed"}, at, now, unit=unit)
    for place, (who, move, said) in enumerate(deeds):
        body, step = doors.MOVES_BY_NAME[move]
        given = dict(said)
        if "until" in given:
            given["until"] = city.day(now) + timedelta(days=int(given["until"]))
        role, _, name = PEOPLE.get(who, (Role.UNIT, who, who))
        me = Me(login=f"{who}01" if role is Role.UNIT else who, name=name, region=city.region, role=role,
                unit=who if role is Role.UNIT else "")  # fmt: skip
        with db.transaction() as session:
            step(session, city, number, body(**given), me, min(now, at + _h(0.2 * (place + 1))))
    return number


def _handle(session: Session, city: City, ticket: Ticket, row: dict[str, str], at: datetime, now: datetime) -> None:
    fate, number = row["fate"], ticket.number
    if fate in {"received", "routed", "joined"} or ticket.state != State.ROUTED.value:
        return
    unit = Me(login=f"{ticket.unit}01", name="经办", region=city.region, role=Role.UNIT, unit=ticket.unit)
    if fate == "returned":
        owner = "szzx" if ticket.unit != "szzx" else "cgj"
        said = SentBack(reason="不属本单位职责，现场核实为其他单位管理范围", basis="三定方案第五条", unit=owner)
        handle.send_back(session, city, number, said, unit, min(now, at + _h(3)))
        return
    handle.sign(session, city, number, Plain(), unit, min(now, at + _h(2)))
    if fate in {"signed", "overdue_progress", "overdue_result"}:
        return
    handle.report(session, city, number, Worded(note="已到现场查看，正在协调处理。"), unit, min(now, at + _h(20)))
    if fate == "reported":
        return
    if fate == "reviewing":
        handed_in = Answer(note=row["reply"], outcome="explained", alone=True)
        handle.answer(session, city, number, handed_in, unit, min(now, at + _h(60)))
        return
    reply = Answer(note=row["reply"] or "您好，您反映的问题已处理完毕。", alone=True)
    handle.answer(session, city, number, reply, unit, min(now, at + _h(60)))
    call_back.plan(session, city, [number])
    if fate == "answered":
        return
    caller = Me(login="hui01", name="回访", region=city.region, role=Role.CALLER_BACK)
    happy = fate != "redone"
    asked = Asked(
        reached=True, contacted=(row["contacted"] or "yes") == "yes", solved=row["solved"] or None if happy else "no",
        satisfaction=int(row["satisfaction"]) if row["satisfaction"] and happy else None,
    )  # fmt: skip
    call_back.record(session, city, number, asked, caller, min(now, at + _h(80)))


def _me(actor: Actor) -> Me:
    return Me(login=actor.login, name="柳青禾", region="sample", role=actor.role)


def _h(hours: float) -> timedelta:
    return timedelta(hours=hours)
