"""A form asks nothing that the ticket knows: the inventory of what each page of a ticket asks for."""

import re
from html.parser import HTMLParser

import pytest

from tests.hotline.web.pages.conftest import Browser
from tests.hotline.web.pages.seen import TICKET, mine, numbers, row
from tests.hotline.web.pages.stage import WAITING

# what a ticket holds from the call on, by the names fields have anywhere in the office
KNOWN = {
    "text",
    "title",
    "name",
    "phone",
    "address",
    "lng",
    "lat",
    "area",
    "street",
    "community",
    "grid",
    "source",
    "kind",
}
# where the very thing to be said is another value of what is known, and what stands there is filled in or offered
CHANGES = {
    ("/m/{}/grid", "grid"),  # not mine: in which grid does it lie
    ("/tickets/{}", "area"),  # a dispatcher corrects what it is about, or where: what stands there is filled in
    ("/tickets/{}", "grid"),
}


class Fields(HTMLParser):
    """The fields a person sees, of forms that post."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._posts = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form":
            self._posts = said.get("method", "get").lower() == "post"
        if self._posts and tag in {"input", "textarea", "select"} and said.get("type") != "hidden" and said.get("name"):
            self.found.add(str(said["name"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._posts = False


def waiting(name: str) -> str:
    return numbers(TICKET.c.text == WAITING[name][0])[0]


@pytest.mark.parametrize(
    ("login", "address"),
    [
        ("ding.dayong", "/m/{}"), ("ding.dayong", "/m/{}/whistle"), ("ding.dayong", "/m/{}/grid"),
        ("cgj01", "/tickets/{}"), ("cgj01", "/tickets/{lacking}"), ("cgj01", "/tickets/{disputed}"),
        ("cgj01", "/tickets/{helped}"), ("cgj01", "/tickets/{extended}"), ("pai01", "/tickets/{extension}"),
        ("pai01", "/tickets/{asked}"), ("du01", "/tickets/{ask_park}"),
    ],
)  # fmt: skip
def test_a_ticket_is_not_asked_what_it_knows(browser: Browser, login: str, address: str) -> None:
    names = {name: waiting(name) for name in re.findall(r"\{(\w+)\}", address)}
    page = browser(login).get(address.format(*([] if names else [mine(login)]), **names))
    assert page.status_code == 200
    found = Fields(page.text).found
    asked = {name for name in found & KNOWN if (re.sub(r"\{\w+\}", "{}", address), name) not in CHANGES}
    assert asked == set()
    assert found  # there is a form: the test has seen it


def test_what_may_be_corrected_is_filled_in(browser: Browser) -> None:
    number = numbers(TICKET.c.state == "routed", TICKET.c.grid != "", TICKET.c.area != "")[0]
    held, page = row(number), browser("pai01").get(f"/tickets/{number}").text
    for name in ("area", "grid"):
        chosen = re.findall(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL)
        assert chosen
        assert all(re.search(rf'value="{getattr(held, name)}"[^>]*selected', one) for one in chosen)


def test_a_report_asks_for_words_and_takes_the_place_from_her_grid(browser: Browser) -> None:
    page = browser("ding.dayong").get("/m/report").text
    required = re.findall(r"<(?:input|textarea|select)\b[^>]*\brequired\b[^>]*>", page)
    assert all('type="radio"' in one or 'name="text"' in one for one in required)
    assert not Fields(page).found & {"name", "phone", "street", "community"}


def test_the_inventory_sees_a_field() -> None:
    page = (
        '<form method="post"><input name="phone"><input type="hidden" name="grid"></form><form><input name="q"></form>'
    )
    assert Fields(page).found == {"phone"}
