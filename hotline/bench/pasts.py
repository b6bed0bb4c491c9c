"""Fills a database with a long past: closed tickets and all they leave behind, one statement a table.

They lie more than `REST` back and a minute apart, in the units, grids and states of the sample city, so that a page
about today has nothing of them to show and a page about everything has all of them to pass by.
"""

import json
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from hotline.store.schema import METADATA

REST = timedelta(days=120)  # what is over lies at least so far back: no page about lately means it
CALLERS = 4  # they have thousands of matters each
UNITS = ("hwzx", "szzx", "cgj", "rlgs", "gdgs")
STATES = ("archived", "archived", "archived", "archived", "closed", "closed", "joined", "withdrawn")
MOVES = ("receive", "route", "close")
# fmt: off
_TABLES: dict[str, dict[str, str]] = {
    "caller": {
        "id": "{caller}", "region": ":region", "phone_hash": "'past' || n", "phone_mask": "'138****0000'",
    },
    "ticket": {
        "id": "{ticket}", "region": ":region", "number": "'PAST' || n", "state": "{state}", "seq": "3",
        "source": "'12345'", "source_ref": "'UP' || n", "kind": "'投诉'", "title": "'路灯不亮'", "text": "{text}",
        "text_digest": "{digest}", "address": "'某路' || n || '号'", "caller_id": "{caller}",
        "caller_label": "'138****0000'", "area": "{area}", "area_confidence": "0.9",
        "district": "substr({grid}, 1, 6)", "street": "substr({grid}, 1, 9)", "community": "substr({grid}, 1, 12)",
        "grid": "{grid}", "unit": "{unit}", "leader": "'ding.dayong'", "received_at": "{at}", "dispatched_at": "{at}",
        "due_at": "{at}", "answered_at": "{at}", "closed_at": "{at}", "dispatches": "1", "contacted": "true",
        "solved": "'yes'", "satisfaction": "5", "edition": "'1'", "counted_seq": "3", "last_hash": "{digest}",
        "outcome": "'answered'",
        "joined_to": "CASE WHEN {state} = 'joined' THEN {main} END", "reply": "'已经修好。'",
    },
    "entry": {
        "ticket_id": "{ticket}", "seq": "named.column1", "region": ":region", "at": "{at}", "actor": "'hua01'",
        "role": "'agent'", "move": "named.column2", "hash": "{digest}", "public": "true",
    },
    "clock": {
        "id": "{sub}", "region": ":region", "ticket_id": "{ticket}", "clock": "named.column2", "unit": "{unit}",
        "owner": "'citizen'", "promise": "0", "started_at": "{at}", "due_at": "{at}", "stopped_at": "{at}",
        "outcome": "'met'",
    },
    "assignment": {
        "id": "{sub}", "region": ":region", "ticket_id": "{ticket}", "role": "'lead'", "unit": "{unit}",
        "assigned_at": "{at}", "signed_at": "{at}", "ended_at": "{at}",
    },
    "callback": {
        "id": "{sub}", "region": ":region", "ticket_id": "{ticket}", "at": "{at}", "by": "'hui01'", "reached": "true",
        "contacted": "true", "solved": "'yes'", "satisfaction": "5", "final": "true",
    },
    "notice": {
        "id": "{sub}", "region": ":region", "unit": "{unit}", "number": "'PAST' || n", "kind": "'route'",
        "text": "'新工单'", "at": "{at}", "read_at": "{at}",
    },
    "outbox": {
        "id": "{sub}", "region": ":region", "ticket_id": "{ticket}", "number": "'PAST' || n", "move": "'receive'",
        "at": "{at}", "sent_at": "{at}", "done_at": "{at}", "tries": "1",
    },
}
# fmt: on
_MANY = {"entry": MOVES, "clock": ("dispatch", "progress", "result")}  # so many rows a ticket
_POSTGRES = {
    "numbers": "",
    "counted": "generate_series(CAST(:start AS bigint) + 1, :start + :tickets) AS n",
    "at": "(CAST(:newest AS timestamptz) - n * interval '1 minute')",
    "hex": "lpad(to_hex({0}), {1}, '0')",
    "uuid": "CAST({0} AS uuid)",
    "text": "repeat('小区门口的路灯不亮。', 14)",
    "pick": "(CAST(:{name} AS text[]))[CAST(1 + {over} % {size} AS int)]",
    "json": "CAST('{0}' AS jsonb)",
}
_SQLITE = {
    "numbers": "WITH RECURSIVE count(n) AS "
    "(SELECT :start + 1 UNION ALL SELECT n + 1 FROM count WHERE n < :start + :tickets)",
    "counted": "count",
    "at": "(strftime('%Y-%m-%d %H:%M:%S', :newest, '-' || n || ' minutes') || '.000000')",
    "hex": "printf('%0{1}x', {0})",
    "uuid": "({0})",
    "text": "replace(printf('%14s', ''), ' ', '小区门口的路灯不亮。')",
    "pick": "json_extract(:{name}, '$[' || ({over} % {size}) || ']')",
    "json": "'{0}'",
}
_PICKS = {
    "unit": ("units", "n"),
    "state": ("states", "(n / 5)"),
    "grid": ("grids", "(n / 3)"),
    "area": ("areas", "(n / 7)"),
}


