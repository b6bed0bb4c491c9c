"""The web application: routes, their order at the door, start and end."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from anyio import to_thread
from litestar import Litestar, Request, Response, Router
from litestar.config.app import AppConfig
from litestar.datastructures import CacheControlHeader, State
from litestar.di import Provide
from litestar.static_files import create_static_files_router
from litestar.types import Guard
from prometheus_client import CollectorRegistry

from hotline import settings as environment
from hotline.settings import Settings
from hotline.store import db
from hotline.web import access, docs, errors
from hotline.web.api import bridge, figures, files, lookups, machine, notices, submissions, suggest, tickets
from hotline.web.doorway import Doorway
from hotline.web.hall import Hall
from hotline.web.pages import paper
from hotline.web.pages.assets import DIST
from hotline.web.pages.router import PAGES, SMALLER

LARGEST_BODY = 1_000_000  # bytes
THREADS, WRITERS = 24, 16  # handlers in the database at once, and how many of them may write; the pool holds more
WRITER_PATIENCE = 5.0  # seconds a person waits for the writer before the page says that it is busy
FOREVER = CacheControlHeader(max_age=31_536_000, public=True, immutable=True)  # names carry a hash of the content
MACHINE = ("/api", "/healthz", "/readyz", "/metrics", "/static")
V1 = Router(
    "/api/v1",
    route_handlers=[
        tickets.receive,
        tickets.listed,
        tickets.shown,
        tickets.move,
        tickets.caller,
        tickets.recode,
        tickets.reply_check,
        suggest.suggest,
        figures.figures,
        figures.counted,
        notices.listed,
        submissions.submit,
        files.send,
        files.stands,
        files.read,
        bridge.put_through,
    ],
)


def create_app(settings: Settings | None = None) -> Litestar:
    """Return the application for these settings (by default the environment's); nothing is opened before it starts."""
    given = settings or environment.load()
    registry = CollectorRegistry()
    registry.register(machine.Backlog())
    registry.register(lookups.Lookups())
    db.bind(given.database_url, patience=WRITER_PATIENCE, writers=WRITERS)
    app = Litestar.from_config(
        AppConfig(
            route_handlers=[
                V1,
                machine.healthz,
                machine.readyz,
                machine.metrics,
                docs.openapi,
                docs.api_page,
                docs.style,
                PAGES,
                *_assets(),
            ],
            dependencies={"here": Provide(access.here), "me": Provide(access.me, sync_to_thread=False)},
            exception_handlers={Exception: refuse},
            request_max_body_size=LARGEST_BODY,
            openapi_config=docs.CONFIG,
            logging_config=None,
            lifespan=[_life],
            state=State({"hall": Hall(given), "registry": registry, "prober": machine.Prober(given)}),
        )
    )
    app.asgi_handler = Doorway(app.asgi_handler, registry, given.trusted_proxies)
    return app


def refuse(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer whatever went wrong: JSON for machines, a page for people."""
    wants = request.headers.get("accept", "")
    if request.url.path.startswith(MACHINE) or "text/html" not in wants:
        return errors.answer(request, error)
    return paper.refused(request, error)


@asynccontextmanager
async def _life(app: Litestar) -> AsyncIterator[None]:
    """Open the gate, and at the end let in no more, store what waits, and let the database go."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, "handler"))
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    hall: Hall = app.state["hall"]
    hall.gate.open()
    try:
        yield
    finally:
        await hall.gate.close()
        db.engine().dispose()


def _assets() -> list[Router]:
    """Return the route of the built assets; none where they were not built, and pages say so."""
    if not DIST.is_dir():
        return []
    guards: list[Guard] = [access.open_door]
    return [
        create_static_files_router(
            "/static", [DIST], cache_control=FOREVER, guards=guards, name="static", middleware=[SMALLER]
        )
    ]
