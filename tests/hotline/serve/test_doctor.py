"""The doctor: each finding in its good, worrying and bad state, on both engines."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session

from hotline import clock, settings
from hotline.serve import doctor
from hotline.serve.doctor import Finding, State
from hotline.settings import Settings
from hotline.store import db
from hotline.store.learning import EditionRow, ModelRow
from hotline.store.outbox import OutboxRow

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def given(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    return settings.load({"HOTLINE_HOME": str(home), "HOTLINE_DATABASE_URL": database_url})


@pytest.fixture
def engine(given: Settings) -> Engine:
    return db.connect(given.database_url)


def put(engine: Engine, *rows: object) -> None:
    with Session(engine) as session, session.begin():
        session.add_all(rows)
    engine.dispose()


def clear(engine: Engine, kind: type) -> None:
    with engine.begin() as connection:
        connection.execute(kind.__table__.delete())
    engine.dispose()


def test_a_machine_before_its_first_start_has_no_errors(tmp_path) -> None:
    found = doctor.examine({"HOTLINE_HOME": str(tmp_path / "new")})
    assert [finding for finding in found if finding.state is State.ERROR] == []
    assert "尚未建立" in finding(found, "数据库").says
    assert not (tmp_path / "new").exists(), "the doctor leaves no traces"


def test_with_a_bad_setting_only_the_settings_are_looked_at() -> None:
    found = doctor.examine({"HOTLINE_PORT": "http", "HOTLINE_PROT": "1"})
    assert finding(found, "HOTLINE_PORT").state is State.ERROR
    assert finding(found, "HOTLINE_PROT").state is State.WARN
    assert "数据库" not in [finding.name for finding in found]


def test_a_database_at_the_newest_migration_is_well(given: Settings) -> None:
    assert doctor.database(given).state is State.OK


def test_a_database_without_tables_needs_an_upgrade(tmp_path) -> None:
    (tmp_path / "hotline.db").touch()
    found = doctor.examine({"HOTLINE_HOME": str(tmp_path)})
    assert finding(found, "数据库") == Finding(
        name="数据库", state=State.ERROR, says=finding(found, "数据库").says, remedy="运行 hotline db upgrade"
    )
    assert finding(found, "待办事件").says == "数据库不可用，没有检查"


def test_an_unreachable_database_is_an_error_without_its_password() -> None:
    given = settings.load({"HOTLINE_DATABASE_URL": "postgresql://clerk:opensesame@127.0.0.1:1/city"})
    finding = doctor.database(given)
    assert finding.state is State.ERROR
    assert "opensesame" not in str(finding)


def test_the_queue(given: Settings, redis_url: str) -> None:
    assert doctor.task_queue(given).state is State.WARN, "the bundled one is not running"
    assert doctor.task_queue(settings.load({"HOTLINE_REDIS_URL": redis_url})).state is State.OK
    assert doctor.task_queue(settings.load({"HOTLINE_REDIS_URL": "redis://127.0.0.1:1/0"})).state is State.ERROR


def test_the_model(given: Settings, engine: Engine) -> None:
    assert doctor.model(given).state is State.WARN
    put(engine, ModelRow(id=uuid4(), region="sample", name="area", card={}, data=b"", active=True, at=NOW))
    assert doctor.model(given) == Finding(name="分类模型", state=State.OK, says="area（2026-11-20 训练）")
    clear(engine, ModelRow)


@pytest.mark.parametrize(("until", "state", "says"), [
    ("2027-12-31", State.OK,    "已录入到 2027-12-31"),
    ("2027-01-20", State.OK,    "已录入到 2027-01-20"),
    ("2027-01-19", State.WARN,  "sample 的日历到 2027-01-19 为止，还有 60 天"),
    ("2026-11-20", State.WARN,  "sample 的日历到 2026-11-20 为止，还有 0 天"),
    ("2026-11-19", State.ERROR, "sample 的日历在 2026-11-19 已用完，此后的期限只是暂定"),
])  # fmt: skip
def test_the_calendar(given: Settings, engine: Engine, until: str, state: State, says: str) -> None:
    text = f"[[period]]\nname='2026'\nsource='通知'\nsince=2026-01-01\nuntil={until}\n"
    files = {"calendar.toml": text}
    put(engine, EditionRow(region="sample", edition="1", digest="", files=files, active=True, applied_at=NOW))
    finding = doctor.calendar(given)
    clear(engine, EditionRow)
    assert (finding.state, finding.says) == (state, says)


def test_a_calendar_that_contradicts_itself(given: Settings, engine: Engine) -> None:
    files = {"calendar.toml": "[[period]]\nname='2026'\nsource='通知'\nsince=2026-01-01\nuntil=2025-01-01\n"}
    put(engine, EditionRow(region="sample", edition="1", digest="", files=files, active=True, applied_at=NOW))
    finding = doctor.calendar(given)
    clear(engine, EditionRow)
    assert (finding.state, "晚于截止日" in finding.says) == (State.ERROR, True)


@pytest.mark.parametrize(("age", "done", "state"), [
    (timedelta(minutes=4), False, State.OK),
    (timedelta(minutes=6), False, State.ERROR),
    (timedelta(minutes=6), True,  State.OK),
])  # fmt: skip
def test_the_outbox(given: Settings, engine: Engine, age: timedelta, done: bool, state: State) -> None:
    row = OutboxRow(
        id=uuid4(), region="sample", ticket_id=uuid4(), number="SL1", move="receive", at=NOW - age, tries=3,
        done_at=NOW if done else None,
    )  # fmt: skip
    put(engine, row)
    finding = doctor.outbox(given)
    clear(engine, OutboxRow)
    assert finding.state is state
    if state is State.ERROR:
        assert finding.says.startswith("1 件超过 5 分钟未处理")


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch, given: Settings) -> None:
    assert "剩余" in doctor.disk(given).says
    for free, state in ((3_000_000_000, State.OK), (1_900_000_000, State.WARN), (199_000_000, State.ERROR)):
        monkeypatch.setattr(
            doctor.shutil, "disk_usage", lambda _, free=free: doctor.shutil._ntuple_diskusage(0, 0, free)
        )
        assert doctor.disk(given).state is state


def test_a_check_that_breaks_is_itself_a_finding(given: Settings, engine: Engine) -> None:
    files = {"calendar.toml": "not toml at all"}
    put(engine, EditionRow(region="sample", edition="1", digest="", files=files, active=True, applied_at=NOW))
    environ = {"HOTLINE_HOME": str(given.home), "HOTLINE_DATABASE_URL": given.database_url}
    found = doctor.examine(environ)
    clear(engine, EditionRow)
    assert finding(found, "节假日").state is State.ERROR
    assert "TOMLDecodeError" in finding(found, "节假日").says
    assert finding(found, "城市规则").state is State.ERROR
    assert "city.toml" in finding(found, "城市规则").says


def test_the_table_names_remedies_and_counts_errors() -> None:
    text = doctor.table((
        Finding(name="磁盘", state=State.OK, says="剩余 9.0 GB"),
        Finding(name="队列", state=State.ERROR, says="无法连接", remedy="检查 Redis"),
    ))  # fmt: skip
    assert text.splitlines() == [
        "[正常] 磁盘：剩余 9.0 GB", "[错误] 队列：无法连接", "       → 检查 Redis", "共检查 2 项，错误 1 项。",
    ]  # fmt: skip


def finding(found: tuple[Finding, ...], name: str) -> Finding:
    (finding,) = [finding for finding in found if finding.name == name]
    return finding
