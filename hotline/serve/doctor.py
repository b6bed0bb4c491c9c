"""`hotline doctor`: finds what is wrong with this machine, and says what to do about it.

Checks are small functions; each returns one Finding.
"""

import json
import os
import shutil
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
import redis
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, select

import hotline.web
from dispatch.calendar import Calendar, ending
from dispatch.decoding import read_calendar
from dispatch.errors import BadRule
from hotline import city, clock, settings
from hotline.errors import HotlineError, RulesUnreadable
from hotline.flow.acts import lookups
from hotline.flow.editions import showcase
from hotline.flow.oversight import watch
from hotline.serve import valkey
from hotline.settings import DISK_OUT, BadSetting, Settings
from hotline.store import alive, db, troubles
from hotline.store.columns import col
from hotline.store.ids import first_id
from hotline.store.learning import EditionRow, ModelRow
from hotline.store.outbox import TRIES, Notice, OutboxRow
from hotline.store.troubles import TroubleRow

STUCK = timedelta(minutes=5)
WATCHED = timedelta(hours=24)
DISK_LOW = 2_000_000_000  # bytes


class State(StrEnum):
    """How bad a finding is; only ERROR makes the doctor's exit code non-zero."""

    OK = "ok"
    WARN = "warn"
    ERROR = "error"


SIGNS = {State.OK: "正常", State.WARN: "注意", State.ERROR: "错误"}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing looked at: what it is, how it is, and what to do ("" if nothing)."""

    name: str
    state: State
    says: str
    remedy: str = ""


class _Unanswered(Exception):
    """The database cannot be asked; another check says why."""


def examine(environ: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    """Return all findings: one for each setting, then one for each check that the settings allow."""
    found = tuple(_setting(reading) for reading in settings.survey(environ))
    try:
        given = settings.load(environ)
    except BadSetting:
        return found
    return found + tuple(_guarded(name, check, given) for name, check in CHECKS.items())


def table(findings: Sequence[Finding]) -> str:
    """Return the findings as lines for a terminal."""
    lines = []
    for finding in findings:
        lines.append(f"[{SIGNS[finding.state]}] {finding.name}：{finding.says}")
        if finding.remedy:
            lines.append(f"       → {finding.remedy}")
    worst = sum(finding.state is State.ERROR for finding in findings)
    return "\n".join([*lines, f"共检查 {len(findings)} 项，错误 {worst} 项。"])


def data_folder(given: Settings) -> Finding:
    """Whether the data folder can be written."""
    nearest = next(folder for folder in (given.home, *given.home.parents) if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return _error("数据文件夹", f"{given.home} 无法写入", "修改权限，或用 HOTLINE_HOME 指定别的文件夹")
    return _ok("数据文件夹", str(given.home) if given.home.exists() else f"{given.home}（首次启动时建立）")


def disk(given: Settings) -> Finding:
    """Whether there is room left."""
    nearest = next(folder for folder in (given.data_folder, *given.data_folder.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free
    says = f"剩余 {free / 1e9:.1f} GB"
    if free < DISK_LOW:
        return Finding(
            name="磁盘",
            state=State.ERROR if free < DISK_OUT else State.WARN,
            says=says,
            remedy="清理磁盘，或把 HOTLINE_HOME 移到更大的磁盘",
        )
    return _ok("磁盘", says)


def database(given: Settings) -> Finding:
    """Whether the database answers, with the schema this program was written for."""
    file = given.sqlite_file
    if file is not None and not file.exists():
        return _warn("数据库", f"{file} 尚未建立", "运行 hotline serve 或 hotline db upgrade")
    try:
        current, newest = db.schema_state(given.database_url)
    except SQLAlchemyError as refused:
        return _error("数据库", f"无法连接：{_first_line(refused)}", "检查数据库是否在运行，以及 HOTLINE_DATABASE_URL")
    if current != newest:
        return _error("数据库", f"结构版本 {current or '空'}，程序需要 {newest}", "运行 hotline db upgrade")
    return _ok("数据库", f"可用，结构版本 {current}")


def task_queue(given: Settings) -> Finding:
    """Whether the queue's server answers.  Without it tickets are still taken; what follows waits in the outbox."""
    if given.redis_socket is not None:
        if valkey.answers(given.redis_socket):
            return _ok("队列", f"自带的 Valkey 在运行（{given.redis_socket}）")
        return _warn("队列", "自带的 Valkey 没有在运行", "运行 hotline serve；若系统正在运行，请查看 logs/valkey.log")
    try:
        with redis.Redis.from_url(given.redis_url, socket_timeout=3, socket_connect_timeout=3) as line:
            line.ping()
    except (redis.RedisError, OSError) as refused:
        return _error("队列", f"无法连接：{_first_line(refused)}", "检查 Redis 是否在运行，以及 HOTLINE_REDIS_URL")
    return _ok("队列", "Redis 可用")


