"""The machine's own verbs: what the web server is told."""

import socket

import pytest
import uvicorn

from hotline.cli.machine import serve, web
from tests.hotline.cli.conftest import Run


def test_the_server_believes_no_forwarded_header_by_itself(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[uvicorn.Config] = []
    monkeypatch.setenv("HOTLINE_PORT", "0")

    def run_nothing(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        told.append(server.config)
        for one in sockets:
            one.close()

    monkeypatch.setattr(uvicorn.Server, "run", run_nothing)
    assert run(web).exit_code == 0
    assert [config.proxy_headers for config in told] == [False]  # `hotline.web.peers` reads it, from named proxies


def test_only_the_word_itself_asks_for_the_sample(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda _, words: started.append(words))
    run(serve)
    run(serve, "--sample")
    assert ["--sample" in words for words in started] == [False, True]
