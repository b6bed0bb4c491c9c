"""One number in the city's rules says how many photos a form brings: pages show it, forms and the API keep to it."""

from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from hotline import city as cities
from hotline import clock, people, rulefiles
from hotline.settings import Settings
from hotline.store import db
from hotline.web.app import create_app
from tests.hotline.web.pages.conftest import Browser
from tests.hotline.web.pages.form.test_photos import form_of, in_hand, kept, walked
from tests.hotline.web.pages.stage import SAMPLE
from tests.hotline.web.test_api_files import photo

LEADER = "ding.dayong"
CHOSEN = [(f"{place}.jpg", photo(64 + place, 48)) for place in range(3)]


def allowing_two(config: Settings) -> Litestar:
    """Return the application in a city that allows two photos."""
    db.bind(config.database_url)
    files = rulefiles.read_folder(SAMPLE)
    rules = files["city.toml"]
    assert "\nmost = 9\n" in rules
    files["city.toml"] = rules.replace("\nmost = 9\n", "\nmost = 2\n").replace(
        'edition = "2026.1"', 'edition = "2026.7"'
    )
    with db.transaction() as session:
        cities.apply(session, files, "test", clock.now())
    return create_app(config)


@pytest.fixture(scope="module")
def app(config: Settings) -> Litestar:
    """The application in that city."""
    return allowing_two(config)


def test_the_unit_reads_the_number_and_is_kept_to_it(browser: Browser) -> None:
    me, number = browser("cgj01"), in_hand()
    assert "最多 2 张；" in me.get(f"/tickets/{number}").text
    form = form_of(me, f"/tickets/{number}", note="现场照片如下")
    back = me.carry(f"/tickets/{number}/report", form, *CHOSEN)
    assert (back.status_code, "一次最多附 2 张照片" in back.text, kept(number)) == (422, True, [])
    me.carry(f"/tickets/{number}/report", form, *CHOSEN[:2])
    assert len(kept(number)) == 2


@pytest.mark.parametrize("page", ["/m/report", "/m/{number}", "/m/{number}/whistle"])
def test_the_phone_is_told_and_its_forms_are_kept_to_it(browser: Browser, page: str) -> None:
    me = browser(LEADER)
    number = walked(me)
    address = page.format(number=number)
    assert 'data-shots="2"' in me.get(address).text
    back = me.carry(address, form_of(me, address, note="看看", answer="doing"), *CHOSEN)
    assert (back.status_code, "一次最多附 2 张照片" in back.text) == (422, True)


def test_what_a_phone_hands_in_late_is_kept_to_it(browser: Browser, door: TestClient[Litestar]) -> None:
    number = walked(browser(LEADER))
    with db.transaction() as session:
        region = cities.current(session).region
        token = people.machine_token(session, region, LEADER, device="test", now=clock.now())
    now = clock.now().isoformat()
    said = {"kind": "answer", "number": number, "said": {"answer": "there"}, "occurred_at": now, "sent_at": now}

    def sent(count: int) -> tuple[int, str]:
        files = [{"id": str(uuid4()), "kind": "photo", "size": 10} for _ in range(count)]
        answer = door.put(
            f"/api/v1/submissions/{uuid4()}", json=said | {"files": files}, headers={"Authorization": f"Bearer {token}"}
        )
        return answer.status_code, answer.text

    status, text = sent(3)
    assert (status, "最多附 2 个照片和录音" in text, len(kept(number))) == (422, True, 0)
    assert sent(2)[0] == 201
    assert len(kept(number)) == 2
