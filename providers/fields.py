"""Taking known values out of a pasted body; what does not fit becomes a sentence instead."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

LONGEST_NAME = 40
LONGEST_ADDRESS = 2048


class Fields:
    """The fields that are not taken yet, and a sentence for each value that could not be."""

    def __init__(self, body: Mapping[str, object]) -> None:
        self.rest = {name: value for name, value in body.items() if value not in (None, "", [], {})}
        self.left_out: list[str] = []

    def words(self, *names: str) -> str:
        """Text of the first field that is there, always encodable; empty where none is."""
        name, value = self._take(names)
        if isinstance(value, str):
            return sound(value)
        if value is not None:
            self.left_out.append(f"{name} is not text and was left out.")
        return ""

    def number(self, *names: str, least: int, most: int) -> int | None:
        """A whole number from `least` to `most`."""
        name, value = self._take(names)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        if value is not None:
            self.left_out.append(f"{name} is not a whole number from {least} to {most:,} and was left out.")
        return None

    def choice(self, names: tuple[str, ...], choices: Mapping[str, str]) -> str:
        """What `choices` says for the field's text in small letters; empty where it says nothing."""
        name, value = self._take(names)
        chosen = choices.get(value.lower(), "") if isinstance(value, str) else ""
        if value is not None and not chosen:
            offered = ", ".join(dict.fromkeys(choices.values()))
            self.left_out.append(f"{name} is none of {offered} and was left out.")
        return chosen

    def items(self, name: str) -> list[object]:
        """The entries of a list; a single value counts as a list of one."""
        value = self.rest.pop(name, None)
        return value if isinstance(value, list) else [] if value is None else [value]

    def unknown(self, ours: Iterable[str]) -> list[str]:
        """A sentence for each field that nobody took and that is not among `ours`."""
        return [
            f"{readable(name)} is not a field of the composer and was left out."
            for name in self.rest
            if name not in ours
        ]

    def _take(self, names: tuple[str, ...]) -> tuple[str, object]:
        found = [(name, self.rest.pop(name)) for name in names if name in self.rest]
        return found[0] if found else ("", None)


def address(entry: object) -> str:
    """The web address that a list's entry holds, bare or under one name; empty where it holds none."""
    value = next(iter(entry.values()), None) if isinstance(entry, dict) and len(entry) == 1 else entry
    if not isinstance(value, str) or not value.startswith(("https://", "http://")):
        return ""
    return sound(value) if len(value) <= LONGEST_ADDRESS and host(value) else ""


def host(url: str) -> str:
    """The host of an address without credentials; empty for what is no such address."""
    try:
        parts = urlsplit(url)
        return "" if "@" in parts.netloc else readable(parts.hostname or "")
    except ValueError:
        return ""


def sound(text: str) -> str:
    """The text without halves of characters, which no database takes."""
    return text.encode("utf-8", "replace").decode()


def readable(name: str) -> str:
    """A name from elsewhere, short and on one line."""
    shown = "".join(letter if letter.isprintable() else " " for letter in sound(name))
    return shown if len(shown) <= LONGEST_NAME else f"{shown[: LONGEST_NAME - 1]}…"
