"""The phone's service worker, served from the root: it may answer for `/m` and for the built files."""

from litestar import Response, get
from litestar.exceptions import NotFoundException

from hotline.web import access
from hotline.web.pages.assets import DIST, manifest


@get("/sw.js", guards=[access.open_door], sync_to_thread=True, include_in_schema=False)
def worker() -> Response[bytes]:
    """Return the built worker; 404 where assets were not built, and the pages go on without it."""
    name = manifest(DIST).get("sw.js")
    if name is None:
        raise NotFoundException
    headers = {"Cache-Control": "no-cache"}
    return Response((DIST / name).read_bytes(), media_type="text/javascript; charset=utf-8", headers=headers)
