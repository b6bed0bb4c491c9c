"""The grid leader's phone on a poor network, in a real Chromium: bytes of a first visit, and when the page is there.

The networks are DevTools' own (Slow 4G) and a plain 3G; the processor is slowed as a cheap phone's.  Everything else is
as in production: gzip, no cache at first, then a second visit answered by the service worker.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
from tqdm import tqdm

from hotline import settings
from hotline.bench import servers
from hotline.bench.servers import CannotMeasure
from hotline.settings import Settings
from hotline.store import db

SIZE = {"width": 390, "height": 844}
RUNS = 5
PAGES = {"list": "/m", "ticket": "", "report": "/m/report", "map": "/m/map"}
LCP = """() => new Promise((done) => {
  let last = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) last = one.startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });
  setTimeout(() => done(last), 400);
})"""
SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) sum += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 100);
})"""


class Network(msgspec.Struct, frozen=True):
    """kilobits a second, milliseconds there and back, how much slower the processor is, seconds a list may take."""

    name: str
    kilobits: int
    milliseconds: int
    slower: int
    goal: float


NETWORKS = (Network("Slow 4G, 4x CPU", 1440, 562, 4, 1.5), Network("3G, 6x CPU", 400, 2000, 6, 3.0))


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One page on one network.  bytes  over the wire on a first visit;  seconds  until its largest part stood there."""

    page: str
    network: str
    bytes: int
    requests: int
    first: float
    second: float
    shift: float
    goal: float


def measure(settle: Callable[[Settings], tuple[str, str]]) -> list[Seen]:
    """Return every page on every network, medians of five.

    settle  puts a city into the empty database of these settings; returns login and password of a grid leader
    raises  CannotMeasure where no browser is found
    """
    program = _chromium()
    try:
        sync_playwright = import_module("playwright.sync_api").sync_playwright  # only developers have it
    except ImportError:
        raise CannotMeasure("需要 playwright：make -s .venv/.stamps/dev") from None
    with _office(settle) as (address, account), sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(program), args=["--no-sandbox"])
        state = _entered(browser, address, account)
        number = state.pop("number")
        found = []
        for network in NETWORKS:
            for name, path in tqdm(PAGES.items(), desc=network.name):
                found.append(_page(browser, address, state, name, path or f"/m/{number}", network))
        browser.close()
    return found


def table(found: list[Seen]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        "| page | network | KB first visit | requests | LCP s first visit | LCP s second | layout shift | goal s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.page} | {one.network} | {one.bytes / 1024:.1f} | {one.requests} | {one.first:.2f} | {one.second:.2f} "
        f"| {one.shift:.3f} | {one.goal:g} |"
        for one in found
    ]
    return "\n".join(lines)


@contextmanager
def _office(settle: Callable[[Settings], tuple[str, str]]) -> Iterator[tuple[str, tuple[str, str]]]:
    """A web process on a throw-away city."""
    with servers.folder("phones-") as home:
        url = f"sqlite+pysqlite:///{home}/hotline.db"
        given = settings.load(
            {"HOTLINE_HOME": str(home), "HOTLINE_DATABASE_URL": url, "HOTLINE_SECRET_KEY": servers.SECRET}
        )
        db.upgrade(url)
        account = settle(given)
        with servers.web(home, url, "") as running:
            yield f"http://127.0.0.1:{running.port}", account


def _entered(browser: Any, address: str, account: tuple[str, str]) -> dict[str, Any]:
    """Log in once; return the cookies, and a ticket of the list."""
    context = browser.new_context(viewport=SIZE, base_url=address, service_workers="block")
    page = context.new_page()
    page.goto("/login")
    page.fill("#login", account[0])
    page.fill("#password", account[1])
    page.click("main button")
    page.wait_for_url("**/m")
    number = page.locator("[data-ahead] a").first.get_attribute("href").rpartition("/")[2]
    state: dict[str, Any] = context.storage_state()
    context.close()
    return {"cookies": state["cookies"], "origins": [], "number": number}


def _page(browser: Any, address: str, state: dict[str, Any], name: str, path: str, network: Network) -> Seen:
    runs = [_visit(browser, address, state, path, network) for _ in range(RUNS)]
    sizes, requests, firsts, seconds, shifts = (list(column) for column in zip(*runs, strict=True))
    return Seen(
        page=name,
        network=network.name,
        bytes=int(median(sizes)),
        requests=int(median(requests)),
        first=median(firsts),
        second=median(seconds),
        shift=max(shifts),
        goal=network.goal,
    )


def _visit(
    browser: Any, address: str, state: dict[str, Any], path: str, network: Network
) -> tuple[int, int, float, float, float]:
    """Return bytes and requests until the page is idle, LCP of a first and a second visit, layout shift."""
    context = browser.new_context(viewport=SIZE, base_url=address, storage_state=state)
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    speed = {"latency": network.milliseconds, "downloadThroughput": network.kilobits * 125, "uploadThroughput": 90_000}
    tools.send("Network.emulateNetworkConditions", {"offline": False, **speed})
    tools.send("Emulation.setCPUThrottlingRate", {"rate": network.slower})
    sizes: list[int] = []
    tools.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(path, wait_until="load")
    first, bytes_, requests = page.evaluate(LCP) / 1000, sum(sizes), len(sizes)
    shift = page.evaluate(SHIFT)
    page.wait_for_load_state("networkidle")
    page.goto(path, wait_until="load")
    second = page.evaluate(LCP) / 1000
    context.close()
    return bytes_, requests, first, second, shift


def _chromium() -> Path:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = [settings.load().chromium, *(shutil.which(name) for name in names)]
    program = next((one for one in found if one), None)
    if program is None:
        raise CannotMeasure("没有找到 Chromium，可用 HOTLINE_CHROMIUM 指定")
    return Path(program)
