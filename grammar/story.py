"""A story told in one text, taken apart into a line for all panels and one text per panel."""

import re

from grammar.reading import split_panels

MOST = 9
_BEAT = re.compile(
    r"(?:(?<=^)|(?<=[.;:!?\n,])|(?<=\band))\s*"
    r"\b(first|then|next|after that|later|finally|at last|lastly)\b[,:]?\s+",
    re.IGNORECASE,
)


def panels_of(text: str) -> tuple[str, tuple[str, ...]]:
    """What holds for all, and the panels: "Panel 1: … Panel 2: …", or "first … then … finally".

    No panels where the text counts none, or only one.
    """
    style, panels = split_panels(text)
    if len(panels) > 1:
        return style, panels[:MOST]
    marks = list(_BEAT.finditer(text))
    if len(marks) < 2 or marks[0][1].lower() != "first":
        return text, ()
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    beats = (text[mark.end() : end] for mark, end in zip(marks, ends, strict=True))
    told = tuple(clean for beat in beats if (clean := beat.strip(" ,;.\n")))
    return text[: marks[0].start()].strip(" ,;\n"), told[:MOST] if len(told) > 1 else ()
