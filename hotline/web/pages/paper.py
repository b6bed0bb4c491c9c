"""Renders a refusal as a page: what happened, what is kept, what to do next."""

import json
from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.exceptions import NotAuthorizedException
from litestar.response import Redirect

from hotline import people
from hotline.web import errors
from hotline.web.access import AnyRequest
from hotline.web.pages.looks import of_request, page
from hotline.web.strings import msgid


def refused(request: AnyRequest, error: Exception) -> Response[Any]:
    """Return the page that tells this refusal; who is not logged in is sent to the door and comes back."""
    look = of_request(request)
    status, sentence = errors.status(error), errors.sentence(error)
    partial = request.headers.get("hx-request") == "true"
    if isinstance(error, people.NoSession | NotAuthorizedException):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        target = f"/login?next={quote(wanted, safe='')}" if request.method == "GET" and not partial else "/login"
        if partial:
            return Response("", status_code=200, headers={"HX-Redirect": target})
        return Redirect(target, status_code=303)
    if status >= 500:
        errors.answer(request, error)  # writes the log
    if partial:
        said = json.dumps({"trouble": look.say(sentence)})  # ASCII, as headers must be
        return Response("", status_code=status, headers={"HX-Reswap": "none", "HX-Trigger": said})
    heading = look.say(HEADINGS.get(status, OTHERWISE))
    problem = look.sentence(TOO_LARGE if status == 413 else sentence)
    return page(
        request,
        "refusal.html",
        look,
        status=status,
        heading=heading,
        problem=problem,
        kept=[],
        back="/",
    )


TOO_LARGE = msgid("内容过大，没有提交。请按浏览器的后退键回到表单，写的内容还在；减少照片或缩短内容后再提交。")


OTHERWISE = msgid("没有办成")
HEADINGS = {
    403: msgid("没有权限"),
    404: msgid("没有找到"),
    409: msgid("已有新的进展"),
    413: msgid("内容过大"),
    429: msgid("请稍后再试"),
    500: msgid("系统出错"),
    503: msgid("暂时不可用"),
}
