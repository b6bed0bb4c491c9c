"""Which model is in use is a person's word: promoted with a reason, rolled back in one step, all of it on record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from classifiers.model import from_bytes
from dispatch.roles import Role
from hotline import city as cities
from hotline.city import City
from hotline.errors import HotlineError, NotAllowed, RuleSaysNo
from hotline.people import Me
from hotline.store.schema import METADATA

MODEL = METADATA.tables["model"]
DECIDERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
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
        super().__init__(f"没有名为 {name} 的模型" if name else "还没有训练过模型；请运行 hotline model train")
        self.name = name


class Held(msgspec.Struct, frozen=True, kw_only=True):
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


def every(db: Session, region: str) -> list[Held]:
    """Return the models of a city, newest first, in one statement."""
    columns = [MODEL.c[name] for name in Held.__struct_fields__]
    query = sa.select(*columns).where(MODEL.c.region == region).order_by(MODEL.c.id.desc())
    return [Held(**row._mapping) for row in db.execute(query)]


def promote(db: Session, city: City, me: Me, name: str, now: datetime, reason: str) -> Held:
    """Put a model to use.  One the gate refused takes a reason.

    raises  NotAllowed, NoSuchModel; StaleModel for another edition or an altered file; RuleSaysNo
    """
    _may(me)
    chosen = _named(every(db, city.region), name)
    if chosen.active:
        raise RuleSaysNo(f"模型 {name} 已在使用")
    if chosen.verdict and not chosen.verdict["passed"] and not reason.strip():
        raise RuleSaysNo(f"比较没有通过（{chosen.verdict['reasons'][0]}）；仍要启用须写明理由")
    return _use(db, city, chosen, me, now, "promoted", reason)


def rollback(db: Session, city: City, me: Me, now: datetime, reason: str, target: str = "area") -> Held:
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
        raise RuleSaysNo("以前没有启用过别的模型，不能回退")
    return _use(db, city, before[0], me, now, "rolled_back", reason)


def shadow(db: Session, city: City, me: Me, name: str, now: datetime, *, on: bool) -> Held:
    """Let a model answer beside the one in use (旁路试跑), without effect; one at a time.  raises as `promote`"""
    _may(me)
    chosen = _named(every(db, city.region), name)
    if chosen.active:
        raise RuleSaysNo(f"模型 {name} 正在使用，不必旁路试跑")
    if chosen.target != "area":
        raise RuleSaysNo("承办单位的模型只作提示，不必旁路试跑")
    if on:
        _fit(db, city, chosen)
        db.execute(sa.update(MODEL).where(MODEL.c.region == city.region).values(shadow=False))
    _write(db, chosen, me, now, "shadow_on" if on else "shadow_off", "", shadow=on)
    return chosen


def _use(db: Session, city: City, chosen: Held, me: Me, now: datetime, what: str, reason: str) -> Held:
    _fit(db, city, chosen)
    for other in every(db, city.region):
        if other.active and other.target == chosen.target:
            _write(db, other, me, now, "retired", f"改用 {chosen.name}", active=False)
    _write(db, chosen, me, now, what, reason.strip(), active=True, shadow=False)
    return chosen


def _fit(db: Session, city: City, chosen: Held) -> None:
    """raises StaleModel for a model that could not be used"""
    data, mark = db.execute(sa.select(MODEL.c.data, MODEL.c.digest).where(MODEL.c.id == chosen.id)).one()
    from_bytes(cities.unsealed(data, mark), city.taxonomy if chosen.target == "area" else city.unit_list)


def _write(db: Session, one: Held, me: Me, now: datetime, what: str, reason: str, **values: bool) -> None:
    line = {"at": now.isoformat(), "by": me.login, "what": what, "reason": reason}
    db.execute(sa.update(MODEL).where(MODEL.c.id == one.id).values(log=[*one.log, line], **values))


def _named(held: Sequence[Held], name: str) -> Held:
    found = next((one for one in held if one.name == name), None)
    if found is None:
        raise NoSuchModel(name)
    return found


def _may(me: Me) -> None:
    if me.role not in DECIDERS:
        raise NotAllowed("启用和回退模型由督办员、管理员操作")
