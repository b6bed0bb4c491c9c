"""The page of a survey: drawn, numbered, escaped."""

import re

from grids.survey import Finding, survey
from hotline.channels import plan
from tests.grids.test_survey import CASES


def test_every_finding_is_listed_and_what_has_a_place_is_drawn() -> None:
    for _, places, leaders in CASES:
        findings = survey(places, leaders)
        page = plan.page(places, findings, "网格检查")
        assert page.count('<li id="f') == len(findings)
        marked = {int(number) for number in re.findall(r'<a id="m(\d+)"', page)}
        assert marked <= {number for number, one in enumerate(findings, 1) if one.at}
        assert "http" not in page


def test_nothing_found_and_nothing_drawn() -> None:
    page = plan.page([], [], "<甲>")
    assert "没有发现问题" in page
    assert "没有可以画出的边界" in page
    assert "&lt;甲&gt;" in page


def test_a_long_list_says_what_is_left_out() -> None:
    findings = [
        Finding(kind="gap", severity="warning", codes=("1",), message=f"第{n}条")
        for n in range(plan.FINDINGS_SHOWN + 3)
    ]
    page = plan.page([], findings, "甲")
    assert "另有 3 条未列出" in page
