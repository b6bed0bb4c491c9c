"""Refusals speak the reader's language: every error class, every `raise`, every door with `Accept-Language: en`.

What is data (names of units and areas, what people wrote) stays Chinese; on a page it carries `lang="zh-CN"`.
"""

import ast
import importlib
import inspect
import itertools
import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

import classifiers
import dispatch
import grids
import hotline
from grids.messages import HouseError, Message, chain, named
from hotline import settings
from hotline.errors import Refused
from hotline.flow.doors import MOVES_BY_NAME
from hotline.settings import Settings
from hotline.web import strings
from hotline.web.pages.names import Look
from tests.hotline.web import matrix

Web = TestClient[Litestar]
Bearer = Callable[[str], dict[str, str]]
HAN = re.compile(r"[\u3400-\u9fff]")
HOUSE = Path(hotline.__file__).parents[1]
PACKAGES = (hotline, dispatch, classifiers, grids)
# Said on the command line or in a file of rejected rows alone, never at a page or the API.
COMMAND = (
    "hotline/bench/", "hotline/serve/", "hotline/settings.py", "hotline/cli/",
    "hotline/channels/values.py", "hotline/channels/daytime.py", "hotline/channels/rows.py",
)  # fmt: skip
COMPOSES = re.compile(r"__init__\((self, )?(Message\(|f?['\"])|self\.args = ")
EN, ZH = strings.SAYERS["en"], strings.SAYERS["zh-CN"]


# every raise
def _sources() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted(Path(str(package.__file__)).parent.rglob("*.py")):
            name = path.relative_to(HOUSE).as_posix()
            if not name.startswith(COMMAND) and "/migrations/" not in name:
                yield name, ast.parse(path.read_text(encoding="utf-8"))


SOURCES = dict(_sources())


def _is_message(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message"


def bare(node: ast.AST) -> Iterator[str]:
    """Yield the Chinese that is not the message id of a `Message`."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and HAN.search(node.value):
        yield node.value
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Constant) and isinstance(child.value, str) and HAN.search(child.value):
            if not (_is_message(node) and isinstance(node, ast.Call) and child is node.args[0]):
                yield child.value
        else:
            yield from bare(child)


def errors_made(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what is raised, what the names in it were given in the same function, and what error classes compose."""
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Raise))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name == "__init__" and COMPOSES.search(ast.unparse(node)):
                yield from node.body
            names = {one.id for each in ast.walk(node) if isinstance(each, ast.Raise) for one in _names(each)}
            for one in ast.walk(node):
                if isinstance(one, ast.Assign) and names & {ast.unparse(target) for target in one.targets}:
                    yield one.value


def _names(node: ast.AST) -> Iterator[ast.Name]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Name))


@pytest.mark.parametrize("path", SOURCES)
def test_no_error_is_composed_in_chinese(path: str) -> None:
    wrong = [(getattr(one, "lineno", 0), text) for one in errors_made(SOURCES[path]) for text in bare(one)]
    assert wrong == [], "give the error a Message(msgid, name=value)"


@pytest.mark.parametrize(
    "text",
    [
        'raise RuleSaysNo("不能")',
        'raise RuleSaysNo(f"不能{x}")',
        'raise RuleSaysNo(Message("不能%(x)s", x="原因"))',
        'raise RuleSaysNo(Message(f"不能{x}"))',
        'class A(E):\n    def __init__(self):\n        super().__init__("不能")',
    ],
)
def test_a_composed_error_is_seen(text: str) -> None:
    assert [word for one in errors_made(ast.parse(text)) for word in bare(one)]


def test_a_message_is_no_composed_error() -> None:
    text = 'raise RuleSaysNo(Message("不能%(x)s", x=Message("原因")))'
    assert [word for one in errors_made(ast.parse(text)) for word in bare(one)] == []


@pytest.mark.parametrize("path", SOURCES)
def test_message_ids_are_whole_sentences_the_catalogue_has(path: str) -> None:
    known = strings.load("en")
    for call in ast.walk(SOURCES[path]):
        if not _is_message(call) or not isinstance(call, ast.Call):
            continue
        first = call.args[0]
        assert not isinstance(first, ast.JoinedStr | ast.BinOp), f"line {call.lineno}: a message id is not composed"
        if isinstance(first, ast.Constant) and first.value:
            assert first.value in known, f"line {call.lineno}"
            wanted = set(re.findall(r"%\((\w+)\)s", str(first.value)))
            given = {one.arg for one in call.keywords}
            assert None in given or given == wanted, f"line {call.lineno}"


