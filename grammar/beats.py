"""A story told in one text, split into its beats: "Panel 1: …", or "First … then … finally …"."""

import re

from grammar.reading import split_panels

MOST = 9
_AT = r"(?:^|(?<=[.;,:!?\n])\s*)(?:and\s+)?"
_FIRST = re.compile(_AT + r"first(?:ly)?\b[,:]?\s*", re.IGNORECASE)
_NEXT = re.compile(
    rf"(?:{_AT}|\band\s+)(?:then|next|after(?:\s+that|wards?)|finally|lastly|at\s+last|in\s+the\s+end)\b[,:]?\s*",
    re.IGNORECASE,
)


def split(text: str) -> tuple[str, tuple[str, ...]]:
    """What holds for all of it, and the beats, two to nine; no beats where the text tells none."""
    style, panels = split_panels(text)
    if panels:
        return style, tuple(panels)
    return _in_sequence(text)


def _in_sequence(text: str) -> tuple[str, tuple[str, ...]]:
    opening = _FIRST.search(text)
    if opening is None:
        return text, ()
    told = text[opening.end() :]
    cuts = [match.span() for match in _NEXT.finditer(told)]
    starts, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(told)]
    beats = tuple(_beat(told[start:end]) for start, end in zip(starts, ends, strict=True))
    if not 2 <= len(beats) <= MOST or not all(beats):
        return text, ()
    return text[: opening.start()].strip(" ,;:\n"), beats


def _beat(words: str) -> str:
    """The words between two markers as a panel says them: with a capital, without a trailing comma."""
    bare = words.strip().removesuffix(" and").rstrip(" ,;:")
    return bare[:1].upper() + bare[1:]
