"""The environment -> Settings: defaults, what is normalised, what is refused, what is masked."""

import stat
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from hotline import settings
from hotline.settings import BadSetting

SECRET = "k" * 32


def test_defaults_lie_beside_the_working_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    given = settings.load({})
    assert given.home == tmp_path / ".hotline"
    assert sa.make_url(given.database_url).database == str(tmp_path / ".hotline" / "hotline.db")
    assert given.redis_url == f"unix://{tmp_path}/.hotline/valkey.sock?db=0"
    assert given.redis_bundled
    assert (given.host, given.port, given.timezone, given.workers) == ("127.0.0.1", 8000, "Asia/Shanghai", 1)
    assert not given.home.exists(), "reading settings creates nothing"


@pytest.mark.parametrize(("name", "text", "field", "value"), [
    ("HOTLINE_DATABASE_URL", "postgres://u:p@h:5433/city", "database_url", "postgresql+psycopg://u:p@h:5433/city"),
    ("HOTLINE_DATABASE_URL", "postgresql://h/city?sslmode=require", "database_url", "postgresql+psycopg://h/city?sslmode=require"),
    ("HOTLINE_DATABASE_URL", "postgresql+psycopg://@/city?host=/run", "database_url", "postgresql+psycopg://@/city?host=/run"),
    ("HOTLINE_DATABASE_URL", "sqlite:////srv/a.db",        "database_url", "sqlite+pysqlite:////srv/a.db"),
    ("HOTLINE_REDIS_URL",    "redis://:pw@h:6380/2",       "redis_url",    "redis://:pw@h:6380/2"),
    ("HOTLINE_REDIS_URL",    "unix:///run/redis.sock",     "redis_url",    "unix:///run/redis.sock"),
    ("HOTLINE_PORT",         " 8080 ",                     "port",         8080),
    ("HOTLINE_PORT",         "",                           "port",         8000),
    ("HOTLINE_HOST",         "0.0.0.0",                    "host",         "0.0.0.0"),
    ("HOTLINE_TIMEZONE",     "Asia/Urumqi",                "timezone",     "Asia/Urumqi"),
    ("HOTLINE_WORKERS",      "0",                          "workers",      0),
    ("HOTLINE_SECRET_KEY",   SECRET,                       "secret_given", SECRET),
])  # fmt: skip
def test_good_values(name: str, text: str, field: str, value: object) -> None:
    assert getattr(settings.load({name: text}), field) == value


@pytest.mark.parametrize(("name", "text"), [
    ("HOTLINE_DATABASE_URL", "mysql://h/city"),
    ("HOTLINE_DATABASE_URL", "postgresql://h"),
    ("HOTLINE_DATABASE_URL", "sqlite://"),
    ("HOTLINE_DATABASE_URL", "sqlite:///:memory:"),
    ("HOTLINE_REDIS_URL",    "localhost:6379"),
    ("HOTLINE_REDIS_URL",    "redis://"),
    ("HOTLINE_PORT",         "http"),
    ("HOTLINE_PORT",         "65536"),
    ("HOTLINE_PORT",         "-1"),
    ("HOTLINE_PORT",         "８０"),
    ("HOTLINE_HOST",         "a b"),
    ("HOTLINE_TIMEZONE",     "Beijing"),
    ("HOTLINE_TIMEZONE",     "Asia"),
    ("HOTLINE_TIMEZONE",     "../etc/passwd"),
    ("HOTLINE_WORKERS",      "65"),
    ("HOTLINE_SECRET_KEY",   "short"),
    ("HOTLINE_CHROMIUM",     "/nonexistent/chromium"),
    ("HOTLINE_EVAL_DATA",    "/nonexistent"),
])  # fmt: skip
def test_bad_values_name_the_variable_the_value_and_what_would_do(name: str, text: str) -> None:
    with pytest.raises(BadSetting) as refused:
        settings.load({name: text})
    assert refused.value.name == name
    assert refused.value.code == "bad_setting"
    assert name in str(refused.value)
    assert "应" in refused.value.allowed
    if name != "HOTLINE_SECRET_KEY":
        assert text in str(refused.value)


def test_secrets_are_never_shown() -> None:
    environ = {
        "HOTLINE_DATABASE_URL": "postgresql://clerk:opensesame@h/city",
        "HOTLINE_REDIS_URL": "redis://:opensesame@h/0",
        "HOTLINE_SECRET_KEY": "opensesame" * 4,
    }
    shown = repr(settings.load(environ)) + "".join(map(str, settings.survey(environ)))
    assert "opensesame" not in shown
    assert "clerk:***@h" in shown
    assert (
        settings.masked_url("postgresql://h/c?user=a&password=opensesame&x=1")
        == "postgresql://h/c?user=a&password=***&x=1"
    )
    with pytest.raises(BadSetting) as refused:
        settings.load({"HOTLINE_DATABASE_URL": "mysql://clerk:opensesame@h/city"})
    assert "opensesame" not in str(refused.value)


def test_a_relative_sqlite_path_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    given = settings.load({"HOTLINE_DATABASE_URL": "sqlite:///data/city.db"})
    assert sa.make_url(given.database_url).database == str(tmp_path / "data" / "city.db")


@pytest.mark.parametrize("folder", ["a b", "什么?", "100%25", "#1"])
def test_odd_folder_names_survive_the_urls(folder: str, tmp_path: Path) -> None:
    given = settings.load({"HOTLINE_HOME": str(tmp_path / folder)})
    assert sa.make_url(given.database_url).database == str(tmp_path / folder / "hotline.db")


def test_a_socket_path_too_long_for_the_system_moves_to_a_short_one(tmp_path: Path) -> None:
    deep = tmp_path / ("文件夹" * 12)
    given = settings.load({"HOTLINE_HOME": str(deep)})
    assert given.redis_socket is not None
    assert len(bytes(given.redis_socket)) < 104
    assert given.redis_socket == settings.load({"HOTLINE_HOME": str(deep)}).redis_socket, "every child finds the same"
    assert given.redis_socket != settings.load({"HOTLINE_HOME": str(deep / "b")}).redis_socket


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    given = settings.load({"HOTLINE_HOME": str(tmp_path / "home")})
    key = given.secret_key()
    assert len(key) == 64
    assert given.secret_key() == key
    assert stat.S_IMODE((given.home / "secret.key").stat().st_mode) == 0o600
    assert settings.load({"HOTLINE_SECRET_KEY": SECRET}).secret_key() == SECRET.encode()


def test_two_who_make_the_key_at_once_agree(tmp_path: Path) -> None:
    given = settings.load({"HOTLINE_HOME": str(tmp_path)})
    keys: list[bytes] = []
    crowd = [threading.Thread(target=lambda: keys.append(given.secret_key())) for _ in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_a_damaged_key_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("abc")
    with pytest.raises(BadSetting, match="已损坏"):
        settings.load({"HOTLINE_HOME": str(tmp_path)}).secret_key()
    assert (tmp_path / "secret.key").read_text() == "abc"


def test_the_survey_refuses_nothing_and_names_strays() -> None:
    found = {
        reading.name: reading
        for reading in settings.survey({"HOTLINE_PORT": "x", "HOTLINE_PROT": "8000", "PATH": "/bin"})
    }
    assert found["HOTLINE_PORT"].problem == "取值不能用"
    assert "65535" in found["HOTLINE_PORT"].remedy
    assert found["HOTLINE_PROT"].problem == "没有这个变量，已忽略"
    assert found["HOTLINE_HOST"] == settings.Reading(name="HOTLINE_HOST", source="default", value="127.0.0.1")
    assert "PATH" not in found
