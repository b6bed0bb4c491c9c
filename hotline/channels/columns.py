"""Maps a file's headings to fields of a matter.

The built-in table knows the headings real exports of 12345 and 8890 use; MAP.toml overrides it.

[columns]
number = "编号"                    # field = heading, or several headings: the first one filled in counts
area = ["大类", "小类"]            # levels, from the top down
[options]
datum = "gcj02"                    # wgs84 (default), gcj02, bd09
without_number = true              # rows have no number of their own; equal rows are told apart by their order
"""

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from grids import validation
from grids.geometry import Datum
from grids.messages import Message, chain
from hotline.channels.errors import BadMap, Unusable

FIRST_ROWS = 10  # above the headings real exports have a title, a date, a blank line


class Field(msgspec.Struct, frozen=True):
    """A field of a matter, what people call it, and the headings it goes by, best first."""

    name: str
    label: str
    headings: tuple[str, ...]


def _field(name: str, label: str, headings: str) -> Field:
    return Field(name, label, (label, *headings.split()))


# fmt: off
FIELDS: dict[str, Field] = {field.name: field for field in (
    _field("number",       "工单编号",     "工单号 办件编号 受理编号 诉求编号 政府工单号 工单号码 工单流水号 流水号 "
                                           "业务编号 事件编号 案件编号 任务编号 来件编号 留言编号 编号 ticket_number"),
    _field("title",        "工单标题",     "诉求主题 诉求标题 事件标题 问题标题 案件标题 留言主题 标题 主题 title"),
    _field("text",         "诉求内容",     "诉求描述 工单内容 问题描述 反映内容 反映问题 事件描述 案件描述 内容描述 "
                                           "来电内容 诉求详情 留言详情 留言内容 主要内容 描述 内容 text"),
    _field("kind",         "诉求类型",     "工单类型 受理类型 诉求性质 诉求类别 业务类型 来电类型"),
    _field("address",      "诉求地址",     "事发地址 事件地址 问题地址 案发地址 发生地址 事发地点 发生地点 事件地点 "
                                           "诉求地点 详细地址 地址 地点 address"),
    _field("lng",          "横坐标",       "经度 X坐标 坐标X 事发经度 地址经度 lng lon longitude"),
    _field("lat",          "纵坐标",       "纬度 Y坐标 坐标Y 事发纬度 地址纬度 lat latitude"),
    _field("received",     "工单发起时间", "受理时间 来电时间 登记时间 诉求时间 创建时间 工单创建时间 发起时间 "
                                           "上报时间 反映时间 提交时间 留言时间 received_at"),
    _field("dispatched",   "派件时间",     "派单时间 派发时间 转办时间 交办时间 下派时间 派遣时间"),
    _field("signed",       "签收时间",     "接单时间 承办单位签收时间"),
    _field("answered",     "答复时间",     "反馈时间 回复时间 办结汇报时间 处置完成时间"),
    _field("called",       "回访时间",     "首次回访时间"),
    _field("closed",       "办结时间",     "归档时间 结案时间 完成时间 工单办结时间 完结时间"),
    _field("unit",         "处置单位",     "承办单位 办理单位 主办单位 主责单位 责任单位 处理单位 承办部门 处置部门 "
                                           "办理部门 责任部门"),
    _field("area_code",    "事项编码",     "事项代码 分类编码 行业分类编码 诉求分类编码"),
    _field("area",         "行业分类1级",  "行业分类2级 行业分类3级 行业分类4级 行业分类一级 行业分类二级 "
                                           "行业分类三级 行业分类四级 事项大类 事项中类 事项小类 事项细类 一级分类 "
                                           "二级分类 三级分类 四级分类 一级类别 二级类别 三级类别 诉求大类 诉求中类 "
                                           "诉求小类 问题大类 问题小类 一级标签 二级标签 三级标签 行业分类 事项分类 "
                                           "诉求分类 事项名称"),
    _field("district",     "辖区",         "所属区县 区县 所属辖区 所属区 行政区 行政区划 诉求区域 所属区域"),
    _field("street",       "镇街",         "街镇 街道 乡镇街道 镇街名称 所属街道 所属镇街 所属乡镇 乡镇"),
    _field("community",    "村居",         "社区 村社区 所属社区 所属村居 社区村居 居委会"),
    _field("name",         "联系人",       "来电人 诉求人 反映人 市民姓名 联系人姓名 来电人姓名 诉求人姓名 姓名 "
                                           "留言用户"),
    _field("phone",        "联系电话",     "来电号码 主叫号码 手机号码 手机号 来电电话 电话号码 诉求人电话 联系方式 "
                                           "联系人电话 电话 手机"),
    _field("urgency",      "紧急程度",     "紧急级别 缓急程度 紧急状态"),
    _field("confidential", "是否保密",     "保密 个人信息保密 信息保密"),
    _field("state",        "工单状态",     "办理状态 办件状态 处理状态 状态"),
    _field("reply",        "市民答复要点", "答复内容 答复意见 回复内容 回复意见 办理结果 处理结果 办结意见"),
    _field("contacted",    "是否联系",     "是否联系市民 是否联系来电人 联系情况"),
    _field("solved",       "是否解决",     "解决情况 解决状态 问题是否解决"),
    _field("satisfaction", "满意度",       "满意情况 满意度评价 满意度情况 市民满意度 评价结果 回访结果 是否满意"),
)}
# fmt: on
LEVELS_FIELD = "area"  # the one field whose columns are all read, as levels from the top down
NEEDED = ("number", "text")
DEEPEST = 4


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How values are to be read."""

    datum: Datum = Datum.WGS84
    without_number: bool = False


class Map(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What MAP.toml says: field -> headings."""

    columns: dict[str, tuple[str, ...]] = {}
    options: Options = Options()


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """Where a file's fields stand: field -> places of its columns; what no field reads is extra."""

    headings: tuple[str, ...]
    places: dict[str, tuple[int, ...]]
    options: Options

    def has(self, field: str) -> bool:
        """Say whether the file has this field at all."""
        return field in self.places

    def heading(self, field: str) -> str:
        """Return the heading a field is read from, or what people call the field."""
        return self.headings[self.places[field][0]] if field in self.places else FIELDS[field].label


