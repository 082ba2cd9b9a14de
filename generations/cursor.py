"""A place in a list that is ordered newest first, for pages by key."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from generations.models import Generation, Output

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOKEN = re.compile(r"([0-9a-f]{1,14})-([0-9a-f]{1,15})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows, named by the row it stands at."""

    at: datetime
    pk: int

    @classmethod
    def of(cls, row: Output | Generation) -> Self:
        return cls(row.created_at, row.pk)

    @classmethod
    def read(cls, token: str) -> Self | None:
        """The cursor in an address; None for anything that `__str__` does not write."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            return None
        try:
            return cls(_EPOCH + timedelta(microseconds=int(found[1], 16)), int(found[2], 16))
        except OverflowError:
            return None

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1):x}-{self.pk:x}"
