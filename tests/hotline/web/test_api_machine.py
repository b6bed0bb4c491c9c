"""Health, readiness, metrics, the API's description, headers and what a broken database looks like."""

import json
import re
from collections.abc import Callable

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from hotline.flow.doors import MOVES_BY_NAME
from hotline.store import db

Web = TestClient[Litestar]
Bearer = Callable[[str], dict[str, str]]
CANARY = "13800005566"


def test_health(running: Web) -> None:
    assert running.get("/healthz").json() == {"status": "ok"}
    ready = running.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True), ready.text


@pytest.mark.parametrize("path", ["/api/v1/none", "/api/none", "/api/v1/tickets/x/y/z/w"])
def test_unknown_paths(running: Web, path: str) -> None:
    answer = running.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_wrong_method(running: Web) -> None:
    answer = running.delete("/api/v1/tickets")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["allow"]


def test_figures(running: Web, bearer: Bearer) -> None:
    answer = running.get("/api/v1/figures", headers=bearer("supervisor"))
    assert answer.status_code == 200, answer.text
    assert [rate["of"] for rate in answer.json()["rates"]] == [0] * len(answer.json()["rates"])
    assert running.get("/api/v1/figures", headers=bearer("wu.haoran")).status_code == 403
    own = running.get("/api/v1/figures", params={"unit": "cgj"}, headers=bearer("hwzx")).json()
    assert (own["by"], own["key"], own["rows"]) == ("unit", "hwzx", [])
    assert own["definitions"][0]["label"] == "联系率"
    spans = [{"since": "2026-02-01", "until": "2026-01-01"}, {"since": "2001-01-01T00:00:00Z"}]
    assert [running.get("/api/v1/figures", params=span, headers=bearer("admin")).status_code for span in spans] == [
        422,
        422,
    ]


def test_suggest_writes_nothing(running: Web, bearer: Bearer) -> None:
    body = {"text": "小区门口的垃圾桶满了好几天没人清运", "address": "", "phone": CANARY}
    answer = running.post("/api/v1/suggest", json=body, headers=bearer("agent"))
    assert answer.status_code == 200, answer.text
    assert {"areas", "similar"} <= set(answer.json())
    assert running.post("/api/v1/suggest", json={"text": "a", "x": 1}, headers=bearer("agent")).status_code == 422
    assert running.post("/api/v1/suggest", json=body, headers=bearer("cgj")).status_code == 403
    assert running.get("/api/v1/tickets", headers=bearer("admin")).json()["items"] == []


def test_metrics_hold_routes_never_people(running: Web, bearer: Bearer) -> None:
    running.get("/api/v1/tickets", params={"q": CANARY}, headers=bearer("agent"))
    running.get(f"/api/v1/tickets/{CANARY}", headers=bearer("agent"))
    running.get(f"/{CANARY}")
    big = running.post(
        "/api/v1/tickets", content=b"{" * 2_000_000, headers=bearer("agent") | {"content-type": "application/json"}
    )
    assert big.status_code == 413
    text = running.get("/metrics").text
    assert 'route="/api/v1/tickets/{number}",status="404"} 1.0' in text
    assert 'method="POST",route="/api/v1/tickets",status="413"} 1.0' in text
    for name in ("hotline_outbox_waiting 0.0", "hotline_clock_lag_seconds 0.0", "hotline_database_up 1.0"):
        assert name in text
    assert CANARY not in text


def test_headers_everywhere(running: Web) -> None:
    for path in ("/healthz", "/api/v1/tickets", "/api/none", "/api/docs", "/nowhere"):
        headers = running.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store" or "no-store" in headers["cache-control"]
        assert len([name for name in headers if name == "content-security-policy"]) == 1


def test_openapi_describes_every_door(running: Web) -> None:
    described = running.get("/api/openapi.json").json()
    paths = set(described["paths"])
    assert {"/api/v1/tickets", "/api/v1/tickets/{number}", "/api/v1/suggest", "/api/v1/figures", "/healthz"} <= paths
    assert {path.rpartition("/")[2] for path in paths if "/moves/" in path} == set(MOVES_BY_NAME)
    assert not [path for path in paths if not path.startswith(("/api/v1/", "/healthz", "/readyz"))]
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))
    assert names <= set(described["components"]["schemas"])
    body = described["paths"]["/api/v1/tickets"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/NewTicket"}


def test_docs_load_nothing_from_elsewhere(running: Web) -> None:
    page = running.get("/api/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    linked = re.findall(r'(?:src|href)="([^"#]+)"', page.text)
    assert {one for one in linked if not one.startswith("/api/")} == {"data:,"}
    assert "<script" not in page.text
    assert " style=" not in page.text
    assert "Idempotency-Key" in page.text
    assert running.get("/api/docs.css").headers["content-type"].startswith("text/css")


def test_unexpected_errors_tell_nothing(
    running: Web, bearer: Bearer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError(CANARY)

    monkeypatch.setattr(db, "reading", broken)
    answer = running.get("/api/v1/tickets", params={"q": CANARY}, headers=bearer("agent"))
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert CANARY not in answer.text + caplog.text
    assert "GET /api/v1/tickets -> 500 ZeroDivisionError" in caplog.text