@pytest.mark.parametrize("path", SOURCES)
def test_labels_that_are_said_are_in_the_catalogue(path: str) -> None:
    module, known = None, strings.load("en")
    for call in ast.walk(SOURCES[path]):
        if _is_message(call) and isinstance(call, ast.Call) and isinstance(call.args[0], ast.Subscript):
            table = call.args[0].value
            if isinstance(table, ast.Name):
                module = module or importlib.import_module(path.removesuffix(".py").replace("/", "."))
                held = vars(module).get(table.id, {})
                labels = held.values() if isinstance(held, dict) else held
                assert [one for one in labels if isinstance(one, str) and one and one not in known] == [], table.id


# every class
def _kinds(kind: type[HouseError]) -> Iterator[type[HouseError]]:
    for one in kind.__subclasses__():
        yield one
        yield from _kinds(one)


def _imported() -> list[type[HouseError]]:
    for package in PACKAGES:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not re.search(r"\.(__main__|migrations\b.*|bench\..*)$", found.name):
                importlib.import_module(found.name)
    files = {kind: inspect.getsourcefile(kind) or "" for kind in _kinds(HouseError)}
    ours = [kind for kind, file in files.items() if Path(file).is_relative_to(HOUSE) and "/tests/" not in file]
    return sorted(set(ours), key=lambda kind: (kind.__module__, kind.__name__))


