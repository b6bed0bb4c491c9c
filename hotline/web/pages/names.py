"""How a code, a state or a moment reads for one reader: what every template asks."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup

from dispatch.callbacks import SATISFACTION_NAMES, SOLVED_NAMES
from dispatch.deadlines import CLOCK_NAMES, URGENCY_NAMES
from dispatch.escalation import CARDS
from dispatch.lifecycle import ASKS, MOVES, STATE_NAMES, Move, State
from dispatch.roles import ROLE_NAMES, Role
from grids.messages import HouseError
from grids.tree import Level
from hotline.city import City
from hotline.flow.acts import verify
from hotline.people import Me
from hotline.web import strings
from hotline.web.pages import words
from hotline.web.pages.assets import asset, inlined, phone_policy
from hotline.web.strings import msgid
from hotline.wire.tickets import Clock, Line, TicketCard

# Chinese here is msgid: it is said through the catalogue.
TONES = {
    "received": "amber",
    "returned": "amber",
    "disputed": "amber",
    "lacking": "amber",
    "routed": "blue",
    "signed": "blue",
    "reviewing": "amber",
    "answered": "green",
}
CALM = frozenset({Move.REMIND, Move.YELLOW_CARD})  # rungs of the ladder below these are red
OUTCOMES = {
    "solved": msgid("已解决"),
    "partly": msgid("部分解决"),
    "explained": msgid("解释说明"),
    "not_ours": msgid("不属职责"),
}
SOURCES = {"web": msgid("网页"), "desk": msgid("接线台"), "grid": msgid("网格上报")}
WHYS = {
    "urgency": msgid("紧急程度"),
    "likely": msgid("可能重复"),
    "classify": msgid("事项"),
    "locate": msgid("地点"),
    "route": msgid("承办单位"),
    "usual": msgid("办理习惯"),
    "promise": msgid("时限"),
    "join": msgid("合并"),
    "split": msgid("取消合并"),
    "point": msgid("坐标"),
    "hard": msgid("复杂"),
    "verify": msgid("核查"),
}
KEPT = {
    "": msgid("待兑现"),
    "kept": msgid("已兑现"),
    "broken": msgid("未兑现"),
    "waived": msgid("不再需要"),
}
SAID_ELSEWHERE = frozenset({"owner", "return"})  # of the last return: it is shown as a whole
DESKS = {
    "/desk": msgid("接线"),
    "/dispatch": msgid("派单"),
    "/unit": msgid("待办"),
    "/m": msgid("今日待办"),
    "/callback": msgid("回访"),
    "/supervise": msgid("督办"),
    "/tickets": msgid("工单"),
    "/board": msgid("看板"),
    "/rules": msgid("规则"),
    "/recheck": msgid("回头看"),
    "/models": msgid("模型"),
    "/opinions": msgid("意见建议"),
    "/events": msgid("网格事件"),
    "/people": msgid("网格人员"),
}
PLACES: dict[Role, tuple[str, ...]] = {
    Role.AGENT: ("/desk", "/tickets"),
    Role.DISPATCHER: ("/dispatch", "/tickets", "/events", "/people", "/board"),
    Role.UNIT: ("/unit", "/events"),
    Role.GRID_LEADER: ("/m",),
    Role.CALLER_BACK: ("/callback", "/tickets", "/events"),
    Role.SUPERVISOR: ("/supervise", "/board", "/tickets", "/events", "/people", "/rules", "/recheck", "/models"),
    Role.ADMIN: ("/board", "/tickets", "/dispatch", "/people", "/rules", "/models", "/opinions"),
}
MOST_GRIDS = 600  # more would make a list nobody reads; then the address decides


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a template asks: how a moment, a code or a state reads for this reader."""

    lang: str
    say: strings.Say
    now: datetime
    path: str
    city: City | None = None
    me: Me | None = None
    large: bool = False  # large print (大字版)

    def sentence(self, text: str) -> str:
        """Return a message said to this reader, safe in HTML, what is data in it marked as Chinese."""
        return strings.MARKERS[self.lang](text)

    def refusal(self, error: Exception) -> str:
        """Return why something was refused, as `sentence`."""
        return self.sentence(error.sentence) if isinstance(error, HouseError) else str(error)

    @property
    def zone(self) -> ZoneInfo:
        """The city's zone; before there is a city, Beijing's."""
        return self.city.zone if self.city else ZoneInfo("Asia/Shanghai")

    def when(self, at: datetime) -> str:
        """Return a moment on the city's clocks."""
        return words.clock_time(at, self.zone, self.now)

    def stamp(self, at: datetime) -> str:
        """Return a moment for machines."""
        return words.stamp(at)

    def left(self, card: TicketCard) -> words.Left:
        """Return the nearest limit of a ticket in a list."""
        return words.of_card(card, self.now, self.say)

    def result_left(self, card: TicketCard) -> words.Left:
        """Return what is left until the result is due."""
        return words.left(card.due_at, self.now, self.say) if card.due_at else self.left(card)

    def clock(self, one: Clock) -> words.Left:
        """Return a clock of a ticket in words."""
        return words.of_clock(one, self.now, self.say)

    def clock_name(self, name: str) -> str:
        """Return what a clock is called."""
        return self.say(CLOCK_NAMES.get(name, name))

    def state(self, name: str) -> str:
        """Return what a state is called."""
        return self.say(STATE_NAMES[State(name)]) if name else ""

    def tone(self, state: str) -> str:
        """Return the tone of a state's tag; its words always stand beside it."""
        return TONES.get(state, "")

    def level_tone(self, level: str) -> str:
        """Return the tone of a rung of the ladder."""
        return "amber" if level in CALM else "red"

    def card(self, move: str) -> bool:
        """Say whether a move shows a card, or more."""
        return move in CARDS

    def ask(self, kind: str) -> str:
        """Return what a request is called."""
        return self.say(ASKS[kind]) if kind in ASKS else kind

    def pending(self, kind: str) -> str:
        """Return that a request waits for its decision."""
        return self.say("%(what)s待审批") % {"what": self.ask(kind)}

    def move(self, name: str) -> str:
        """Return what a move is called."""
        return self.say(MOVES[Move(name)].label) if name in MOVES else name

    def role(self, name: str) -> str:
        """Return what a role is called."""
        return self.say(ROLE_NAMES[Role(name)]) if name else ""

    def urgency(self, name: str) -> str:
        """Return what an urgency is called."""
        return next((self.say(label) for key, label in URGENCY_NAMES.items() if key == name), name)

    def outcome(self, name: str) -> str:
        """Return what an outcome is called."""
        if name in ("forestalled", "unverified"):
            return self.move(Move.FORESTALL)
        return self.say(OUTCOMES[name]) if name in OUTCOMES else name

    def unit(self, code: str) -> str:
        """Return a unit's name."""
        return self.city.unit_name(code) if self.city and code else ""

    def area(self, code: str) -> str:
        """Return a matter's label, or that it is not yet known."""
        return self.city.area_label(code) if self.city and code else ""

    def area_short(self, code: str) -> str:
        """Return the last part of a matter's label."""
        return self.area(code).rpartition("/")[2]

    def place(self, code: str) -> str:
        """Return a place's name."""
        return self.city.place_name(code) if self.city and code else ""

    def styles(self) -> Markup:
        """Return the phone's style sheet to stand in the page: one trip less on a poor network."""
        return Markup(inlined("phone.css")[0])  # noqa: S704 - built by us; escaped it would be another sheet

    def policy(self) -> str:
        """Return the policy of a page with that sheet, for the copy of the page that has no headers."""
        return phone_policy().partition("; frame-ancestors")[0]

    def nav(self) -> list[tuple[str, str]]:
        """Return (address, label) of the pages of this reader's role."""
        if self.me is None:
            return []
        held = [address for address in PLACES.get(self.me.role, ()) if address != "/events" or self._has_ground()]
        return [(address, self.say(DESKS[address])) for address in held]

    def _has_ground(self) -> bool:
        return self.me is not None and self.city is not None and verify.ground(self.city, self.me) is not None

    def percent(self, share: float) -> str:
        """Return a share as whole percent, never 100% for what is not certain."""
        return f"{min(99, round(share * 100)) if share < 1 else 100}%"

    def outcomes(self) -> list[tuple[str, str]]:
        """Return the outcomes a unit may name."""
        return [(name, self.say(label)) for name, label in OUTCOMES.items()]

    def kept(self, result: str) -> str:
        """Return how a commitment of a reply ended."""
        return self.say(KEPT[result])

    def solved(self, name: str) -> str:
        """Return a citizen's answer to whether it was solved."""
        return self.say(SOLVED_NAMES[name]) if name in SOLVED_NAMES else name

    def solved_names(self) -> list[tuple[str, str]]:
        """Return the answers to whether it was solved."""
        return [(name, self.say(label)) for name, label in SOLVED_NAMES.items()]

    def satisfaction(self, level: int) -> str:
        """Return a level of 好差评 in words."""
        return self.say(SATISFACTION_NAMES[level]) if level in SATISFACTION_NAMES else ""

    def satisfaction_names(self) -> list[tuple[int, str]]:
        """Return the five levels of 好差评, the best first."""
        return [(level, self.say(label)) for level, label in SATISFACTION_NAMES.items()]

    def source(self, name: str) -> str:
        """Return through which door a matter came."""
        return self.say(SOURCES[name]) if name in SOURCES else name

    def actor(self, line: Line) -> str:
        """Return who made a move, for those who work here."""
        role = self.role(line.role)
        return role if line.role in {Role.CLOCKWORK, Role.CITIZEN} else f"{role} {line.actor}"

    def whys(self, why: dict[str, str]) -> list[tuple[str, str]]:
        """Return (what was decided, why), in the order of the journey."""
        known = [(self.say(label), why[key]) for key, label in WHYS.items() if why.get(key)]
        return known + [
            (key, text) for key, text in why.items() if key not in WHYS and key not in SAID_ELSEWHERE and text
        ]

    def area_groups(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Yield (group, its leaves) of the matters."""
        taxonomy = self.city.taxonomy if self.city else None
        groups: dict[str, list[tuple[str, str]]] = {}
        for area in taxonomy.leaves() if taxonomy else ():
            root = taxonomy.path(area.code)[-1] if taxonomy else area
            name = self.area(area.code).removeprefix(f"{root.name}/")
            groups.setdefault(root.name, []).append((area.code, name))
        yield from groups.items()

    def grid_groups(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Yield (community, its grids); nothing where there are more than a list can hold."""
        tree = self.city.tree if self.city else None
        grids = [place for place in tree.places if place.level is Level.GRID] if tree else []
        groups: dict[str, list[tuple[str, str]]] = {}
        for place in grids if len(grids) <= MOST_GRIDS else ():
            groups.setdefault(self.place(place.parent or ""), []).append((place.code, place.name))
        yield from groups.items()

    def asset(self, name: str) -> str:
        """Return the address of a built asset, "" where assets were not built."""
        return asset(name)

    def other_languages(self) -> list[tuple[str, str, str]]:
        """Return (language, its own name, the address of this page in it) of the languages not shown."""
        mark = "&" if "?" in self.path else "?"
        return [(one, name, f"{self.path}{mark}lang={one}") for one, name in strings.NAMES.items() if one != self.lang]
