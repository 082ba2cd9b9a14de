"""Reading what providers answer: values of the shape that is expected or none, and words fit to show.

Nothing here raises for anything that JSON can hold.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from providers.http import Answer

TEXT_LIMIT = 500
LINK_LIMIT = 4096
_MOST = 1_000_000  # no single figure of a provider is larger, in dollars or in units
_LONGEST_WAIT = 3600.0
_SHORTEST_KEY = 6
_LAST_SECOND = 100_000_000_000  # what is larger are milliseconds
_MARKUP = re.compile(r"<[^<>]*>")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,30}(\.[0-9]{1,6})?", re.ASCII)
_MAGIC = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


def fields(value: object) -> Mapping[str, object]:
    """An object's fields; none for anything else."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> Sequence[Mapping[str, object]]:
    """The objects of a list; none for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def words(value: object, *hidden: str) -> str:
    """A provider's own text for people: at most 500 characters, no markup, nothing that does not print.

    A key that is `hidden` is left out where the provider repeats it, each of its parts as well.
    """
    text = value[: TEXT_LIMIT * 20] if isinstance(value, str) else ""
    for secret in hidden:
        for part in (secret, *secret.split(":")):
            text = text.replace(part, "…") if len(part) >= _SHORTEST_KEY else text
    text = _MARKUP.sub(" ", text)
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())[:TEXT_LIMIT].strip()


def sentence(text: str) -> str:
    """The text with a full stop; empty as it is."""
    return text if not text or text[-1] in ".!?…" else f"{text}."


def joined(*parts: str) -> str:
    """Sentences after each other, without those that are empty."""
    return " ".join(filter(None, parts))


def plain(value: object, most: int = 100) -> str:
    """A word of a protocol, such as a state, a code or a cursor; empty for anything else."""
    return value if isinstance(value, str) and len(value) <= most and value.isprintable() else ""


def identifier(value: object) -> str:
    """An id that can stand in a path as it is; empty for anything else."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text if isinstance(text, str) and _ID.fullmatch(text) else ""


def link(value: object) -> str:
    """An address over http or https; empty for anything else. Whether to go there is decided elsewhere."""
    if not isinstance(value, str) or len(value) > LINK_LIMIT or not value.isascii():
        return ""
    if not value.isprintable() or " " in value or "\\" in value:
        return ""
    try:
        parts = urlsplit(value)
        return value if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 else ""
    except ValueError:
        return ""


def number(value: object) -> Decimal | None:
    """A figure from 0 to a million, written as a number or as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 40:
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found <= _MOST else None


def whole(value: object) -> int | None:
    """A whole number of 64 bits from 0; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def moment(value: object) -> datetime | None:
    """A time in ISO 8601, or in seconds or milliseconds since 1970; None for anything else."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value if value < _LAST_SECOND else value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def wait(answer: Answer) -> float | None:
    """Seconds of a Retry-After, a number or a date, at most an hour; None where there is none to read."""
    text = answer.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), _LONGEST_WAIT)
    try:
        left = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):  # no date, or one without its zone
        return None
    return min(max(left, 0.0), _LONGEST_WAIT)


def picture_type(data: bytes) -> str:
    """The media type of a picture by its first bytes."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), "application/octet-stream")


def key_text(secret: str) -> str:
    """A key as it can stand in a header: what cannot is left out, and the provider then refuses the key."""
    return "".join(letter for letter in secret if "!" <= letter <= "~") or "-"