def read_map(path: Path) -> Map:
    """Return a table of columns.  raises BadMap with the line"""
    try:
        text = path.read_text(encoding="utf-8-sig")
        said = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as refused:
        raise BadMap(str(path), 0, Message("文件读不了；列对应表须是 UTF-8 编码的 TOML 文件")) from refused
    except tomllib.TOMLDecodeError as broken:
        place = re.search(r"line (\d+)", str(broken))
        line = int(place[1]) if place else text.count("\n") + 1
        raise BadMap(str(path), line, Message("不符合 TOML 格式（%(broken)s）", broken=broken)) from broken
    for name in said:
        _known(path, text, name, ("columns", "options"), Message("部分"))
    columns = said.get("columns", {})
    if not isinstance(columns, dict) or not isinstance(said.get("options", {}), dict):
        raise BadMap(str(path), 0, Message("应写成 [columns] 与 [options] 两部分"))
    held = {name: _headings(path, text, name, value) for name, value in columns.items()}
    return Map(columns=held, options=_options(path, text, said.get("options", {})))


def find_headings(path: Path, rows: Sequence[tuple[int, tuple[str, ...]]], said: Map) -> tuple[int, Columns]:
    """Return the line the headings stand on and what they mean.

    rows    the first rows of the file
    raises  Unusable naming what was found and what is needed; BadMap's words where the map names a missing heading
    """
    best: tuple[int, int, Columns] | None = None
    for line, cells in rows[:FIRST_ROWS]:
        columns = match(cells, said)
        if not missing(columns) and (best is None or len(columns.places) > best[0]):
            best = (len(columns.places), line, columns)
    if best is None:
        raise Unusable(str(path), _nothing_fits(rows, said))
    absent = sorted({word for words in said.columns.values() for word in words} - set(best[2].headings))
    if absent:
        raise Unusable(
            str(path),
            Message(
                "列对应表写的“%(absent)s”不在表头中；表头是：%(headings)s",
                absent=tuple(absent),
                headings=tuple(best[2].headings),
            ),
        )
    return best[1], best[2]


