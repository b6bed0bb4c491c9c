"""`Settings`: the environment's variables, read here and nowhere else.

How the machine runs; how the city works is the rulebook.

Every variable has a row in VARIABLES; `load` refuses a bad value, `survey` explains all of them without refusing.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

import msgspec

from grids.messages import Message
from hotline.errors import HotlineError

SOCKET_PATH_BYTES = 100  # sun_path holds 108 bytes on Linux, 104 on macOS, the closing zero included
SQLITE = "sqlite+pysqlite:///"
DISK_OUT = 200_000_000  # bytes: with less, what is written may not fit
SECRET_CHARACTERS = 32


class BadSetting(HotlineError):
    """An environment variable nothing can be done with; `value` is masked where it holds a secret."""

    code = "bad_setting"

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(Message(f"环境变量 {name} 的值“{value}”不能用。{allowed}"))
        self.name, self.value, self.allowed = name, value, allowed


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this machine runs.  Paths are absolute, URLs are complete; nothing is created by reading them."""

    home: Path
    database_url: str
    redis_url: str
    redis_bundled: bool
    host: str
    port: int  # 0: any free port
    secret_given: str | None
    timezone: str
    workers: int
    chromium: Path | None
    eval_data: Path | None
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()  # whose X-Forwarded-For is believed

    def __repr__(self) -> str:
        return f"Settings(home={str(self.home)!r}, database_url={masked_url(self.database_url)!r}, port={self.port})"

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def redis_socket(self) -> Path | None:
        """The unix socket of the bundled Valkey; None where HOTLINE_REDIS_URL names another server."""
        return _socket(self.home) if self.redis_bundled else None

    @property
    def sqlite_file(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        if not self.database_url.startswith(SQLITE):
            return None
        return Path(unquote(self.database_url.removeprefix(SQLITE).partition("?")[0]))

    @property
    def data_folder(self) -> Path:
        """Where on this machine the data grows: the SQLite file's folder, else the home."""
        return self.sqlite_file.parent if self.sqlite_file else self.home

    def secret_key(self) -> bytes:
        """Return the key signatures and encryption derive from; generated once into home/secret.key (mode 0600).

        raises  BadSetting if the file is damaged: a new key would make all that is encrypted unreadable
        """
        if self.secret_given is not None:
            return self.secret_given.encode()
        path = self.home / "secret.key"
        if not path.exists():
            _write_once(path, secrets.token_hex(SECRET_CHARACTERS))
        key = path.read_text(encoding="ascii", errors="replace").strip()
        if len(key) < SECRET_CHARACTERS:
            raise BadSetting(
                "HOTLINE_SECRET_KEY", "", f"密钥文件 {path} 已损坏，请从备份恢复；重新生成会使已加密的电话无法读取"
            )
        return key.encode()


class Variable(msgspec.Struct, frozen=True):
    """One row of the table: `read` turns text into a value or raises ValueError; `allowed` says what would do."""

    name: str
    field: str
    read: Callable[[str], Any]
    default: Callable[[Path], Any]
    allowed: str


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a variable came to: where its value is from, and what is wrong with it ("" if nothing is)."""

    name: str
    source: Literal["environment", "default"]
    value: str
    problem: str = ""
    remedy: str = ""


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings.  raises BadSetting for the first value that will not do."""
    given = os.environ if environ is None else environ
    home = _home(given)
    values = {row.field: _value(row, given, home) for row in VARIABLES[1:]}
    redis_url = values.pop("redis_url")
    return Settings(home=home, redis_url=redis_url or _socket_url(home), redis_bundled=redis_url is None, **values)


def survey(environ: Mapping[str, str] | None = None) -> tuple[Reading, ...]:
    """Return the state of every variable, bad ones and unknown HOTLINE_ names included; refuses nothing."""
    given = os.environ if environ is None else environ
    try:
        home = _home(given)
    except BadSetting:
        home = Path.cwd() / ".hotline"
    known = {row.name for row in VARIABLES}
    strays = sorted(name for name in given if name.startswith("HOTLINE_") and name not in known)
    return tuple(_reading(row, given, home) for row in VARIABLES) + tuple(
        _stray(name, given[name], known) for name in strays
    )


def masked_url(url: str) -> str:
    """Return `url` with its password replaced, wherever it stands."""
    return re.sub(
        r"(://[^:/@]*:)[^@/]*@|([?&]password=)[^&]*",
        lambda found: f"{found[1]}***@" if found[1] else f"{found[2]}***",
        url,
    )


def _home(given: Mapping[str, str]) -> Path:
    home: Path = _value(VARIABLES[0], given, Path())
    return home


def _value(row: Variable, given: Mapping[str, str], home: Path) -> Any:
    text = given.get(row.name, "").strip()
    if not text:
        return row.default(home)
    try:
        return row.read(text)
    except ValueError:
        raise BadSetting(row.name, _masked(row.name, text), row.allowed) from None


def _reading(row: Variable, given: Mapping[str, str], home: Path) -> Reading:
    source: Literal["environment", "default"] = "environment" if given.get(row.name, "").strip() else "default"
    try:
        value = _value(row, given, home)
    except BadSetting as bad:
        return Reading(name=row.name, source=source, value=bad.value, problem="取值不能用", remedy=bad.allowed)
    return Reading(name=row.name, source=source, value=_shown(row, value, home))


def _shown(row: Variable, value: Any, home: Path) -> str:
    if row.field == "redis_url" and value is None:
        return f"自带 Valkey（{_socket(home)}）"
    if row.field == "secret_given" and value is None:
        return f"首次启动时生成，保存在 {home / 'secret.key'}"
    if row.field == "trusted_proxies":
        return "、".join(map(str, value)) or "无，来访地址以直接连接的一端为准"
    return "未设置" if value is None else _masked(row.name, str(value))


def _stray(name: str, value: str, known: set[str]) -> Reading:
    remedy = f"可用的变量：{'、'.join(sorted(known))}"
    return Reading(
        name=name, source="environment", value=_masked(name, value), problem="没有这个变量，已忽略", remedy=remedy
    )


def _masked(name: str, text: str) -> str:
    return "***" if "KEY" in name or "SECRET" in name else masked_url(text)


def _write_once(path: Path, text: str) -> None:
    """Write `path` whole and private, or leave the one another process has just written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _socket(home: Path) -> Path:
    path = home / "valkey.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES:
        return path
    folder = f"hotline-{os.getuid()}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"
    return Path("/tmp", folder, "valkey.sock")  # noqa: S108 - the supervisor makes the folder private and checks its owner


def _socket_url(home: Path) -> str:
    return f"unix://{quote(str(_socket(home)))}?db=0"


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _existing_folder(text: str) -> Path:
    if not _folder(text).is_dir():
        raise ValueError(text)
    return _folder(text)


def _program(text: str) -> Path:
    if not os.access(_folder(text), os.X_OK) or _folder(text).is_dir():
        raise ValueError(text)
    return _folder(text)


def _database(text: str) -> str:
    scheme, mark, rest = text.partition("://")
    if (
        scheme in {"postgres", "postgresql", "postgresql+psycopg"}
        and mark
        and urlsplit(f"postgresql://{rest}").path.strip("/")
    ):
        return f"postgresql+psycopg://{rest}"
    if scheme in {"sqlite", "sqlite+pysqlite"} and rest.startswith("/") and ":memory:" not in rest and len(rest) > 1:
        path, query, options = rest[1:].partition("?")
        return f"sqlite+pysqlite:///{quote(str(Path(unquote(path)).absolute()))}{query}{options}"
    raise ValueError(text)


def _redis(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"redis", "rediss", "unix"} or not (
        parts.hostname or (parts.scheme == "unix" and parts.path)
    ):
        raise ValueError(text)
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z.:_-]+", text):
        raise ValueError(text)
    return text


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,5}", text) or not low <= int(text) <= high:
            raise ValueError(text)
        return int(text)

    return read


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part, strict=False) for part in re.split(r"[,\s]+", text.strip(", ")))


def _secret(text: str) -> str:
    if len(text) < SECRET_CHARACTERS:
        raise ValueError(text)
    return text


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (OSError, KeyError) as unknown:  # a folder of the zone database; a name it does not hold
        raise ValueError(text) from unknown


def _sqlite_in(home: Path) -> str:
    return f"sqlite+pysqlite:///{quote(str(home / 'hotline.db'))}"


# fmt: off
VARIABLES = (
    Variable("HOTLINE_HOME",         "home",         _folder,          lambda _: Path.cwd() / ".hotline",
             "应为一个可写的文件夹"),
    Variable("HOTLINE_DATABASE_URL", "database_url", _database,        _sqlite_in,
             "应为 postgresql://用户:密码@主机/库名，或 sqlite:///文件路径（不支持内存库）"),
    Variable("HOTLINE_REDIS_URL",    "redis_url",    _redis,           lambda _: None,
             "应为 redis://主机:端口/库号、rediss:// 或 unix://套接字路径；不设置则使用自带的 Valkey"),
    Variable("HOTLINE_HOST",         "host",         _host,            lambda _: "127.0.0.1",
             "应为主机名或 IP 地址，例如 127.0.0.1；0.0.0.0 表示所有网卡"),
    Variable("HOTLINE_PORT",         "port",         _whole(0, 65535), lambda _: 8000,
             "应为 0 到 65535 的整数；0 表示任选空闲端口"),
    Variable("HOTLINE_SECRET_KEY",   "secret_given", _secret,          lambda _: None,
             f"应至少 {SECRET_CHARACTERS} 个字符；不设置则自动生成"),
    Variable("HOTLINE_TIMEZONE",     "timezone",     _zone,            lambda _: "Asia/Shanghai",
             "应为时区名，例如 Asia/Shanghai"),
    Variable("HOTLINE_WORKERS",      "workers",      _whole(0, 64),    lambda _: 1,
             "应为 0 到 64 的整数"),
    Variable("HOTLINE_CHROMIUM",     "chromium",     _program,         lambda _: None,
             "应为 Chromium 可执行文件的路径"),
    Variable("HOTLINE_EVAL_DATA",    "eval_data",    _existing_folder, lambda _: None,
             "应为已有的评测数据文件夹"),
    Variable("HOTLINE_TRUSTED_PROXIES", "trusted_proxies", _networks,  lambda _: (),
             "应为反向代理的地址或网段，用逗号分隔，例如 127.0.0.1,10.0.0.0/8；不设置则不采信任何 X-Forwarded-For"),
)
# fmt: on
