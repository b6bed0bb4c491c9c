"""Collects all pages, with the one way they refuse."""

from litestar import Router
from litestar.config.compression import CompressionConfig
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware

from hotline.web.pages import ground, paper
from hotline.web.pages.board import Board
from hotline.web.pages.callback import CallingBack
from hotline.web.pages.citizen import Citizen
from hotline.web.pages.desk import Desk
from hotline.web.pages.dispatch import Dispatching
from hotline.web.pages.events import Events
from hotline.web.pages.form import photos
from hotline.web.pages.login import Door
from hotline.web.pages.models import Models
from hotline.web.pages.notices import NoticePages
from hotline.web.pages.people import People
from hotline.web.pages.phone import worker
from hotline.web.pages.phone.leader import Leader
from hotline.web.pages.phone.mine import Mine, Opinions
from hotline.web.pages.phone.report import Reporting
from hotline.web.pages.phone.sketch import Sketching
from hotline.web.pages.phone.visits import Visiting
from hotline.web.pages.phone.whistle import Whistling
from hotline.web.pages.recheck import Rechecks
from hotline.web.pages.roster import Roster
from hotline.web.pages.rules import Rules
from hotline.web.pages.supervise import Supervising
from hotline.web.pages.tickets import Tickets
from hotline.web.pages.topics import Topics
from hotline.web.pages.unit import Inbox

# A phone on one bar of signal waits for bytes.  A foreign page cannot ask for ours with the session (SameSite), so that
# the length of an answer tells it nothing of what stands in it.
SMALLER = DefineMiddleware(CompressionMiddleware, config=CompressionConfig(backend="gzip", gzip_compress_level=6))
PAGES = Router(
    "/",
    route_handlers=[
        Door,
        Desk,
        Dispatching,
        Inbox,
        Tickets,
        Leader,
        Reporting,
        Sketching,
        Visiting,
        Whistling,
        Mine,
        Opinions,
        CallingBack,
        Rechecks,
        Board,
        Events,
        People,
        Roster,
        Topics,
        Rules,
        Models,
        Supervising,
        NoticePages,
        Citizen,
        ground.grids,
        worker.worker,
    ],
    dependencies={"posted": Provide(photos.posted)},
    exception_handlers={Exception: paper.refused},
    include_in_schema=False,
    middleware=[SMALLER],
)
