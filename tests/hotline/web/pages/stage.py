"""The sample city with tickets in every state, for pages to show: received, triaged and handled by the real steps."""

import csv
from datetime import datetime, timedelta

from sqlmodel import Session

from classifiers import training
from classifiers.model import to_bytes
from classifiers.samples import Sample
from dispatch.lifecycle import State
from dispatch.roles import Role
from hotline import city as cities
from hotline import people, rulefiles
from hotline.city import City
from hotline.flow import call_back, escalate, handle, receive, triage
from hotline.people import Actor, Me
from hotline.sealing import Seal
from hotline.store import db, numbers, tickets
from hotline.store.ids import new_id
from hotline.store.tickets import Ticket
from hotline.wire.tickets import Answer, Asked, NewTicket, Plain, SentBack, Worded
from tests.hotline.web.conftest import LONG_AGO, PASSWORD, SAMPLE

PEOPLE = {
    "hua01": (Role.AGENT, "", "柳青禾"),
    "pai01": (Role.DISPATCHER, "", "方予安"),
    "cgj01": (Role.UNIT, "cgj", "陈立"),
    "ding.dayong": (Role.GRID_LEADER, "", "丁大勇"),
    "hui01": (Role.CALLER_BACK, "", "苏文"),
    "du01": (Role.SUPERVISOR, "", "何正"),
    "admin": (Role.ADMIN, "", "管理员"),
}
GIVEN = (  # always in the hands of cgj, whatever the duty table says
    "烧烤摊占了半条人行道，每晚十点后最吵。",
    "工地围挡外堆着三堆渣土，刮风全是灰。",
    "广告牌松动，快要掉下来。",
    "店招灯箱整夜亮着，晃眼。",
)
AGENT = Actor("hua01", Role.AGENT)


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
    with db.reading() as session:
        return cities.current(session)


def tickets_of_all_states(city: City, seal: Seal, now: datetime) -> None:
    """Receive the sample tickets at their times and bring each as far as it says."""
    with (SAMPLE / "tickets.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        at = now - timedelta(days=float(row["days_ago"]))
        one(city, seal, row, at, now)
    for index, words in enumerate(GIVEN):
        row = dict.fromkeys(rows[0], "") | {"text": words, "source": "12345", "urgency": "normal", "fate": "routed"}
        one(city, seal, row | {"phone": f"1380000070{index}"}, now - timedelta(hours=index + 1), now, unit="cgj")
    with db.transaction() as session:
        while escalate.sweep(session, city, now):
            pass


def one(city: City, seal: Seal, row: dict[str, str], at: datetime, now: datetime, unit: str = "") -> str:
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
        triage.batch(session, city, [receive.ticket_of(arrival)], at + _h(0.01))
    with db.transaction() as session:
        _handle(session, city, tickets.by_number(session, city.region, number), row, at, now)
    return number


def _handle(session: Session, city: City, ticket: Ticket, row: dict[str, str], at: datetime, now: datetime) -> None:
    fate, number = row["fate"], ticket.number
    if fate in {"received", "routed", "joined"} or ticket.state != State.ROUTED.value:
        return
    unit = Me(login=f"{ticket.unit}01", name="经办", region=city.region, role=Role.UNIT, unit=ticket.unit)
    if fate == "returned":
        said = SentBack(reason="不属本单位职责，现场核实为其他单位管理范围", basis="三定方案第五条")
        handle.send_back(session, city, number, said, unit, min(now, at + _h(3)))
        return
    handle.sign(session, city, number, Plain(), unit, min(now, at + _h(2)))
    if fate in {"signed", "overdue_progress", "overdue_result"}:
        return
    handle.report(session, city, number, Worded(note="已到现场查看，正在协调处理。"), unit, min(now, at + _h(20)))
    if fate == "reported":
        return
    reply = Answer(note=row["reply"] or "您好，您反映的问题已处理完毕。")
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