def model(given: Settings) -> Finding:
    """Whether a classifier is in force."""
    rows = _asked(given, select(ModelRow.name, ModelRow.at).where(col(ModelRow.active)))
    if not rows:
        return _warn("分类模型", "没有启用的模型，工单事项都由人工判断", "运行 hotline model train 文件")
    return _ok("分类模型", "；".join(f"{name}（{at:%Y-%m-%d} 训练）" for name, at in rows))


def calendar(given: Settings) -> Finding:
    """Whether the holidays of the coming weeks are known (see `dispatch.calendar.NOTICE`)."""
    rows = _asked(given, select(EditionRow.region, EditionRow.files).where(col(EditionRow.active)))
    if not rows:
        return _warn("节假日", "数据库里没有生效的城市规则", "运行 hotline db sample 或 hotline city apply 目录")
    try:
        held = {region: _calendar(files.get("calendar.toml", ""), given) for region, files in rows}
    except BadRule as wrong:
        return _error("节假日", f"calendar.toml {wrong}", "改正后用 hotline rules propose、approve 两人启用")
    region, first = min(held.items(), key=lambda pair: pair[1].until)
    today = clock.now().astimezone(given.zone).date()
    said = ending(first, today)
    if said is None:
        return _ok("节假日", f"已录入到 {first.until}")
    return Finding(
        name="节假日",
        state=State.ERROR if first.until < today else State.WARN,
        says=f"{region} 的{said}",
        remedy="放假安排公布后用 hotline calendar import 写入，换一个 edition，再两人启用（hotline rules propose）",
    )


def rules(given: Settings) -> Finding:
    """Whether the rules in force can be read whole, and the model fits their taxonomy."""
    mine = col(ModelRow.region) == col(EditionRow.region), col(ModelRow.target) == "area"
    used = sa.and_(col(ModelRow.active), *mine)
    query = sa.select(col(EditionRow.files), col(ModelRow.data), sa.func.coalesce(ModelRow.digest, ""))
    query = query.join(ModelRow, used, isouter=True).where(col(EditionRow.active)).limit(1)
    rows = _asked(given, query)
    if not rows:
        return _warn("城市规则", "数据库里没有生效的城市规则", "运行 hotline db sample 或 hotline city apply 目录")
    try:
        held = city.build(*rows[0])
    except RulesUnreadable as wrong:
        return _error("城市规则", str(wrong), "改正后换一个 edition，用 hotline city apply 目录 --alone --by 姓名 启用")
    says = f"{held.name}，版本 {held.edition}"
    if rows[0][1] is not None and held.model_problem:
        return _error("城市规则", f"{says}；分类模型不能用：{held.model_problem}", "运行 hotline model train 文件")
    return _ok("城市规则", says)


def sample_accounts(given: Settings) -> Finding:
    """Whether accounts with public passwords are open beside a city of its own."""
    rows = _asked(given, select(EditionRow.region, EditionRow.files).where(col(EditionRow.active)))
    heads = [(region, tomllib.loads(files.get("city.toml", "")).get("name", "")) for region, files in rows]
    if all(showcase.is_sample(*head) for head in heads):
        return _ok("示例账号", "示例区在用，密码公开" if heads else "没有")
    public = sorted(login for _, login in showcase.public(_asked(given, showcase.suspects())))
    if not public:
        return _ok("示例账号", "没有开放的示例账号")
    says = f"{len(public)} 个示例账号仍可用公开的密码登录：{'、'.join(public)}"
    return _error("示例账号", says, "逐个运行 hotline people close 账号")


def outbox(given: Settings) -> Finding:
    """Whether what moves set off is being done."""
    before = clock.now() - STUCK
    late = sa.func.count(col(OutboxRow.id)), sa.func.min(col(OutboxRow.at)), sa.func.max(col(OutboxRow.tries))
    rows = _asked(given, sa.select(*late).where(col(OutboxRow.done_at).is_(None), col(OutboxRow.at) < before))
    count, oldest, tries = rows[0]
    dropped = sa.select(sa.func.count()).where(col(OutboxRow.done_at).is_(None), col(OutboxRow.tries) >= TRIES)
    given_up = _asked(given, dropped)[0][0]
    if given_up:
        says = f"{given_up} 件试过 {TRIES} 次仍未办成，不再自动重试；共积压 {max(count, given_up)} 件"
        return _error("待办事件", says, "hotline outbox list 查看原因，排除后运行 hotline outbox retry --all")
    if not count:
        return _ok("待办事件", "没有积压")
    says = f"{count} 件超过 {STUCK.seconds // 60} 分钟未处理，最早 {oldest}，最多试过 {tries} 次"
    return _error("待办事件", says, "确认 hotline rounds 和 hotline work 在运行，并查看 logs/ 中的日志")


def attention(given: Settings) -> Finding:
    """Whether rounds have set something aside, a ticket lies still, or a jump of the clock waits for a person."""
    rows = _asked(given, sa.select(col(TroubleRow.says)).where(col(TroubleRow.kind) == "hold"))
    kinds = _lying(given)
    if not kinds:
        return _ok("需人工处理", "没有")
    says = troubles.in_words(kinds) + "".join(f"（{row.says}）" for row in rows)
    commands = ["hotline rounds troubles 查看"]
    commands += ["确认 hotline rounds 在运行，它会补上"] if kinds.keys() & {"lying", "owner"} else []
    commands += ["核对系统时间后运行 hotline rounds resume"] if "hold" in kinds else []
    commands += ["改正后用 hotline rounds retry 放回"] if kinds.keys() - {"hold", "lying", "owner"} else []
    return _error("需人工处理", says, "；".join(commands))


