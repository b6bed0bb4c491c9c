"""The catalogues are complete, and no Chinese stands on a page outside of them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from hotline.web import strings

WEB = Path(strings.__file__).parent
CJK = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,:;?!]|[,:;?!][\u4e00-\u9fff]")
PAGES = sorted(path for path in (WEB / "templates").rglob("*.html") if path.parent.name != "api")  # docs for developers
SAYING = {"say", "msgid", "_", "Message"}


def test_every_language_has_every_string() -> None:
    known = strings.sources()
    for language in strings.LANGUAGES:
        held = strings.load(language)
        assert sorted(set(known) - set(held)) == [], language
        assert sorted(set(held) - set(known)) == [], f"{language}: no page says these any more"


def test_translations_keep_the_placeholders() -> None:
    for source, text in strings.load("en").items():
        assert sorted(re.findall(r"%\((\w+)\)s", text)) == sorted(re.findall(r"%\((\w+)\)s", source)), source
        assert not re.search(r"[\u4e00-\u9fff]", text), source


def test_the_source_language_says_itself() -> None:
    assert all(source == text for source, text in strings.load("zh-CN").items())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_templates_say_chinese_through_the_catalogue(path: Path) -> None:
    tree = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(path.read_text(encoding="utf-8"))
    bare = [text.data for text in tree.find_all(nodes.TemplateData) if CJK.search(_visible(text.data))]
    assert bare == []


def _visible(text: str) -> str:
    return text.replace("“", "").replace("”", "").replace("：", "").replace("、", "")


@pytest.mark.parametrize("path", sorted((WEB / "pages").rglob("*.py")), ids=lambda path: path.stem)
def test_pages_say_chinese_through_the_catalogue(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [text for text in _bare(tree) if re.search(r"[\u4e00-\u9fff]", text)] == []


def _bare(node: ast.AST) -> Iterator[str]:
    """Yield string constants that are neither said through the catalogue nor docstrings."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and _name(child.func) in SAYING:
            continue
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        yield from _bare(child)


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def test_no_half_width_punctuation_between_chinese() -> None:
    assert [source for source in strings.sources() if HALF_WIDTH.search(source)] == []


@pytest.mark.parametrize(
    ("asked", "remembered", "accepts", "language"),
    [
        ("en", "zh-CN", "zh-CN", "en"),
        ("", "en", "zh-CN,zh;q=0.9", "en"),
        ("", "", "en-US,en;q=0.9", "en"),
        ("", "", "zh-CN,zh;q=0.9", "zh-CN"),
        ("", "", "zh-TW", "zh-CN"),
        ("", "", "fr-FR, en;q=0.5", "en"),
        ("", "", "fr", "zh-CN"),
        ("", "", "*", "zh-CN"),
        ("xx", "../../etc", ";;,,q=", "zh-CN"),
        ("", "", "", "zh-CN"),
    ],
)
def test_pick(asked: str, remembered: str, accepts: str, language: str) -> None:
    assert strings.pick(asked, remembered, accepts) == language


def test_a_string_without_translation_is_shown_in_chinese() -> None:
    assert strings.SAYERS["en"]("没有翻译的句子") == "没有翻译的句子"
    assert strings.SAYERS["en"]("提交") == "Submit"
