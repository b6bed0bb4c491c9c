"""An invented town: ten areas, a few hundred texts made of invented pieces, and one model trained on them."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from classifiers.model import Model
from classifiers.samples import Sample
from classifiers.taxonomy import Area, Taxonomy, build
from classifiers.training import train

TRAINED_AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)

MATTERS = {
    "0101": ("垃圾桶满了没人清", "垃圾堆积发臭", "建筑垃圾无人清运"),
    "0102": ("公厕太脏没有打扫", "公共厕所堵了", "公厕没有水冲洗"),
    "0201": ("路灯不亮", "路灯坏了好几天", "路灯一闪一闪"),
    "0202": ("井盖破损", "下水道井盖丢失", "井盖松动有响声"),
    "0301": ("自来水停水", "水压太低用不上水", "家里停水没有通知"),
    "0302": ("突然停电", "电压不稳经常跳闸", "小区停电没有通知"),
    "0401": ("深夜施工噪音扰民", "工地夜间施工太吵", "装修噪音太大"),
    "0402": ("烧烤摊油烟扰民", "饭店油烟直排", "油烟味道很重"),
}
PLACES = ("东风路口", "和平小区三号楼", "人民广场旁边", "新村菜市场")
TONES = ("请尽快处理", "已经反映多次", "希望有人来看看", "影响居民生活")


@pytest.fixture(scope="session")
def town() -> Taxonomy:
    """Four groups; 0403 has no samples at all, only its words."""
    return build(
        "2026.1",
        [
            Area(code="01", name="市容环卫"),
            Area(code="0101", name="垃圾清运", parent="01", aliases=("收垃圾",), keywords=("垃圾", "清运")),
            Area(code="0102", name="公厕管理", parent="01", keywords=("公厕", "厕所")),
            Area(code="02", name="市政设施"),
            Area(code="0201", name="路灯维护", parent="02", keywords=("路灯",)),
            Area(code="0202", name="井盖管理", parent="02", keywords=("井盖",)),
            Area(code="03", name="水电气"),
            Area(code="0301", name="供水", parent="03", keywords=("停水", "水压")),
            Area(code="0302", name="供电", parent="03", keywords=("停电", "跳闸")),
            Area(code="04", name="环境污染"),
            Area(code="0401", name="噪音扰民", parent="04", keywords=("噪音", "太吵")),
            Area(code="0402", name="油烟扰民", parent="04", keywords=("油烟",)),
            Area(code="0403", name="黑臭水体", parent="04", keywords=("河水发黑",), examples=("河水又黑又臭",)),
        ],
    )


@pytest.fixture(scope="session")
def samples() -> tuple[Sample, ...]:
    """384 dated texts, two hours apart, the areas taking turns."""
    pieces = [
        Sample(text=f"{place}{matter}，{tone}。", area=area, title=matter)
        for place, tone, k in product(PLACES, TONES, range(3))
        for area, matters in MATTERS.items()
        for matter in (matters[k],)
    ]
    return tuple(
        Sample(text=one.text, area=one.area, title=one.title, at=FIRST + timedelta(hours=2 * i))
        for i, one in enumerate(pieces)
    )


@pytest.fixture(scope="session")
def model(samples: tuple[Sample, ...], town: Taxonomy) -> Model:
    return train(samples, town, trained_at=TRAINED_AT, name="示例")
