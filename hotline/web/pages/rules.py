"""The rules (规则版本): what is in force, what is put forward with all it would change, and what was in force before.

Who put an edition forward sees everything and decides nothing; dispatchers come here from a ruling they put forward.
"""

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from litestar.response import Redirect
from sqlmodel import Session

from dispatch.comparison import TABLE_NAMES
from dispatch.errors import RuleBroken
from dispatch.findings import Finding
from dispatch.roles import Role
from dispatch.trial import WHAT_NAMES, Trial
from hotline.errors import HotlineError, NoSuchTicket
from hotline.flow.editions import approval, contrast, precedent, trial
from hotline.flow.editions.approval import APPROVERS, DECISIONS, Proposed
from hotline.flow.editions.contrast import Contrast
from hotline.store import db
from hotline.web import access, errors
from hotline.web.access import Here
from hotline.web.pages.looks import Notice, of_request, office
from hotline.web.strings import msgid

TRIAL_DAYS, TRIAL_TICKETS = 30, 300  # of the trial: tickets of the last days, the newest so many
FINDINGS_SHOWN = 30  # findings of one severity
SEVERITIES = {"error": msgid("错误"), "warning": msgid("提醒"), "note": msgid("说明")}
RULES_DONE = {
    "approve": msgid("规则版本 %(edition)s 已启用；在办工单的单位变更和时限重算随后自动完成"),
    "reject": msgid("规则版本 %(edition)s 已驳回"),
    "precedent": msgid("裁定已提为规则版本 %(edition)s，待另一位督办员或管理员批准"),
}


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One edition put forward, with all a person needs to decide on it."""

    proposed: Proposed
    found: Contrast
    findings: list[tuple[str, list[Finding]]]
    tried: Trial


class Rules(Controller):
    """`/rules`."""

    path = "/rules"
    guards = [access.may(Role.SUPERVISOR, Role.ADMIN, Role.DISPATCHER)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def page(self, request: Request[Any, Any, Any], here: NamedDependency[Here]) -> Response[str]:
        """Show the editions, and one of those put forward."""
        query, say = request.query_params, of_request(request).say
        edition, done = query.get("edition", ""), RULES_DONE.get(query.get("done", ""), "")
        notice = Notice(say(done) % {"edition": edition[:64]}) if done else None
        return _page(request, here, edition, notice, 200)

    @post("/approve", sync_to_thread=True, status_code=303)
    def approve(
        self, request: Request[Any, Any, Any], here: NamedDependency[Here], data: URLEncodedBody[dict[str, str]]
    ) -> Response[Any]:
        """Put an edition into force; refused to who put it forward."""
        edition = data.get("edition", "")
        try:
            with db.transaction() as session:
                approval.approve(session, here.me, edition, here.now, data.get("seen", ""))
        except (HotlineError, RuleBroken) as refused:
            return _refused(request, here, edition, refused)
        here.hall.forget_city()
        return _done("approve", edition)

    @post("/reject", sync_to_thread=True, status_code=303)
    def reject(
        self, request: Request[Any, Any, Any], here: NamedDependency[Here], data: URLEncodedBody[dict[str, str]]
    ) -> Response[Any]:
        """Turn an edition down; refused to who put it forward."""
        edition = data.get("edition", "")
        try:
            with db.transaction() as session:
                approval.reject(session, here.me, edition, here.now, data.get("reason", ""))
        except (HotlineError, RuleBroken) as refused:
            return _refused(request, here, edition, refused)
        return _done("reject", edition)

    @post("/precedent", sync_to_thread=True, status_code=303)
    def precedent(
        self, request: Request[Any, Any, Any], here: NamedDependency[Here], data: URLEncodedBody[dict[str, str]]
    ) -> Response[Any]:
        """Put the ruling of a ticket forward as a row of the duty table."""
        try:
            with db.transaction() as session:
                found = precedent.propose(session, here.city, data.get("number", ""), here.me, here.now)
        except NoSuchTicket:
            raise
        except (HotlineError, RuleBroken) as refused:
            return _refused(request, here, "", refused)
        return _done("precedent", found.edition)


def _done(what: str, edition: str) -> Response[Any]:
    return Redirect(f"/rules?{urlencode({'done': what, 'edition': edition})}", status_code=303)


def _refused(request: Request[Any, Any, Any], here: Here, edition: str, refused: Exception) -> Response[str]:
    return _page(request, here, edition, Notice(of_request(request).refusal(refused), "bad"), errors.status(refused))


def _page(
    request: Request[Any, Any, Any], here: Here, edition: str, notice: Notice | None, status: int
) -> Response[str]:
    look = of_request(request, here.city, here.me)
    with db.reading() as session:
        waiting = approval.proposals(session, here.city.region)
        chosen = next((one for one in waiting if one.edition == edition), waiting[0] if waiting else None)
        past = approval.history(session, here.city.region)
        shown = _shown(session, here, chosen) if chosen else None
    return office(
        request,
        here,
        "rules/page.html",
        "/rules",
        status=status,
        notice=notice,
        waiting=waiting,
        shown=shown,
        past=past,
        may_decide=here.me.role in APPROVERS,
        mine=bool(chosen and chosen.proposed_by == here.me.login),
        tables=[(name, look.say(label)) for name, label in TABLE_NAMES.items()],
        days=TRIAL_DAYS,
        kinds=[(what, look.say(label)) for what, label in WHAT_NAMES.items()],
        decisions={name: look.say(label) for name, label in DECISIONS.items()},
        severities={name: look.say(label) for name, label in SEVERITIES.items()},
        most=FINDINGS_SHOWN,
    )


def _shown(session: Session, here: Here, chosen: Proposed) -> Shown:
    files = approval.files_of(session, here.city.region, chosen.edition)
    new, findings = approval.checked(files)
    found = contrast.contrast(approval.files_in_force(session, here.city), files)
    grouped = [(name, [one for one in findings if one.severity == name]) for name in SEVERITIES]
    return Shown(
        proposed=chosen,
        found=found,
        findings=[pair for pair in grouped if pair[1]],
        tried=trial.run(session, here.city, new, here.now, TRIAL_DAYS, most=TRIAL_TICKETS),
    )