KINDS = [
    kind
    for kind in _imported()
    if not f"{kind.__module__.replace('.', '/')}.py".startswith(COMMAND[:3]) and kind is not Refused
]
GIVEN: dict[str, tuple[object, ...]] = {
    "str": ("", "x1"), "int": (0, 3), "Message": (Message("诉求内容不能为空"),), "date": (date(2026, 10, 1),),
    "tuple[str, ...]": (("a", "b"),), "Path": (Path("x"),), "tuple[Candidate, ...]": ((),),
    "tuple[Message, ...]": ((Message("没有名称"),), tuple(Message("没有名称") for _ in range(7))),
    "Message | None": (None, Message("没有名称")), "tuple[tuple[str, Message], ...]": ((("a", Message("没有名称")),),),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_error_is_said_in_english(kind: type[HouseError]) -> None:
    asked = [one for one in inspect.signature(kind.__init__).parameters.values() if one.name != "self"]
    names = [one.annotation if isinstance(one.annotation, str) else str(one.annotation.__name__
             if isinstance(one.annotation, type) and "[" not in str(one.annotation) else one.annotation)
             for one in asked]  # fmt: skip
    choices = [GIVEN[re.sub(r"\b(grids|dispatch)\.\w+\.", "", name).replace("typing.", "")] for name in names]
    for values in itertools.product(*choices):
        first = [value for one, value in zip(asked, values, strict=True) if one.kind is not one.KEYWORD_ONLY]
        words = {one.name: value for one, value in zip(asked, values, strict=True) if one.kind is one.KEYWORD_ONLY}
        made: Any = kind(*first, **words)
        assert isinstance(made.sentence, Message)
        assert str(made) == str(made.sentence)
        assert made.sentence.msgid in strings.load("en") or not made.sentence
        assert not HAN.search(EN(made.sentence)), EN(made.sentence)


# nested values
def test_nested_values_are_said_too_and_data_stays() -> None:
    said = Message(
        "“%(move)s”由%(roles)s操作，%(role)s不能操作", move=Message("签收"), role=Message("话务员"),
        roles=(Message("派单员"), Message("督办员")),
    )  # fmt: skip
    assert str(said) == ZH(said) == "“签收”由派单员、督办员操作，话务员不能操作"
    assert not HAN.search(EN(said))
    unit = Message("%(unit)s还没有答复，时限也没有到，请稍后再评", unit="环卫中心")
    assert EN(unit).startswith("环卫中心 has not answered")
    assert EN(chain([Message("没有名称"), named("a", "督办员")])) == "no name; a (Supervisor)"


def test_on_a_page_data_carries_its_language_and_is_escaped(look: Callable[[str], Look]) -> None:
    unit = Message("%(unit)s还没有答复，时限也没有到，请稍后再评", unit="<b>环卫</b>")
    told = str(look("en").sentence(unit))
    assert told.startswith('<span lang="zh-CN">&lt;b&gt;环卫&lt;/b&gt;</span> has not answered')
    assert look("zh-CN").sentence(unit) == str(unit)
    number = Message("工单 %(number)s 不是保密工单", number="<SL1>")
    assert str(look("en").sentence(number)) == "Ticket &lt;SL1&gt; is not confidential"


@pytest.fixture
def look() -> Callable[[str], Look]:
    """A reader of pages in a language."""
    now = importlib.import_module("hotline.clock").now()
    return lambda language: Look(lang=language, say=strings.SAYERS[language], now=now, path="/")


# every door
class Refusals(HTMLParser):
    """The Chinese that a page says where it refuses something, outside of what is marked as Chinese."""

    VOID = frozenset({"input", "meta", "link", "br", "img", "hr", "path", "rect", "circle", "line", "use"})

    def __init__(self, *, whole: bool = False) -> None:
        super().__init__()
        self.open: list[tuple[str, str, bool]] = [("", "en", whole)]  # tag, language, a refusal
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the language, and whether a refusal begins here."""
        held = {name: text or "" for name, text in attrs}
        _, lang, inside = self.open[-1]
        marks = {*held.get("class", "").split(), held.get("role")}
        refusing = (
            inside or bool(marks & {"alert", "flash", "blocked", "fault"}) or held.get("id", "") in ("wrong", "told")
        )
        if tag not in self.VOID:
            self.open.append((tag, held.get("lang") or lang, refusing))

    def handle_endtag(self, tag: str) -> None:
        """Go back to what is outside."""
        while len(self.open) > 1 and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note what is said."""
        _, lang, refusing = self.open[-1]
        if refusing and lang == "en" and HAN.search(data):
            self.found.append(data.strip())


def chinese(answer: httpx.Response) -> list[str]:
    """Return the Chinese of a refusal that is no data."""
    if answer.headers.get("content-type", "").startswith("application/json"):
        body = answer.json()
        told = [body["message"], body["detail"], *(one["message"] for one in body["fields"])]
        return [text for text in told if HAN.search(text.replace(DATA, ""))]
    page = Refusals()
    page.feed(answer.text)
    events = [json.loads(answer.headers["hx-trigger"]).values()] if "hx-trigger" in answer.headers else []
    return page.found + [text for found in events for text in found if HAN.search(str(text))]


DATA = "环卫中心"
GRID = "990101001001001"
ROWS = matrix.read(matrix.ROWS.read_text(encoding="utf-8"))
READERS = {
    "": "nobody", "agent": "agent", "dispatcher": "dispatcher", "cgj": "lead", "wu.haoran": "leader",
    "caller": "caller", "supervisor": "supervisor", "admin": "admin",
}  # fmt: skip
NONE = "01890000-0000-7000-8000-000000000000"
SENT: tuple[dict[str, str], ...] = ({}, {"note": "说明", "seq": "0"}, {"seq": "x"})


@pytest.fixture(scope="module")
def config(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an installation: what is said does not depend on the database."""
    home = tmp_path_factory.mktemp("spoken")
    return settings.load({"HOTLINE_HOME": str(home), "HOTLINE_DATABASE_URL": sqlite_url})


@pytest.fixture(scope="module")
def number(running: Web, bearer: Bearer) -> str:
    """A ticket in the hands of a unit, in the leader's grid."""
    body = {"text": f"门口的井盖松了，车一过就响。{uuid4()}", "unit": "cgj", "grid": GRID, "phone": "13812345678"}
    made: str = running.post("/api/v1/tickets", json=body, headers=bearer("agent")).json()["number"]
    running.post(f"/api/v1/tickets/{made}/moves/route", json={"unit": "cgj"}, headers=bearer("dispatcher"))
    return made


def asked(web: Web, bearer: Bearer, method: str, path: str, login: str, **sent: Any) -> httpx.Response:
    wants = "application/json" if path.startswith("/api") else "text/html"
    headers = {"accept": wants, "accept-language": "en", **(bearer(login) if login else {})}
    return web.request(method, path, headers=headers, follow_redirects=False, **sent)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_refusal_of_every_door_is_english(row: matrix.Row, running: Web, bearer: Bearer, number: str) -> None:
    values = dict.fromkeys(re.findall(r"{(\w+)}", row.path), NONE) | {
        "number": "7" if row.path.startswith("/board/topics") else number, "grid": GRID, "rate": "nonsense",
        "move": "nonsense", "path": "none", "file_path": "none.css",
    }  # fmt: skip
    wrong, refused = [], 0
    address, how = matrix.request(row, values)
    bodies: list[dict[str, Any]] = [how]
    if row.method != "GET":
        bodies += [{"json" if row.path.startswith("/api") else "data": one} for one in SENT]
        bodies += [{"content": b"{"}] if row.path.startswith("/api") else []
    else:
        bodies += [
            {"params": {"after": "x", "since": "x", "until": "2020-01-01", "by": "x", "order": "x", "unit": "x"}}
        ]
    let_in = [login for login, reader in READERS.items() if row.plain[reader] in "+~0"]
    asking = [(bodies[0], login) for login in READERS] + list(itertools.product(bodies[1:], let_in))
    for body, login in asking:
        answer = asked(running, bearer, row.method, address, login, **body)
        if answer.status_code >= 400:
            refused += 1
            wrong += [(login, body, answer.status_code, text) for text in chinese(answer)]
            assert answer.headers.get("content-language", "en") == "en"
    assert wrong == []
    assert refused or row.method == "GET" or row.path in NEVER, "nothing was refused: send something worse"


NEVER = frozenset(
    {"/tickets/{number}/advice", "/logout", "/desk/suggestions", "/m/report/offers", "/m/me/print", "/models/train"}
)


@pytest.mark.parametrize("move", sorted(MOVES_BY_NAME))
def test_every_refusal_of_every_move_is_english(move: str, running: Web, bearer: Bearer, number: str) -> None:
    words: dict[str, Any] = {
        "note": "说明", "reason": "理由", "basis": "依据", "guide": "法院", "unit": "nobody", "units": ["nobody"],
        "days": 99, "until": "2020-01-01", "ground": "nonsense", "area": "nonsense", "grid": "nonsense",
        "outcome": "solved", "helped": True, "commitment": NONE, "card": "red_card", "reached": False,
        "hard": True, "to": "SL20200101000018", "urgency": "critical", "declined": True,
    }  # fmt: skip
    fields = MOVES_BY_NAME[move][0].__struct_fields__
    full = {name: value for name, value in words.items() if name in fields}
    wrong, refused = [], 0
    for body, login in itertools.product(({}, {"seq": 0, **full}), [login for login in READERS if login]):
        door = asked(running, bearer, "POST", f"/api/v1/tickets/{number}/moves/{move}", login, json=body)
        answers = [door]
        if login in ("dispatcher", "cgj", "supervisor"):
            form = {name: str(value) for name, value in body.items()}
            answers.append(asked(running, bearer, "POST", f"/tickets/{number}/{move}", login, data=form))
        for answer in answers:
            if answer.status_code >= 400:
                refused += 1
                wrong += [(login, body, answer.status_code, text) for text in chinese(answer)]
    assert wrong == []
    assert refused


def test_the_api_follows_accept_language_and_keeps_its_code(running: Web, bearer: Bearer) -> None:
    told = {
        language: running.get(
            "/api/v1/tickets/SL20200101000018", headers=bearer("agent") | {"accept-language": language}
        )
        for language in ("en", "zh-CN")
    }
    assert {answer.json()["code"] for answer in told.values()} == {"no_such_ticket"}
    assert told["en"].json()["message"] == "Ticket SL20200101000018 was not found; please check the number"
    assert told["zh-CN"].json()["message"] == "没有查到工单 SL20200101000018，请核对编号"
    assert [answer.headers["content-language"] for answer in told.values()] == ["en", "zh-CN"]
    assert "Accept-Language" in told["en"].headers["vary"]
