"""`hotline ticket show|trace|list|index`: one ticket as it stands, its whole journey, lists, the index of likeness."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click
import msgspec
from sqlmodel import Session

from dispatch.calendar import deadline_text
from dispatch.lifecycle import STATE_NAMES, State
from hotline import clock
from hotline.city import City
from hotline.cli import opening
from hotline.flow import reindex
from hotline.flow.oversight import trace as journeys
from hotline.flow.oversight.trace import ClockLeg, Leg, Trace
from hotline.store import db, lists, numbers, sheets
from hotline.store.ids import first_id
from hotline.store.lists import Filters, Sight
from hotline.wire.tickets import Page, TicketSheet

OUTCOMES = {"met": "按时", "late": "超时", "void": "不评判", "": "进行中"}

_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON。")


@click.group("ticket")
def ticket() -> None:
    """工单：查看、追踪全程、列表。"""


@ticket.command("show")
@click.argument("number")
@_json
def show(number: str, as_json: bool) -> None:
    """显示工单 NUMBER 的现状；NUMBER 也可写上级编号。"""
    with opening.opened(), db.reading() as session:
        city = opening.city_in_force()
        sight = Sight(region=city.region, everything=True)
        sheet = sheets.sheet(session, sight, _number(session, sight, number))
    click.echo(msgspec.json.encode(sheet) if as_json else sheet_text(city, sheet))


@ticket.command("trace")
@click.argument("number")
@_json
def trace(number: str, as_json: bool) -> None:
    """打印工单 NUMBER 的全程：每一步由谁、何时、依据什么。"""
    with opening.opened(), db.reading() as session:
        city = opening.city_in_force()
        told = journeys.trace(session, city, _number(session, Sight(region=city.region, everything=True), number))
    click.echo(msgspec.json.encode(told) if as_json else trace_text(city, told))


@ticket.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice([state.value for state in State]), help="状态。")
@click.option("--unit", default="", help="承办单位代码。")
@click.option("--area", default="", help="事项编码，含下级。")
@click.option("--words", default="", help="标题或内容中的文字。")
@click.option("--ref", default="", help="上级编号。")
@click.option("--overdue", is_flag=True, help="只看超过答复时限的。")
@click.option("--size", type=click.IntRange(1, lists.LARGEST_PAGE), default=20, show_default=True)
@click.option("--after", help="翻页标记。")
@_json
def listed(
    states: tuple[str, ...],
    unit: str,
    area: str,
    words: str,
    ref: str,
    overdue: bool,
    size: int,
    after: str | None,
    as_json: bool,
) -> None:
    """列出工单，最新的在前。"""
    filters = Filters(
        states=frozenset(states), unit=unit, area=area, words=words, overdue=overdue, source_ref=ref.strip()
    )
    with opening.opened(), db.reading() as session:
        city = opening.city_in_force()
        sight = Sight(region=city.region, everything=True)
        page = lists.tickets(session, sight, filters, now=clock.now(), size=size, after=after)
    click.echo(msgspec.json.encode(page) if as_json else page_text(city, page))


@ticket.command("index")
def index() -> None:
    """把旧工单编入相似索引（可能重复、相似已办都靠它），新的在前；可随时中断，重复运行没有影响。"""
    done, now = 0, clock.now()
    with opening.opened():
        city, before = opening.city_in_force(), first_id(now + timedelta(days=1))
        while True:
            with db.transaction() as session:
                step, count = reindex.older(session, city, before, now)
            if step is None:
                break
            before, done = step, done + count
            click.echo(f"已编入 {done} 件", err=True)
    click.echo(f"相似索引完成：近 {city.repeats.past_days} 天的 {done} 件工单")


def _number(session: Session, sight: Sight, given: str) -> str:
    """Return the number of the newest ticket of an upstream number; any other as it was given."""
    page = lists.tickets(session, sight, Filters(number=given, refs=numbers.upstream(given)), now=clock.now(), size=1)
    return page.items[0].number if page.items else given


def sheet_text(city: City, sheet: TicketSheet) -> str:
    """Return a ticket in words, the caller masked."""
    card = sheet.card
    place = card.grid or card.community
    lines = [
        ("工单", f"{card.number}（{STATE_NAMES[State(card.state)]}）"),
        ("来源", f"{card.source} {card.kind}"),
        ("上级编号", card.source_ref),
        ("标题", card.title),
        ("内容", sheet.text),
        ("地址", card.address),
        ("来电人", card.caller_label),
        ("事项", city.area_label(card.area)),
        ("地点", city.place_name(place)),
        ("承办", city.unit_name(card.unit)),
        ("受理", _at(card.received_at, city.zone)),
        ("派单", _at(card.dispatched_at, city.zone)),
        ("答复时限", deadline_text(card.due_at, city.rulebook.calendar) if card.due_at else ""),
        ("办结", _at(card.closed_at, city.zone)),
        ("答复", sheet.reply),
        ("并入", sheet.joined_to),
    ]
    extra = [f"{name}\t{value}" for name, value in sheet.extra.items()]
    told = [f"{label}\t{value}" for label, value in lines if value]
    return "\n".join([*told, *(["原始数据", *extra] if extra else [])])


def trace_text(city: City, told: Trace) -> str:
    """Return a journey in words: each step with every why, then each clock with the days counted."""
    head = [f"{told.number}（{told.state}）{told.title}"]
    head += [f"{label}\t{value}" for label, value in _facts(told) if value]
    steps = [line for leg in told.journey for line in _leg(leg, city.zone)]
    clocks = [_clock(city, one) for one in told.clocks]
    cards = [f"  {card}" for card in told.cards]
    return "\n".join(
        [*head, "经过", *steps, *(["时限", *clocks] if clocks else []), *(["催办", *cards] if cards else [])]
    )


def page_text(city: City, page: Page) -> str:
    """Return a list in words."""
    lines = [
        "\t".join(
            (
                card.number,
                STATE_NAMES[State(card.state)],
                _at(card.received_at, city.zone),
                city.area_label(card.area),
                city.unit_name(card.unit),
                card.title,
                *([card.source_ref] if card.source_ref else []),
            )
        )
        for card in page.items
    ]
    more = [f"还有更多：--after {page.after}"] if page.after else []
    return "\n".join([*lines, *more]) or "没有符合条件的工单"


def _facts(told: Trace) -> list[tuple[str, str]]:
    return [("事项", told.area), ("地点", told.place), ("承办", told.unit), ("规则版本", told.edition)]


def _leg(leg: Leg, zone: ZoneInfo) -> list[str]:
    first = f"  {_at(leg.at, zone)}  {leg.label}  {leg.who} → {leg.state}" + (f"  {leg.note}" if leg.note else "")
    return [first, *(f"      {name}：{why}" for name, why in leg.why.items())]


def _clock(city: City, one: ClockLeg) -> str:
    due = deadline_text(one.due_at, city.rulebook.calendar)
    unit = f"  {one.unit}" if one.unit else ""
    return f"  {one.label}  至 {due}  {OUTCOMES.get(one.outcome, one.outcome)}{unit}\n      {one.why}"


def _at(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""