def match(cells: tuple[str, ...], said: Map) -> Columns:
    """Return what a row of headings means.  A heading is read by one field only; the map's word comes first."""
    headings = _unique([plain_heading(cell) for cell in cells])
    taken: set[int] = set()
    places: dict[str, tuple[int, ...]] = {}
    for name, words in said.columns.items():
        places[name] = tuple(headings.index(word) for word in words if word in headings)
        taken.update(places[name])
    loose = [_loose(heading) for heading in headings]
    for name, field in FIELDS.items():
        if name not in said.columns:
            found = [loose.index(key) for key in map(_loose, field.headings) if key in loose]
            places[name] = tuple(dict.fromkeys(place for place in found if place not in taken))
            taken.update(places[name])
    levels = places[LEVELS_FIELD][:DEEPEST]
    if LEVELS_FIELD not in said.columns:
        levels = tuple(sorted(levels))
    kept = {name: where for name, where in places.items() if where} | ({LEVELS_FIELD: levels} if levels else {})
    return Columns(headings=headings, places=kept, options=said.options)


def missing(columns: Columns) -> tuple[str, ...]:
    """Return the fields a file must have and this one has not."""
    needed = (name for name in NEEDED if not (name == "number" and columns.options.without_number))
    return tuple(name for name in needed if not columns.has(name))


def plain_heading(heading: str) -> str:
    """Return a heading as people see it: one width, no line ends, no mark of order of bytes."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", heading).replace("\ufeff", ""))


def _loose(heading: str) -> str:
    """Return a heading without stars, colons and remarks in brackets."""
    return re.sub(r"\([^()]*\)|[*:#]", "", plain_heading(heading)).lower()


def _unique(headings: list[str]) -> tuple[str, ...]:
    """Return headings with names for nameless columns and numbers on repeated ones, so that no value is lost."""
    seen: dict[str, int] = {}
    named = []
    for place, heading in enumerate(headings):
        name = heading or f"第{place + 1}列"
        seen[name] = seen.get(name, 0) + 1
        named.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return tuple(named)


def _nothing_fits(rows: Sequence[tuple[int, tuple[str, ...]]], said: Map) -> Message:
    columns = max((match(cells, said) for _, cells in rows[:FIRST_ROWS]), key=lambda one: len(one.places))
    absent = missing(columns)
    needed = [
        Message("%(label)s（也可以叫%(names)s）", label=FIELDS[name].label, names=FIELDS[name].headings[1:5])
        for name in absent
    ]
    return Message(
        "表头缺少%(needed)s。找到的表头是：%(found)s。若名称不同，请用 --columns 给出列对应表",
        needed=chain(needed),
        found=columns.headings[:40],
    )


def _headings(path: Path, text: str, name: str, value: Any) -> tuple[str, ...]:
    _known(path, text, name, tuple(FIELDS), Message("字段"))
    words = [value] if isinstance(value, str) else value
    if (
        not isinstance(words, list)
        or not words
        or not all(isinstance(word, str) and plain_heading(word) for word in words)
    ):
        raise BadMap(str(path), _line(text, name), Message("%(name)s 应写成表头名称，或表头名称的列表", name=name))
    return tuple(plain_heading(word) for word in words)


def _options(path: Path, text: str, said: dict[str, Any]) -> Options:
    for name in said:
        _known(path, text, name, Options.__struct_fields__, Message("选项"))
    try:
        return msgspec.convert(said, Options)
    except msgspec.ValidationError as wrong:
        name = validation.of_file(wrong).name
        allowed = Message("datum 可写 wgs84、gcj02、bd09；without_number 可写 true 或 false")
        raise BadMap(
            str(path), _line(text, name), Message("选项 %(name)s 的值不能用；%(allowed)s", name=name, allowed=allowed)
        ) from wrong


def _known(path: Path, text: str, name: str, allowed: tuple[str, ...], what: Message) -> None:
    if name in allowed:
        return
    close = difflib.get_close_matches(name, allowed, 1)
    lacks = Message("没有名为 %(name)s 的%(what)s", name=name, what=what)
    likely = Message("%(lacks)s，是不是要写 %(name)s？", lacks=lacks, name=close[0]) if close else None
    known = Message("%(lacks)s，可用：%(names)s", lacks=lacks, names=allowed)
    raise BadMap(str(path), _line(text, name), likely or known)


def _line(text: str, name: str) -> int:
    """Return the line a key or a table stands on; 0 if it is written in a way not seen here."""
    key = re.compile(rf"^\s*(?:\[\s*)?[\"']?{re.escape(name)}[\"']?\s*(?:[=.\]]|$)")
    return next((place for place, line in enumerate(text.splitlines(), 1) if name and key.match(line)), 0)
