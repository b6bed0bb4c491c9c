"""`hotline people`: accounts, posts, passwords, and tokens for programs."""

import sys
from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

import click
import msgspec

from dispatch.roles import ROLE_NAMES, Role
from hotline import clock
from hotline import people as staff
from hotline.cli import opening
from hotline.flow.acts import regrid
from hotline.flow.editions import staffing
from hotline.people import Account
from hotline.store import db

POSTS = [role.value for role in Role if role not in {Role.CITIZEN, Role.CLOCKWORK}]


@click.group("people")
def people() -> None:
    """人员：账号、岗位、密码，以及给程序使用的令牌。"""


@people.command("add")
@click.argument("login")
@click.option("--name", default="", help="姓名；默认与账号相同。")
@click.option("--role", "post", type=click.Choice(POSTS), required=True, help="岗位。")
@click.option("--unit", default="", help="承办单位代码（岗位为 unit 时必填）。")
@click.option("--password-stdin", is_flag=True, help="从标准输入读密码，不在屏幕上询问。")
@click.option("--no-password", is_flag=True, help="不设密码，只能用令牌（给程序用的账号）。")
def add(login: str, name: str, post: str, unit: str, password_stdin: bool, no_password: bool) -> None:
    """新建账号 LOGIN 并给予岗位。"""
    with opening.opened():
        city = opening.city_in_force()
        _check_unit(unit, city.units)
        password = "" if no_password else _password(password_stdin)
        with db.transaction() as session:
            staff.add(session, city.region, login, name, password, clock.now())
            staff.appoint(session, city.region, login, Role(post), unit, clock.now())
    click.echo(f"已新建 {login}（{ROLE_NAMES[Role(post)]}）")


@people.command("role")
@click.argument("login")
@click.argument("post", type=click.Choice(POSTS))
@click.option("--unit", default="", help="承办单位代码（岗位为 unit 时必填）。")
def role(login: str, post: str, unit: str) -> None:
    """让 LOGIN 从现在起担任岗位 POST，原岗位结束，已登录的浏览器须重新登录。"""
    with opening.opened():
        city = opening.city_in_force()
        _check_unit(unit, city.units)
        with db.transaction() as session:
            staff.appoint(session, city.region, login, Role(post), unit, clock.now())
    click.echo(f"{login} 现任{ROLE_NAMES[Role(post)]}")


@people.command("password")
@click.argument("login")
@click.option("--password-stdin", is_flag=True, help="从标准输入读密码，不在屏幕上询问。")
def password(login: str, password_stdin: bool) -> None:
    """给 LOGIN 换密码，已登录的浏览器须重新登录。"""
    with opening.opened():
        city = opening.city_in_force()
        given = _password(password_stdin)
        with db.transaction() as session:
            staff.set_password(session, city.region, login, given)
    click.echo(f"{login} 的密码已更换")


@people.command("handover")
@click.argument("giver", metavar="FROM")
@click.argument("taker", metavar="TO")
@click.option("--by", required=True, help="谁决定移交（账号），记入每件工单的经过。")
def handover(giver: str, taker: str, by: str) -> None:
    """把网格长 FROM 手中的在办工单一次移交给网格长 TO；以后的新工单按 leaders.csv 中的网格长派。"""
    with opening.opened():
        city = opening.city_in_force()
        with db.transaction() as session:
            staff.serving(session, city.region, by, clock.now())
            moved = regrid.hand_over(session, city, giver, taker, by, clock.now())
    click.echo(f"已移交 {len(moved)} 件在办工单：{giver} → {taker}")


@people.command("leave")
@click.argument("login")
@click.argument("first", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("last", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--by", required=True, help="谁登记（账号）。")
@click.option("--hand", is_flag=True, help="在办工单一并移交给代班人（请假当天起）。")
@click.option("--dry-run", is_flag=True, help="只看由谁代班，不登记。")
def leave(login: str, first: datetime, last: datetime, by: str, hand: bool, dry_run: bool) -> None:
    """登记网格长 LOGIN 自 FIRST 至 LAST（两天都算）请假：新工单派给代班人。"""
    with opening.opened():
        city, now = opening.city_in_force(), clock.now()
        with db.transaction() as session:
            seen = staffing.foresee(session, city, login, first.date(), last.date(), now)
            me = staff.serving(session, city.region, by, now)
            passed = 0 if dry_run else staffing.put(session, city, seen, me, now, hand=hand)
    for one in seen.covers:
        why = one.answering.why if one.answering else f"{one.day}起无人负责"
        click.echo(f"{city.place_name(one.grid)}：{why}；在办 {one.open} 件")
    done = f"已登记 {seen.name} {seen.first} 至 {seen.last} 请假；移交 {passed} 件"
    click.echo("只看，没有登记" if dry_run else done)


@people.command("token")
@click.argument("login")
@click.option("--device", default="", help="给哪个程序用，便于以后辨认。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def token(login: str, device: str, as_json: bool) -> None:
    """发一个令牌：程序以 LOGIN 的身份访问接口。只显示这一次，数据库只存它的摘要。"""
    with opening.opened():
        city, now = opening.city_in_force(), clock.now()
        with db.transaction() as session:
            made = staff.machine_token(session, city.region, login, device=device, now=now)
        until = now + staff.ABSOLUTE["token"]
    if as_json:
        click.echo(msgspec.json.encode({"login": login, "token": made, "until": until}))
        return
    click.echo(made)
    click.echo(f"以 {login} 的身份使用，至 {_day(until, city.zone)}；请立即保存，不再显示", err=True)


@people.command("logout")
@click.argument("login")
def logout(login: str) -> None:
    """结束 LOGIN 的全部登录和令牌。"""
    with opening.opened():
        city = opening.city_in_force()
        with db.transaction() as session:
            ended = staff.log_out_everywhere(session, city.region, login)
    click.echo(f"已结束 {ended} 个登录或令牌")


@people.command("close")
@click.argument("login")
def close(login: str) -> None:
    """停用账号 LOGIN：岗位、登录和令牌全部结束，办理记录保留。"""
    with opening.opened():
        city = opening.city_in_force()
        with db.transaction() as session:
            staff.close(session, city.region, login, clock.now())
    click.echo(f"{login} 已停用")


@people.command("list")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def listed(as_json: bool) -> None:
    """列出全部账号和现任岗位。"""
    with opening.opened():
        city = opening.city_in_force()
        with db.reading() as session:
            found = staff.accounts(session, city.region, clock.now())
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    for one in found:
        click.echo("\t".join((one.login, one.name, _post(one), city.unit_name(one.unit) if one.unit else "")))


def _post(one: Account) -> str:
    if not one.active:
        return "已停用"
    return ROLE_NAMES[Role(one.role)] if one.role else "无岗位"


def _check_unit(unit: str, known: Collection[str]) -> None:
    if unit and unit not in known:
        raise click.BadParameter(f"单位表里没有“{unit}”；可用的有：{'、'.join(known)}", param_hint="--unit")


def _password(from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("密码", hide_input=True, confirmation_prompt="再输入一次")
    return typed


def _day(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d}"
