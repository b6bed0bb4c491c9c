"""Visits and errands: one sentence each, what is left stands first, whom it is for is sealed, nobody is counted."""

import re
from datetime import timedelta

import sqlalchemy as sa

from hotline import clock
from hotline.store import db
from hotline.store.schema import METADATA
from tests.hotline.web.pages.conftest import Browser

VISIT = METADATA.tables["visit"]
WHOM = "三单元张奶奶"


def rows() -> list[sa.Row[tuple[object, ...]]]:
    with db.reading() as session:
        return list(session.execute(sa.select(VISIT).order_by(VISIT.c.id)).all())


def test_an_errand_stands_on_top_until_it_is_done(browser: Browser) -> None:
    me = browser("ding.dayong")
    day = (clock.now() + timedelta(days=2)).date().isoformat()
    form = {"kind": "errand", "note": "代取降压药，电话13800001234", "until": day, "whom": WHOM}
    page = me.submit("/m/visits", "/m/visits", **form).text
    assert "已记下" in page
    assert page.index('id="todo"') < page.index("记一笔")
    assert WHOM in page
    kept = rows()[-1]
    assert WHOM not in str(kept)
    assert "13800001234" not in str(kept)
    assert (kept.grid, kept.done_at) == ("990101004001001", None)
    number = re.search(r'action="/m/visits/([0-9a-f-]{36})/done"', page)
    assert number
    other = browser("wu.haoran").submit("/m/visits", f"/m/visits/{number.group(1)}/done")
    assert other.status_code == 404  # not on her ground
    done = me.submit("/m/visits", f"/m/visits/{number.group(1)}/done").text
    assert 'id="todo"' not in done
    assert rows()[-1].done_at is not None
    assert me.submit("/m/visits", f"/m/visits/{number.group(1)}/done").status_code == 404


def test_a_visit_names_nobody_and_turns_into_a_report(browser: Browser) -> None:
    me = browser("ding.dayong")
    page = me.submit("/m/visits", "/m/visits", kind="home", note="楼道堆了纸箱", whom=WHOM).text
    assert rows()[-1].whom_sealed == ""
    address = re.search(r'href="(/m/report\?text=[^"]+)"', page)
    assert address
    assert ">楼道堆了纸箱</textarea>" in me.get(address.group(1).replace("&amp;", "&")).text
    assert "楼道堆了纸箱" not in browser("wu.haoran").get("/m/visits").text


def test_what_is_lacking_is_said_and_the_words_are_kept(browser: Browser) -> None:
    me, before = browser("ding.dayong"), len(rows())
    for form, said in (
        ({"note": "写了没选"}, "请选一类"), ({"kind": "home", "note": " "}, "请写一句"),
        ({"kind": "home", "note": "好", "grid": "990101001001001"}, "请选择您的网格"),
        ({"kind": "home", "note": "日期写错", "until": "明天"}, "日期请按年-月-日填写"),
    ):  # fmt: skip
        answer = me.submit("/m/visits", "/m/visits", **form)
        assert (answer.status_code, said in answer.text) == (422, True)
        assert form["note"].strip() in answer.text
    assert len(rows()) == before
