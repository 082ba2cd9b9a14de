"""Names that people type for themselves and for projects."""

import unicodedata

from django.core.exceptions import ValidationError

# Joiners and variation selectors hold emoji together; every other invisible character goes.
_KEPT = {"\u200d", "\ufe0e", "\ufe0f"}
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def tidy(name: str) -> str:
    """The name in one line without invisible characters. Raises ValidationError when nothing is left."""
    seen = "".join(c for c in unicodedata.normalize("NFC", name) if _is_visible(c) or c.isspace())
    text = " ".join(seen.split())
    if not text.strip("".join(_KEPT)):
        raise ValidationError("This field is required.")
    return text


def _is_visible(character: str) -> bool:
    return character in _KEPT or unicodedata.category(character) not in _INVISIBLE
