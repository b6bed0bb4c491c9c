"""Errors of files: refused as a whole (`Unusable`, `BadMap`), or one row of it (`Refused`)."""

from grids.messages import Message
from hotline.errors import HotlineError


class Unusable(HotlineError):
    """Nothing can be done with this file; nothing of it was taken in."""

    code = "unusable_file"

    def __init__(self, path: str, message: Message) -> None:
        super().__init__(Message("%(path)s：%(message)s", path=path, message=message))
        self.path, self.message = path, message


class BadMap(HotlineError):
    """A table of columns (MAP.toml) says something it may not; `line` counts from 1, 0 = the whole file."""

    code = "bad_columns"

    def __init__(self, path: str, line: int, message: Message) -> None:
        where = Message("%(path)s 第%(line)s行", path=path, line=line) if line else path
        super().__init__(Message("%(path)s：%(message)s", path=where, message=message))
        self.path, self.line, self.message = path, line, message
