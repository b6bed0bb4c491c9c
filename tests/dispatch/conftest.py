"""The calendar of 国务院办公厅 for autumn 2025 and all of 2026, and small tables of an invented district."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from classifiers.taxonomy import Area, Taxonomy, build
from dispatch.calendar import Calendar
from dispatch.duty import Unit
from grids.tree import Level, Place, Tree, plant

SHANGHAI = ZoneInfo("Asia/Shanghai")

REST = (
    ("国庆节", "2025-10-01", "2025-10-08"),
    ("元旦", "2026-01-01", "2026-01-03"),
    ("春节", "2026-02-15", "2026-02-23"),
    ("清明节", "2026-04-04", "2026-04-06"),
    ("劳动节", "2026-05-01", "2026-05-05"),
    ("端午节", "2026-06-19", "2026-06-21"),
    ("中秋节", "2026-09-25", "2026-09-27"),
    ("国庆节", "2026-10-01", "2026-10-07"),
)
WORK = {
    "2025-09-28": "国庆节",
    "2025-10-11": "国庆节",
    "2026-01-04": "元旦",
    "2026-02-14": "春节",
    "2026-02-28": "春节",
    "2026-05-09": "劳动节",
    "2026-09-20": "国庆节",
    "2026-10-10": "国庆节",
}


def _days(since: str, until: str) -> list[date]:
    first, last = date.fromisoformat(since), date.fromisoformat(until)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@pytest.fixture(scope="session")
def china() -> Calendar:
    return Calendar(
        name="2025年秋至2026年",
        source="国务院办公厅关于部分节假日安排的通知",
        since=date(2025, 9, 1),
        until=date(2026, 12, 31),
        rest={day: name for name, since, until in REST for day in _days(since, until)},
        work={date.fromisoformat(day): name for day, name in WORK.items()},
    )


@pytest.fixture(scope="session")
def at() -> Callable[[str], datetime]:
    """A moment on the clocks of Shanghai: "2026-09-29 16:00"."""
    return lambda text: datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return build(
        "2026.1",
        [
            Area(code="01", name="市容环卫"),
            Area(code="0101", name="垃圾清运", parent="01"),
            Area(code="010101", name="生活垃圾", parent="0101"),
            Area(code="010102", name="建筑垃圾", parent="0101"),
            Area(code="02", name="供热"),
            Area(code="0201", name="温度不达标", parent="02"),
        ],
    )


@pytest.fixture(scope="session")
def tree() -> Tree:
    return plant(
        "2026.1",
        [
            Place(code="990101", name="示例区", level=Level.DISTRICT),
            Place(code="990101001", name="东湖街道", level=Level.STREET, parent="990101"),
            Place(code="990101002", name="西岭街道", level=Level.STREET, parent="990101"),
            Place(code="990101001001", name="柳树社区", level=Level.COMMUNITY, parent="990101001"),
            Place(code="990101001002", name="石桥社区", level=Level.COMMUNITY, parent="990101001"),
            Place(code="990101001001001", name="第一网格", level=Level.GRID, parent="990101001001"),
        ],
    )


@pytest.fixture(scope="session")
def units() -> tuple[Unit, ...]:
    return (
        Unit(code="cgj", name="区城管局", kind="部门"),
        Unit(code="hwzx", name="环卫中心", kind="部门"),
        Unit(code="zjj", name="区住建局", kind="部门"),
        Unit(code="dh", name="东湖街道办", kind="街道", place="990101001", backstop=True),
        Unit(code="zwj", name="区政务服务局", kind="部门", backstop=True),
    )
