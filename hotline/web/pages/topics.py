"""Hot topics (热点): the list, one topic with its tickets, places and days, and a supervisor's word on it.

Every number opens the tickets it counts.  What a confidential ticket is called is not shown.
"""

from datetime import timedelta
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from dispatch.roles import Role
from hotline.flow.figures import topics
from hotline.store import db
from hotline.web import access
from hotline.web.access import AnyRequest, Here
from hotline.web.pages.board import BOARD_READERS
from hotline.web.pages.looks import Notice, of_request, office
from hotline.web.pages.span import between
from hotline.web.strings import msgid
from hotline.wire import fields

TOPIC_PAGE = 50
MARKS = {"project": msgid("专项"), "known": msgid("已知"), "dismissed": msgid("不是热点")}


class Topics(Controller):
    """`/board/topics`."""

    path = "/board/topics"
    guards = [access.may(*BOARD_READERS)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def page(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """List the topics of the last round."""
        dismissed = request.query_params.get("list") == "all"
        with db.reading() as session:
            found = topics.listed(session, here.city.region, dismissed=dismissed)
        return office(
            request,
            here,
            "topics/list.html",
            "/board",
            hot=found,
            recent=here.city.topics.recent,
            rules=here.city.topics,
            dismissed=dismissed,
            marks=MARKS,
        )

    @get("/{number:int}", sync_to_thread=True)
    def one(self, request: AnyRequest, here: NamedDependency[Here], number: FromPath[int]) -> Response[str]:
        """Show one topic: why it is one, its days, its places, its tickets."""
        query, look = request.query_params, of_request(request, here.city)
        skip = fields.number(query.get("skip", ""), 999_999) or 0
        day, place, recent = query.get("day", ""), query.get("place", ""), query.get("recent") == "1"
        since, until = between(day, day, here.city.zone)
        since = since - timedelta(microseconds=1) if since else None
        with db.reading() as session:
            topic = topics.topic_line(session, here.city.region, number)
            since = topic.found_at - timedelta(hours=here.city.topics.recent) if recent else since
            found = topics.members(
                session, here.me.sight, topic.id, since=since, until=until, place=place, size=TOPIC_PAGE + 1, skip=skip
            )
            days, places = topics.spread(session, here.city, topic.id)
        kept = {"day": day, "place": place, "recent": "1" if recent else ""}
        more = urlencode({name: value for name, value in kept.items() if value} | {"skip": skip + TOPIC_PAGE})
        narrowed = [day, look.place(place), look.say("近%(n)s小时") % {"n": here.city.topics.recent} if recent else ""]
        notice = Notice(look.say("标记已保存")) if query.get("done") else None
        return office(
            request,
            here,
            "topics/page.html",
            "/board",
            notice=notice,
            topic=topic,
            found=found[:TOPIC_PAGE],
            more=more if len(found) > TOPIC_PAGE else "",
            by_day=list(days.items()),
            tallest=max(days.values(), default=0),
            places=places,
            recent=here.city.topics.recent,
            narrowed=[one for one in narrowed if one],
            marks=MARKS,
            may_mark=here.me.role is Role.SUPERVISOR,
        )

    @post("/{number:int}", guards=[access.may(Role.SUPERVISOR)], sync_to_thread=True, status_code=303)
    def mark(
        self,
        request: AnyRequest,
        here: NamedDependency[Here],
        number: FromPath[int],
        data: URLEncodedBody[dict[str, str]],
    ) -> Redirect:
        """Keep the supervisor's word, with name and time."""
        del request
        with db.transaction() as session:
            topics.mark(session, here.city, number, data.get("mark", ""), data.get("note", ""), here.me, here.now)
        return Redirect(f"/board/topics/{number}?done=1", status_code=303)