def background(given: Settings) -> Finding:
    """Whether the rounds beat and the workers keep up."""
    if database(given).state is not State.OK:
        raise _Unanswered
    engine = db.connect(given.database_url)
    try:
        with Session(engine.execution_options(hotline_reads=True)) as session:
            said = alive.silent(session, clock.now())
    finally:
        engine.dispose()
    if said:
        return _error("后台进程", said, "确认 hotline rounds 和 hotline work 在运行，并查看 logs/ 中的日志")
    return _ok("后台进程", "没有停下的")


def looked_up(given: Settings) -> Finding:
    """Whether somebody looks up unusually many callers by number (see `hotline.flow.acts.lookups`)."""
    since = clock.now() - WATCHED
    told = (
        col(Notice.kind) == lookups.LOOKUP_NOTICE,
        col(Notice.id) >= first_id(since - timedelta(hours=1)),
        col(Notice.at) >= since,
    )
    rows = _asked(given, sa.select(col(Notice.text)).where(*told).order_by(col(Notice.id).desc()).limit(5))
    if not rows:
        return _ok("号码查询", "近 24 小时没有人按来电号码查询过多")
    return _warn("号码查询", "；".join(row.text for row in rows), "由督办员核实；查询记录在 lookup 表，不含号码")


def assets(_given: Settings) -> Finding:
    """Whether the pages' scripts and styles were built."""
    manifest = Path(hotline.web.__path__[0], "static", "dist", "manifest.json")
    if not manifest.exists():
        return _warn("页面资源", "没有构建，页面只有基本样式", "联网后运行 make setup")
    return _ok("页面资源", f"{len(json.loads(manifest.read_bytes()))} 个文件")


# fmt: off
CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "数据文件夹": data_folder,
    "磁盘":       disk,
    "数据库":     database,
    "队列":       task_queue,
    "城市规则":   rules,
    "示例账号":   sample_accounts,
    "分类模型":   model,
    "节假日":     calendar,
    "后台进程":   background,
    "待办事件":   outbox,
    "需人工处理": attention,
    "号码查询":   looked_up,
    "页面资源":   assets,
}
# fmt: on


def _guarded(name: str, check: Callable[[Settings], Finding], given: Settings) -> Finding:
    try:
        return check(given)
    except _Unanswered:
        return _warn(name, "数据库不可用，没有检查")
    except (OSError, ValueError, LookupError, SQLAlchemyError) as broken:
        return _error(name, f"检查本身出错：{type(broken).__name__} {_first_line(broken)}")


def _setting(reading: settings.Reading) -> Finding:
    says = f"{reading.value}（{'环境变量' if reading.source == 'environment' else '默认值'}）{reading.problem}"
    known = reading.name in {row.name for row in settings.VARIABLES}
    state = State.OK if not reading.problem else State.ERROR if known else State.WARN
    return Finding(name=reading.name, state=state, says=says, remedy=reading.remedy)


def _asked(given: Settings, query: sa.Executable) -> Sequence[Any]:
    """Return the rows of `query`.  raises _Unanswered where the database check already says what is wrong"""
    if database(given).state is not State.OK:
        raise _Unanswered
    engine = db.connect(given.database_url)
    try:
        with engine.execution_options(hotline_reads=True).connect() as connection:
            return connection.execute(query).all()
    finally:
        engine.dispose()


def _lying(given: Settings) -> dict[str, int]:
    """Return the kinds of trouble that are written down, and what lies still now, whether anybody watches or not."""
    engine, now = db.connect(given.database_url), clock.now()
    try:
        with Session(engine.execution_options(hotline_reads=True)) as session:
            counts = watch.trouble_counts(session, now)
            with suppress(HotlineError):  # without rules nothing is promised; another check says so
                bare = len(watch.ownerless(session, city.current(session), {}))
                counts |= {"owner": max(bare, counts.get("owner", 0))} if bare else {}
            return counts
    finally:
        engine.dispose()


def _calendar(text: str, given: Settings) -> Calendar:
    data = tomllib.loads(text)
    return read_calendar(data, data.get("zone", given.timezone))


def _first_line(error: Exception) -> str:
    return settings.masked_url(str(error).splitlines()[0] if str(error) else type(error).__name__)


def _ok(name: str, says: str) -> Finding:
    return Finding(name=name, state=State.OK, says=says)


def _warn(name: str, says: str, remedy: str = "") -> Finding:
    return Finding(name=name, state=State.WARN, says=says, remedy=remedy)


def _error(name: str, says: str, remedy: str = "") -> Finding:
    return Finding(name=name, state=State.ERROR, says=says, remedy=remedy)
