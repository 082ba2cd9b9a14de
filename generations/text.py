"""Prompts as a route receives them: normalised, counted in code points, free of what cannot be sent."""

import re
import unicodedata

# Overrides of direction and byte order marks: invisible, and able to make a text read as another one.
_DECEIVING = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")
_CONTROLS = {
    0: "null",
    7: "bell",
    8: "backspace",
    11: "vertical tab",
    12: "form feed",
    27: "escape",
    127: "delete",
}
_BLANK_LETTERS = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}
SHOWN = 40


def compiled(text: str) -> str:
    """The text that counts and is sent: line ends as LF, without marks that only deceive the eye."""
    return _DECEIVING.sub("", _LINE_ENDS.sub("\n", text))


def is_blank(text: str) -> bool:
    """Nothing to see: empty, or only spaces, line ends and characters without width."""
    return all(_is_unseen(character) for character in text)


def intruder(text: str) -> str | None:
    """The first character that no route may receive, by name; None when there is none."""
    for position, character in enumerate(text, start=1):
        if character in "\n\t":
            continue
        category = unicodedata.category(character)
        if category == "Cc":
            name = _CONTROLS.get(ord(character), "control")
            return f"the character U+{ord(character):04X} ({name}) at position {position:,}"
        if category == "Cs":
            return f"half a character (U+{ord(character):04X}) at position {position:,}"
    return None


def quoted(value: object) -> str:
    """What somebody sent, short and harmless enough to stand in a sentence."""
    shown = "".join(c if c.isprintable() else "?" for c in str(value)[:SHOWN])
    return f"“{shown}{'…' if len(str(value)) > SHOWN else ''}”"


def excerpt(text: str, length: int = 160) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text[: 2 * length].split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def _is_unseen(character: str) -> bool:
    return (
        character in _BLANK_LETTERS
        or character.isspace()
        or unicodedata.category(character) in ("Cc", "Cf", "Mn", "Zs")
    )
