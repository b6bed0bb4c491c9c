"""One table of `city.toml` read by itself, as `hotline.rulefiles` reads them all at once."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from dispatch.callbacks import CallbackRules
from dispatch.checks import CheckRules
from dispatch.contact import ContactRules
from dispatch.decoding import check_exclusions, check_figures, check_whistle, convert, current
from dispatch.duty import RoutingRules
from dispatch.extensions import ExtensionRules, Ground
from dispatch.filing import FilingRules
from dispatch.kpis import FigureRules
from dispatch.returns import ReturnRules
from dispatch.verification import VerifyRules
from dispatch.visits import VisitRules
from dispatch.whistles import WhistleRules

read_returns = partial(convert, kind=ReturnRules, root="$.returns")
read_checks = partial(convert, kind=CheckRules, root="$.checks")
read_contact = partial(convert, kind=ContactRules, root="$.contact")
read_verify = partial(convert, kind=VerifyRules, root="$.verify")
read_visit = partial(convert, kind=VisitRules, root="$.visit")
read_filing = partial(convert, kind=FilingRules, root="$.filing")
read_extensions = partial(convert, kind=ExtensionRules, root="$.extensions")
read_routing = partial(convert, kind=RoutingRules, root="$.routing")


def read_callbacks(data: Mapping[str, Any]) -> CallbackRules:
    return convert(current(data), CallbackRules, "$.callbacks")


def read_whistle(data: Mapping[str, Any]) -> WhistleRules:
    rules = convert(data, WhistleRules, "$.whistle")
    check_whistle(rules)
    return rules


def read_exclusions(data: Sequence[Mapping[str, Any]]) -> tuple[Ground, ...]:
    grounds = convert(data, tuple[Ground, ...], "$.exclusion")
    check_exclusions(grounds)
    return grounds


def read_figures(data: Mapping[str, Any]) -> FigureRules:
    rules = convert(data, FigureRules, "$.figures")
    check_figures(rules)
    return rules
