"""What a file can be refused for: as a whole (`Unusable`, `BadMap`), or one row of it (`Refused`)."""

from hotline.errors import HotlineError


class Unusable(HotlineError):
    """Nothing can be done with this file; nothing of it was taken in."""

    code = "unusable_file"

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}：{message}")
        self.path, self.message = path, message


class BadMap(HotlineError):
    """A table of columns (MAP.toml) says something it may not; `line` counts from 1, 0 = the whole file."""

    code = "bad_columns"

    def __init__(self, path: str, line: int, message: str) -> None:
        super().__init__(f"{path}{f' 第{line}行' if line else ''}：{message}")
        self.path, self.line, self.message = path, line, message


class Refused(HotlineError):
    """One row cannot be taken in: the column, its value as it stands, and why."""

    code = "row_refused"

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason
