"""Photos (照片): how many a form may bring along, as the city says.  Nobody has to send one."""

from __future__ import annotations

from typing import Annotated

import msgspec

LARGEST = 20  # what a city may allow: more no form carries in one request


class PhotoRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[photos] in `city.toml`.  most: photos of one form; on the phone voice notes count with them"""

    most: Annotated[int, msgspec.Meta(ge=1, le=LARGEST)] = 9
    source: str = ""

    def too_many(self, count: int) -> bool:
        """Say whether so many are more than a form may bring."""
        return count > self.most
