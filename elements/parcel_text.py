"""The element.json of a parcel: an element in words, written and strictly read. Pure.

Reading takes nothing for granted: whatever is missing, unknown or of a wrong kind is named in one sentence.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from unicodedata import category

from accounts.people import RefusedError

FORMAT = 1
FILE = "element.json"
MOST_PEOPLE = 99


class ParcelRefusedError(RefusedError):
    """The parcel is not taken; the text is one sentence for people on what is wrong with it."""


@dataclass(frozen=True, slots=True)
class PhotoText:
    """A photo: its file beside the element.json, what it shows, and the face in fractions of the picture."""

    file: str
    angle: str
    name: str = ""
    origin: str = "photographed"
    sha256: str = ""
    people: int | None = None
    face: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class ConsentText:
    state: str
    uses: tuple[str, ...] = ()
    expires_on: date | None = None
    ended_on: date | None = None
    note: str = ""
    file: str = ""
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class ElementText:
    """`version` is the number that the exported version had; importing begins again at 1."""

    handle: str
    name: str
    kind: str
    photos: tuple[PhotoText, ...]
    version: int = 1
    title: str = ""
    description: str = ""
    wardrobe: tuple[str, ...] = ()
    notes: str = ""
    colour: str = ""
    tags: tuple[str, ...] = ()
    consent: ConsentText | None = None


def written(element: ElementText) -> bytes:
    content = {"format": FORMAT, **asdict(element)}
    return json.dumps(content, ensure_ascii=False, indent=2, default=str).encode() + b"\n"


def read(content: bytes, where: str) -> ElementText:
    """The element of an element.json; `where` names the file in sentences. Raises ParcelRefusedError."""
    try:
        found = json.loads(content.decode())
    except (ValueError, RecursionError):
        raise ParcelRefusedError(f"{where} is not valid JSON.") from None
    fields = _Fields(found, where)
    if fields.number("format") != FORMAT:
        raise ParcelRefusedError(f"{where} has a format that is not known here; this studio reads {FORMAT}.")
    consent = fields.inner("consent")
    element = ElementText(
        handle=fields.text("handle"),
        name=fields.text("name"),
        kind=fields.text("kind"),
        photos=tuple(_photo(photo) for photo in fields.inners("photos")),
        version=fields.number("version") or 1,
        title=fields.text("title"),
        description=fields.text("description"),
        wardrobe=fields.texts("wardrobe"),
        notes=fields.text("notes"),
        colour=fields.text("colour"),
        tags=fields.texts("tags"),
        consent=_consent(consent) if consent else None,
    )
    fields.end()
    return element


def _photo(fields: "_Fields") -> PhotoText:
    photo = PhotoText(
        file=fields.plain_name("file"),
        angle=fields.text("angle"),
        name=fields.text("name"),
        origin=fields.text("origin") or "photographed",
        sha256=fields.text("sha256"),
        people=fields.number("people", most=MOST_PEOPLE),
        face=fields.box("face"),
    )
    fields.end()
    return photo


def _consent(fields: "_Fields") -> ConsentText:
    consent = ConsentText(
        state=fields.text("state"),
        uses=fields.texts("uses"),
        expires_on=fields.day("expires_on"),
        ended_on=fields.day("ended_on"),
        note=fields.text("note"),
        file=fields.plain_name("file"),
        file_name=fields.text("file_name"),
    )
    fields.end()
    return consent


class _Fields:
    """The fields of one JSON object, taken one by one; `end` names those that nobody took."""

    def __init__(self, found: object, where: str) -> None:
        if not isinstance(found, Mapping):
            raise ParcelRefusedError(f"{where} does not hold what an element.json holds.")
        self._left = dict(found)
        self._where = where

    def text(self, name: str) -> str:
        value: str = self._left.pop(name, "")
        if not _is_text(value):
            raise self._wrong(name, "a text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._left.pop(name, [])
        if not isinstance(value, list) or not all(
            isinstance(one, str) and one.isprintable() for one in value
        ):
            raise self._wrong(name, "a list of texts")
        return tuple(value)

    def plain_name(self, name: str) -> str:
        value = self.text(name)
        if value in (".", "..") or any(mark in value for mark in "/\\:"):
            raise ParcelRefusedError(f"In {self._where}, “{name}” leads out of its folder.")
        return value

    def number(self, name: str, most: int = 1_000_000) -> int | None:
        value = self._left.pop(name, None)
        if value is None:
            return None
        if type(value) is not int or not 0 <= value <= most:
            raise self._wrong(name, f"a whole number up to {most:,}")
        return value

    def day(self, name: str) -> date | None:
        value = self._left.pop(name, None)
        try:
            return None if value is None else date.fromisoformat(value)
        except (TypeError, ValueError):
            raise self._wrong(name, "a day such as 2027-03-01") from None

    def box(self, name: str) -> tuple[float, float, float, float] | None:
        value = self._left.pop(name, None)
        if value is None:
            return None
        numbers = [one for one in value if _is_fraction(one)] if isinstance(value, list) else []
        if len(numbers) != 4 or len(value) != 4 or 0 in numbers[2:]:
            raise self._wrong(name, "four fractions: left, top, width and height")
        left, top, width, height = map(float, numbers)
        return left, top, width, height

    def inner(self, name: str) -> "_Fields | None":
        value = self._left.pop(name, None)
        return None if value is None else _Fields(value, f"{self._where}, {name}")

    def inners(self, name: str) -> "list[_Fields]":
        value = self._left.pop(name, [])
        if not isinstance(value, list):
            raise self._wrong(name, "a list")
        return [_Fields(one, f"{self._where}, {name} {at}") for at, one in enumerate(value, start=1)]

    def end(self) -> None:
        if self._left:
            name = "".join(c if c.isprintable() else "?" for c in next(iter(self._left)))[:40]
            raise ParcelRefusedError(f"{self._where} has a field that is not known here: “{name}”.")

    def _wrong(self, name: str, what: str) -> ParcelRefusedError:
        return ParcelRefusedError(f"In {self._where}, “{name}” is not {what}.")


def _is_text(value: object) -> bool:
    """Whether a database and a page can hold it: no control characters, no halves of characters."""
    return isinstance(value, str) and not any(
        category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in value
    )


def _is_fraction(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and 0 <= value <= 1  # type: ignore[arg-type, operator]
