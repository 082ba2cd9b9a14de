"""Names that people gave: cleaned for showing, and made safe for files on any system."""

import re
import unicodedata

LONGEST = 120
# Joiners and variation selectors hold emoji together; every other invisible character goes.
_KEPT = {"\u200d", "\ufe0e", "\ufe0f"}
_UNSAFE = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)", re.IGNORECASE)


def clean_name(name: str) -> str:
    """The display name of an uploaded file: no folders, no invisible characters, at most 120 characters."""
    seen = "".join(
        c for c in name if c in _KEPT or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )
    seen = re.split(r"[/\\]", unicodedata.normalize("NFC", seen).rstrip("/\\"))[-1]
    seen = " ".join(seen.split()).strip("\u200d")
    return _shortened(seen) if seen.strip(". ") else "untitled"


def file_name(name: str) -> str:
    """A name that Windows, macOS and Linux all accept as one file in a folder."""
    safe = _UNSAFE.sub("_", clean_name(name)).lstrip("-. ").rstrip(". ")
    return f"_{safe}" if not safe or _RESERVED.match(safe) else safe


def _shortened(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 8:
        return name[:LONGEST].rstrip("\u200d ")
    return stem[: LONGEST - len(ending) - 1].rstrip("\u200d ") + "." + ending
