"""Mentions in a prompt: `@mara` for an element, `@ref-harbour` for a reference, and the providers' own marks.

A mention is an @ that follows no letter, digit or @, and a name of letters, digits and single hyphens; case
does not count. So "a@b.com" mentions nobody, and "@mara's" mentions mara. The marks `@Element1`, `@Image2`
and `<<<image_1>>>` point at what is attached, by position; `by_name` turns them into names.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"
REFERENCE_PREFIX = "ref-"
LONGEST_NAME = 30

_MENTION = re.compile(rf"(?<![\w@])@({NAME})(?![a-z0-9_@])", re.IGNORECASE)
_MARK = re.compile(
    r"(?<![\w@])@(?P<at>image|element)(?P<number>[0-9]{0,3})(?![\w-])"
    r"|<{2,3}\s*(?P<angled>image|element|object)_(?P<place>[0-9]{1,3})\s*>{2,3}",
    re.IGNORECASE,
)
_RESERVED = re.compile(r"(?:image|element)[0-9]*|ref|ref-.*")


@dataclass(frozen=True, slots=True)
class Mention:
    """`name` in lower case without the @; `start` and `end` are where it stands in the text, @ included."""

    name: str
    start: int
    end: int


def mentions(text: str) -> tuple[Mention, ...]:
    """Every mention by name, in the order of the text; the providers' own marks are not among them."""
    found = (Mention(match[1].lower(), *match.span()) for match in _MENTION.finditer(text))
    return tuple(mention for mention in found if not _MARK.fullmatch(text[mention.start : mention.end]))


def names(text: str) -> tuple[str, ...]:
    """The names mentioned, each once, in the order of their first mention."""
    return tuple(dict.fromkeys(mention.name for mention in mentions(text)))


def by_name(text: str, elements: Sequence[str], references: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The text with every mark as a mention by name, and the marks that point at nothing.

    `elements` and `references` are the names of what is attached, in order. `@Image` alone means the first.
    """
    dangling: list[str] = []

    def named(match: re.Match[str]) -> str:
        kind = (match["at"] or match["angled"]).lower()
        attached = references if kind == "image" else elements
        place = int(match["number"] or match["place"] or 1)
        if 1 <= place <= len(attached):
            return f"@{attached[place - 1]}"
        dangling.append(match[0])
        return match[0]

    return _MARK.sub(named, text), tuple(dict.fromkeys(dangling))


def marks(text: str) -> tuple[str, ...]:
    """The marks of providers as they are written, each once, in the order of the text."""
    return tuple(dict.fromkeys(match[0] for match in _MARK.finditer(text)))


def replaced(text: str, written: Callable[[str], str]) -> str:
    """The text with every mention written as `written(name)` says."""
    parts: list[str] = []
    end = 0
    for mention in mentions(text):
        parts += (text[end : mention.start], written(mention.name))
        end = mention.end
    return "".join((*parts, text[end:]))


def why_not_a_name(name: str) -> str | None:
    """One sentence on what keeps `name` from being an element's handle; None when nothing does."""
    if not name:
        return "A handle has at least one letter."
    if len(name) > LONGEST_NAME:
        return f"A handle has at most {LONGEST_NAME} characters."
    if not re.fullmatch(NAME, name):
        return "A handle has small letters, digits and single hyphens between them, such as mara or red-coat."
    if _RESERVED.fullmatch(name):
        return f"@{name} is kept for pictures and for the providers' own marks. Choose another handle."
    return None


def is_reference(name: str) -> bool:
    """Whether `name` can be that of a reference: "ref-" and a name."""
    tail = name.removeprefix(REFERENCE_PREFIX)
    return tail != name and len(tail) <= LONGEST_NAME and re.fullmatch(NAME, tail) is not None


def as_name(words: str) -> str:
    """A name made from any words; empty when they hold no letter or digit of the Latin alphabet."""
    plain = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
    return plain[:LONGEST_NAME].strip("-")