def plant(
    db: Session,
    region: str,
    grids: tuple[str, ...],
    areas: tuple[str, ...],
    tickets: int,
    now: datetime,
    start: int = 0,
) -> None:
    """Write `tickets` that are over, spread evenly over these grids and areas, and what belongs to them."""
    lists: dict[str, Any] = {"units": UNITS, "states": STATES, "grids": grids, "areas": areas}
    newest = now - REST
    values: dict[str, Any] = {"region": region, "millis": int(newest.timestamp() * 1000), "newest": newest}
    words = _POSTGRES
    if db.get_bind().dialect.name == "sqlite":
        words, lists = _SQLITE, {name: json.dumps(held) for name, held in lists.items()}
        values["newest"] = newest.strftime("%Y-%m-%d %H:%M:%S")
    else:
        lists = {name: list(held) for name, held in lists.items()}
    sizes = {"units": len(UNITS), "states": len(STATES), "grids": len(grids), "areas": len(areas)}
    said = {
        column: words["pick"].format(name=name, over=over, size=sizes[name]) for column, (name, over) in _PICKS.items()
    }
    for kind, (table, own) in enumerate(_TABLES.items()):
        query = _insert(table, own, kind, words, said)
        if table == "caller" and start:
            continue
        rows = {"tickets": CALLERS if table == "caller" else tickets, "start": start}
        given = {name: value for name, value in (values | lists | rows).items() if f":{name}" in query}
        db.execute(sa.text(query), given)


def _insert(table: str, own: dict[str, str], kind: int, words: dict[str, str], said: dict[str, str]) -> str:
    """Return the statement that fills a table: what is not said of a column is its default."""
    several = _MANY.get(table, ())
    named = ", ".join(f"({n}, '{name}')" for n, name in enumerate(several, 1))
    stamp, place = words["hex"].format(":millis - n * 60000", 12), words["hex"].format("n", 12)
    nth = "CAST(named.column1 AS text)" if several else "'0'"
    given = {name: words[name] for name in ("at", "text")} | said
    given["ticket"] = words["uuid"].format(f"{stamp} || '70008000' || {place}")
    given["main"] = given["ticket"].replace("n * 60000", "(n - 1) * 60000")  # the ticket a minute newer
    given["main"] = given["main"].replace("(n)", "(n - 1)").replace(", n)", ", n - 1)")
    given["sub"] = words["uuid"].format(f"{stamp} || '7{kind}' || {nth} || '08000' || {place}")
    given["caller"] = words["uuid"].format(words["hex"].format(f"n % {CALLERS} + 1", 32))
    given["digest"] = words["hex"].format("n", 32)
    columns = {
        column.name: own[column.name].format(**given) if column.name in own else _default(column, words["json"])
        for column in METADATA.tables[table].columns
    }
    columns = {name: text for name, text in columns.items() if text}
    beside = f", (VALUES {named}) AS named" if several else ""
    into = f"INSERT INTO {table} ({', '.join(columns)}) {words['numbers']}"
    return f"{into} SELECT {', '.join(columns.values())} FROM {words['counted']}{beside}"


def _default(column: sa.Column[Any], json_: str) -> str:
    """Return what stands in a column nobody speaks of, as SQL; "" where it may stay empty."""
    default = column.default
    if column.nullable or not isinstance(default, sa.ColumnDefault):
        return ""
    if callable(default.arg):
        return json_.format("{}" if column.name in _OBJECTS else "[]")
    return str(default.arg).lower() if isinstance(default.arg, bool) else repr(default.arg)


_OBJECTS = {"why", "extra", "facts"}
