"""What the application says before it can work: no schema, no city, no database."""

from pathlib import Path

from litestar.testing import TestClient

from hotline import settings
from hotline.web.app import create_app


def test_not_ready_without_schema_and_without_city(sqlite_template: Path, tmp_path: Path) -> None:
    for name, copied, part, word in [
        ("empty.db", False, "schema", "db upgrade"),
        ("bare.db", True, "city", "db sample"),
    ]:
        path = tmp_path / name
        if copied:
            path.write_bytes(sqlite_template.read_bytes())
        given = settings.load({"HOTLINE_HOME": str(tmp_path), "HOTLINE_DATABASE_URL": f"sqlite:///{path}"})
        with TestClient(create_app(given)) as web:
            answer = web.get("/readyz")
            assert answer.status_code == 503
            assert word in answer.json()[part]
            assert web.get("/healthz").status_code == 200


def test_a_database_away_is_503(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1"
    given = settings.load({"HOTLINE_HOME": str(tmp_path), "HOTLINE_DATABASE_URL": url})
    with TestClient(create_app(given)) as web:
        answer = web.get("/api/v1/tickets", headers={"authorization": "Bearer x"})
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "unavailable", "2")
        assert "SELECT" not in answer.text
        assert web.get("/readyz").json()["database"] != ""
        assert "hotline_database_up 0" in web.get("/metrics").text
