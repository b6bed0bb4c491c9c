"""Which model is in use: promoted with a reason, rolled back in one step, by a person, all of it on record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from classifiers.model import from_bytes
from dispatch.roles import Role
from grids.messages import Message
from hotline import city as cities
from hotline.city import City
from hotline.errors import HotlineError, NotAllowed, RuleSaysNo
from hotline.people import Me
from hotline.store.columns import Values, col, columns_of, table_of
from hotline.store.learning import ModelRow

MODEL = table_of(ModelRow)
PROMOTERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
WHAT_NAMES = {
    "trained": "训练",
    "trained_in_use": "训练并启用",
    "promoted": "启用",
    "retired": "停用",
    "rolled_back": "回退启用",
    "shadow_on": "开始旁路试跑",
    "shadow_off": "结束旁路试跑",
}


class NoSuchModel(HotlineError):
    """No model of that name, or none at all."""

    code = "no_such_model"

    def __init__(self, name: str) -> None:
        super().__init__(
            Message("没有名为 %(name)s 的模型", name=name)
            if name
            else Message("还没有训练过模型；请运行 hotline model train")
        )
        self.name = name


class StoredModel(msgspec.Struct, frozen=True, kw_only=True):
    """A stored model without its bytes."""

    id: UUID
    name: str
    target: str
    active: bool
    shadow: bool
    at: datetime
    card: dict[str, Any]
    verdict: dict[str, Any]
    log: list[dict[str, str]]


def every(db: Session, region: str) -> list[StoredModel]:
    """Return the models of a city, newest first, in one statement."""
    columns = columns_of(ModelRow, StoredModel.__struct_fields__)
    query = sa.select(*columns).where(col(ModelRow.region) == region).order_by(col(ModelRow.id).desc())
    return [StoredModel(**row._mapping) for row in db.execute(query)]


def promote(db: Session, city: City, me: Me, name: str, now: datetime, reason: str) -> StoredModel:
    """Put a model to use.  One the gate refused takes a reason.

    raises  NotAllowed, NoSuchModel; StaleModel for another edition or an altered file; RuleSaysNo
    """
    _may(me)
    chosen = _named(every(db, city.region), name)
    if chosen.active:
        raise RuleSaysNo(Message("模型 %(name)s 已在使用", name=name))
    if chosen.verdict and not chosen.verdict["passed"] and not reason.strip():
        raise RuleSaysNo(Message("比较没有通过（%(reason)s）；仍要启用须写明理由", reason=chosen.verdict["reasons"][0]))
    return _use(db, city, chosen, me, now, "promoted", reason)


def rollback(db: Session, city: City, me: Me, now: datetime, reason: str, target: str = "area") -> StoredModel:
    """Put the model that was in use before back to use.  raises NotAllowed, StaleModel, RuleSaysNo if there is none"""
    _may(me)
    held = [one for one in every(db, city.region) if one.target == target]
    used = [
        (line["at"], one)
        for one in held
        for line in one.log
        if line["what"] in ("promoted", "rolled_back", "trained_in_use")
    ]
    before = [one for _, one in sorted(used, key=lambda pair: pair[0], reverse=True) if not one.active]
    if not before:
        raise RuleSaysNo(Message("以前没有启用过别的模型，不能回退"))
    return _use(db, city, before[0], me, now, "rolled_back", reason)


def shadow(db: Session, city: City, me: Me, name: str, now: datetime, *, on: bool) -> StoredModel:
    """Let a model answer beside the one in use (旁路试跑), without effect; one at a time.  raises as `promote`"""
    _may(me)
    chosen = _named(every(db, city.region), name)
    if chosen.active:
        raise RuleSaysNo(Message("模型 %(name)s 正在使用，不必旁路试跑", name=name))
    if chosen.target != "area":
        raise RuleSaysNo(Message("承办单位的模型只作提示，不必旁路试跑"))
    if on:
        _fit(db, city, chosen)
        db.execute(sa.update(MODEL).where(col(ModelRow.region) == city.region).values({col(ModelRow.shadow): False}))
    _write(db, chosen, me, now, "shadow_on" if on else "shadow_off", "", {col(ModelRow.shadow): on})
    return chosen


def _use(db: Session, city: City, chosen: StoredModel, me: Me, now: datetime, what: str, reason: str) -> StoredModel:
    _fit(db, city, chosen)
    for other in every(db, city.region):
        if other.active and other.target == chosen.target:
            _write(db, other, me, now, "retired", f"改用 {chosen.name}", {col(ModelRow.active): False})
    _write(db, chosen, me, now, what, reason.strip(), {col(ModelRow.active): True, col(ModelRow.shadow): False})
    return chosen


def _fit(db: Session, city: City, chosen: StoredModel) -> None:
    """raises StaleModel for a model that could not be used"""
    data, mark = db.execute(
        sa.select(col(ModelRow.data), col(ModelRow.digest)).where(col(ModelRow.id) == chosen.id)
    ).one()
    from_bytes(cities.unsealed(data, mark), city.taxonomy if chosen.target == "area" else city.unit_list)


def _write(db: Session, one: StoredModel, me: Me, now: datetime, what: str, reason: str, values: Values) -> None:
    line = {"at": now.isoformat(), "by": me.login, "what": what, "reason": reason}
    db.execute(
        sa.update(MODEL).where(col(ModelRow.id) == one.id).values({col(ModelRow.log): [*one.log, line], **values})
    )


def _named(held: Sequence[StoredModel], name: str) -> StoredModel:
    found = next((one for one in held if one.name == name), None)
    if found is None:
        raise NoSuchModel(name)
    return found


def _may(me: Me) -> None:
    if me.role not in PROMOTERS:
        raise NotAllowed(Message("启用和回退模型由督办员、管理员操作"))
