"""docs/city-files.md says of every file of a city what the code reads: each key, whether it is needed, its default."""

import re
from enum import Enum
from pathlib import Path

import msgspec
import pytest

from classifiers import danger, drift, duplicates, gate, likeness, replies, signals, taxonomy, topics
from dispatch import (
    callbacks,
    checks,
    conditions,
    contact,
    deadlines,
    decoding,
    duty,
    escalation,
    extensions,
    filing,
    kpis,
    photos,
    returns,
    verification,
    visits,
    whistles,
)
from grids import addresses, leaders, locate, plane, tree
from hotline import rulefiles
from hotline.channels import columns

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/city-files.md").read_text(encoding="utf-8")
TABLES: dict[str, type[msgspec.Struct]] = {
    "## city.toml": rulefiles.Head,
    "`[signals]`": signals.SignalLists,
    "Each list:": signals.Words,
    "`[returns]`": returns.ReturnRules,
    "`[extensions]`": extensions.ExtensionRules,
    "`[[exclusion]]`": extensions.Ground,
    "`[callbacks]`": callbacks.CallbackRules,
    "`[[callbacks.sample]]`": callbacks.SampleRule,
    "`[checks]`": checks.CheckRules,
    "`[[checks.rule]]`": checks.CheckRule,
    "`[filing]`": filing.FilingRules,
    "`[contact]`": contact.ContactRules,
    "`[verify]`": verification.VerifyRules,
    "`[visit]`": visits.VisitRules,
    "`[[visit.kind]]`": visits.VisitKind,
    "`[photos]`": photos.PhotoRules,
    "`[whistle]`": whistles.WhistleRules,
    "`[[whistle.reason]]`": whistles.Reason,
    "`[[whistle.reason.target]]`": whistles.Target,
    "`[figures]`": kpis.FigureRules,
    "`[routing]`": duty.RoutingRules,
    "`[ground]`": locate.GroundRules,
    "`[ground.plane]`": plane.Plane,
    "`[learning]`": rulefiles.Learning,
    "`[learning.gate]`": gate.GateRule,
    "`[learning.drift]`": drift.DriftRule,
    "`[repeats]`": likeness.Repeats,
    "`[repeats.weights]`": likeness.Weights,
    "`[repeats.join]`": duplicates.Joining,
    "`[topics]`": topics.TopicRules,
    "`[replies]`": replies.ReplyRules,
    "## calendar.toml": decoding.CalendarFile,
    "`[[period]]`": decoding.Period,
    "`[[rest]]` and `[[work]]`": decoding.Days,
    "`[[promise]]`": deadlines.DeadlineRule,
    "`[[rung]]`": escalation.Rung,
    "## units.csv": duty.Unit,
    "## areas.csv": taxonomy.Area,
    "## duty.csv": duty.DutyRow,
    "The condition of a row": conditions.Condition,
    "## places.csv": tree.Place,
    "## leaders.csv": leaders.Post,
    "## landmarks.csv": addresses.Landmark,
    "## danger.toml": danger.DangerLists,
    "`[[kinds]]`": danger.Kind,
    "`[[counters]]`": danger.Counter,
    "`[options]`": columns.Options,
}
ELSEWHERE = {  # written in tables, columns or files of their own
    rulefiles.Head: {one.strip("`[]").split(".")[0] for one in TABLES if one.startswith("`[")},
    duty.DutyRow: {"when"},
    tree.Place: {"rings"},
}
UNSAID = {"none", "empty", "built in", "as below"}  # defaults that are not one value


def written(mark: str) -> list[tuple[str, str]]:
    """Return (key, default) of the rows of the first table after a line that starts with this mark."""
    lines = PAGE.splitlines()
    [start] = [place for place, line in enumerate(lines) if line.startswith(mark)]
    table = next(place for place in range(start, len(lines)) if lines[place].startswith("| --- "))
    found = []
    for line in lines[table + 1 :]:
        if not line.startswith("| "):
            break
        cells = re.split(r"(?<!\\) \| ", line.strip("| "))
        found.append((cells[0].strip("`"), cells[2]))
    return found


def default(field: msgspec.structs.FieldInfo) -> str | set[str]:
    """Return what the page must say of a field's default."""
    if field.required:
        return "needed"
    value = field.default if field.default is not msgspec.NODEFAULT else None
    if isinstance(value, bool | int | float):
        return {f"`{str(value).lower()}`", f"`{value:g}`"}
    if isinstance(value, str | Enum) and str(getattr(value, "value", value)):
        return f"`{getattr(value, 'value', value)}`"
    if isinstance(value, tuple) and len(value) == 1:
        return f"`{value[0]}`"
    return UNSAID | {f"`{', '.join('-'.join(one) for one in value)}`" if isinstance(value, tuple) else ""}


@pytest.mark.parametrize("mark", TABLES)
def test_each_table_has_the_keys_the_code_reads_and_their_defaults(mark: str) -> None:
    kind, rows = TABLES[mark], written(mark)
    fields = {one.encode_name: one for one in msgspec.structs.fields(kind) if one.name not in ELSEWHERE.get(kind, ())}
    assert [key for key, _ in rows] == list(fields)
    for key, said in rows:
        right = default(fields[key])
        assert said in right if isinstance(right, set) else said == right, key


def test_every_table_of_the_city_and_every_file_is_there() -> None:
    tables = {one.name for one in msgspec.structs.fields(rulefiles.Head)} & ELSEWHERE[rulefiles.Head]
    plain = {key for key, _ in written("## city.toml")}
    assert plain | tables == set(rulefiles.Head.__struct_fields__)
    listed = re.findall(r"^\| `([\w.]+)` \| .* \| (yes|no) \|$", PAGE, re.MULTILINE)
    assert [name for name, _ in listed] == list(rulefiles.FILES)
    assert {name for name, needed in listed if needed == "no"} == rulefiles.OPTIONAL


def test_every_field_of_an_export_is_there() -> None:
    assert [key for key, _ in written("## Columns of a city's exports")] == list(columns.FIELDS)
