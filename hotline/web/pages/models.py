"""The classifier (分类模型): what is in use and how good it is, what waits to be put to use and why, how it drifts.

A person promotes, tries aside, rolls back; a machine only trains and compares.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from litestar.response import Redirect
from sqlmodel import Session

from classifiers.drift import Alarm, Week
from classifiers.errors import ClassifierError
from dispatch.roles import Role
from hotline.errors import HotlineError
from hotline.flow.learning import drifting, promotion, samples, shadow, trainings
from hotline.flow.learning.promotion import WHAT_NAMES, StoredModel
from hotline.flow.learning.samples import KIND_NAMES
from hotline.flow.learning.shadow import Run
from hotline.store import db
from hotline.web import access, errors
from hotline.web.access import AnyRequest, Here
from hotline.web.pages.looks import Notice, of_request, office
from hotline.web.strings import msgid

ModelAct = Callable[[Session, Here, dict[str, str]], object]
MODELS_SHOWN = 8  # models listed
AREAS = 15  # areas listed, the most asked first
STATES = {"waiting": msgid("等待"), "running": msgid("进行中"), "done": msgid("完成"), "failed": msgid("失败")}
MODEL_DONE = {
    "promote": msgid("模型 %(name)s 已启用，建议和自动派单立即按它给出"),
    "rollback": msgid("已回退，建议和自动派单立即按原来的模型给出"),
    "shadow": msgid("旁路试跑的设置已保存"),
    "train": msgid("训练已安排，完成后在这里比较"),
}


class Areas(msgspec.Struct, frozen=True, kw_only=True):
    """The newest week by area, and all of it."""

    whole: Week | None
    rows: list[Week]
    alarms: tuple[Alarm, ...]


class Models(Controller):
    """`/models`."""

    path = "/models"
    guards = [access.may(Role.SUPERVISOR, Role.ADMIN)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def page(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show the models, the samples and the drift."""
        query, say = request.query_params, of_request(request).say
        done = MODEL_DONE.get(query.get("done", ""), "")
        notice = Notice(say(done) % {"name": query.get("name", "")[:64]}) if done else None
        return _page(request, here, notice, 200)

    @get("/trainings", sync_to_thread=True)
    def trainings(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show how far the trainings are, for a page that asks every few seconds."""
        with db.reading() as session:
            recent = trainings.recent(session, here.city)
        return office(
            request, here, "models/trainings.html", "/models", recent=recent, states=_translated(request, STATES)
        )

    @post("/promote", sync_to_thread=True, status_code=303)
    def promote(
        self, request: AnyRequest, here: NamedDependency[Here], data: URLEncodedBody[dict[str, str]]
    ) -> Response[Any]:
        """Put a model to use."""
        return _do(
            request,
            here,
            data,
            "promote",
            lambda session, here, said: promotion.promote(
                session, here.city, here.me, said.get("name", ""), here.now, said.get("reason", "")
            ),
        )

    @post("/rollback", sync_to_thread=True, status_code=303)
    def rollback(
        self, request: AnyRequest, here: NamedDependency[Here], data: URLEncodedBody[dict[str, str]]
    ) -> Response[Any]:
        """Put the former model back to use, in one click."""
        return _do(
            request,
            here,
            data,
            "rollback",
            lambda session, here, said: promotion.rollback(
                session, here.city, here.me, here.now, said.get("reason", ""), said.get("target", "area")
            ),
        )

    @post("/shadow", sync_to_thread=True, status_code=303)
    def aside(
        self, request: AnyRequest, here: NamedDependency[Here], data: URLEncodedBody[dict[str, str]]
    ) -> Response[Any]:
        """Let a model answer beside the one in use, or no longer."""
        return _do(
            request,
            here,
            data,
            "shadow",
            lambda session, here, said: promotion.shadow(
                session, here.city, here.me, said.get("name", ""), here.now, on=said.get("on") == "1"
            ),
        )

    @post("/train", sync_to_thread=True, status_code=303)
    def train(
        self, request: AnyRequest, here: NamedDependency[Here], data: URLEncodedBody[dict[str, str]]
    ) -> Response[Any]:
        """Ask for a training; the learner takes it up within a minute."""
        return _do(
            request,
            here,
            data,
            "train",
            lambda session, here, _: trainings.ask(session, here.city, "asked", here.me.login, here.now),
        )


def _do(request: AnyRequest, here: Here, data: dict[str, str], what: str, act: ModelAct) -> Response[Any]:
    try:
        with db.transaction() as session:
            act(session, here, data)
    except (HotlineError, ClassifierError) as refused:
        look = of_request(request)
        notice = Notice(look.say("没有改动。"), "bad", look.refusal(refused))
        return _page(request, here, notice, errors.status(refused))
    here.hall.forget_city()
    return Redirect(f"/models?{urlencode({'done': what, 'name': data.get('name', '')})}", status_code=303)


def _page(request: AnyRequest, here: Here, notice: Notice | None, status: int) -> Response[str]:
    with db.reading() as session:
        held = promotion.every(session, here.city.region)
        stock = samples.stock(session, here.city)
        recent = trainings.recent(session, here.city)
        aside = _aside(session, here, held)
        found = _areas(session, here)
    return office(
        request,
        here,
        "models/page.html",
        "/models",
        status=status,
        notice=notice,
        used={one.target: one for one in held if one.active},
        others=[one for one in held if not one.active][:MODELS_SHOWN],
        stock=stock,
        kinds=_translated(request, KIND_NAMES),
        recent=recent,
        states=_translated(request, STATES),
        aside=aside,
        found=found,
        acts=_translated(request, WHAT_NAMES),
        small=here.city.rulebook.figures.small,
    )


def _aside(session: Session, here: Here, held: list[StoredModel]) -> Run | None:
    one = next((one for one in held if one.shadow), None)
    return shadow.run(session, here.city.region, one.id) if one else None


def _areas(session: Session, here: Here) -> Areas:
    weeks = drifting.weeks(session, here.city)
    newest = [one for one in weeks if one.week == weeks[0].week] if weeks else []
    rows = sorted((one for one in newest if one.area), key=lambda one: -one.n)[:AREAS]
    return Areas(
        whole=next((one for one in newest if not one.area), None),
        rows=rows,
        alarms=drifting.alarms(session, here.city),
    )


def _translated(request: AnyRequest, names: dict[str, str]) -> dict[str, str]:
    say = of_request(request).say
    return {name: say(label) for name, label in names.items()}
