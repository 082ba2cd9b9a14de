"""Reading a pasted cURL line: its address and its data. Keys in it are noticed and dropped."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PIECE = re.compile(
    r"""
    (?P<space>\s+)
    | '(?P<single>[^']*)'
    | \$'(?P<escaped>(?:\\.|[^'\\])*)'
    | "(?P<double>(?:\\.|[^"\\])*)"
    | (?P<join>\\\r?\n)
    | \\(?P<literal>.)
    | (?P<end>[;|>]|&(?=[\s&]|$))
    | (?P<plain>(?:[^\s'"\\;|>&$]|\$(?!')|&(?![\s&]|$))+)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|.)", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}
_SWITCHES = "0123456789#aBfgGiIjJkLlMnNOpqRsSvVZ"  # letters that take no value and may stand together
_LONG_WITH_VALUE = re.compile(
    r"url|request|header|user|user-agent|output|cookie|cookie-jar|referer|max-time|connect-timeout|retry"
    r"|retry-delay|proxy|form|form-string|cert|key|cacert|capath|resolve|interface|limit-rate|write-out"
    r"|oauth2-bearer|json|data(?:-raw|-binary|-ascii|-urlencode)?"
)
_DATA = frozenset({"d", "data", "data-raw", "data-binary", "data-ascii", "json"})
_KEYS = frozenset({"u", "user", "oauth2-bearer", "b", "cookie", "E", "cert", "key"})
_KEY_HEADER = re.compile(r"authorization|proxy-authorization|cookie|[\w-]*api-?key", re.IGNORECASE)
# A scheme without a credential, or with a variable for it, is no key.
_NO_KEY = re.compile(r"(?:(?:bearer|key|basic|token)\b)?\s*(?:\$\S+)?", re.IGNORECASE)


class CannotRead(ValueError):  # noqa: N818 - reads as the fact it reports
    """The line is not a complete cURL call; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Call:
    """`address` is empty where the line has none; `has_key` tells that a credential was dropped."""

    address: str
    data: str
    has_key: bool


def is_call(text: str) -> bool:
    return re.match(r"(?:\$\s*)?curl(?:\.exe)?\s", text) is not None


def parse(text: str) -> Call:
    """The call that the line makes, or `CannotRead`."""
    address, data, has_key = "", [], False
    for option, value in _options(_words(text)):
        if option in _DATA:
            data.append(value)
        elif option in _KEYS or (option in ("H", "header") and _is_key(value)):
            has_key = True
        elif option == "url" or (not option and not address and "/" in value and "." in value):
            address = value
    if any(part.startswith("@") for part in data):
        raise CannotRead("The cURL line sends a file. Paste the text of the file instead.")
    if not data:
        raise CannotRead("The cURL line carries no body; nothing was taken from it.")
    return Call(address, "&".join(data), has_key)


def _is_key(header: str) -> bool:
    name, _, value = header.partition(":")
    return bool(_KEY_HEADER.fullmatch(name.strip())) and not _NO_KEY.fullmatch(value.strip())


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Every option with its value, empty for a switch; a word that is no option comes with an empty one."""
    rest = iter(words[2:] if words[0] == "$" else words[1:])
    for word in rest:
        if word.startswith("--"):
            yield word[2:], next(rest, "") if _LONG_WITH_VALUE.fullmatch(word[2:]) else ""
        elif word.startswith("-"):
            taker = word.lstrip("-").lstrip(_SWITCHES)
            if taker:
                yield taker[0], taker[1:] or next(rest, "")
        else:
            yield "", word


def _words(line: str) -> list[str]:
    """The words of one command as bash reads them, variables left as they stand."""
    words: list[str] = []
    parts: list[str] = []
    for kind, text in _pieces(line):
        if kind in ("space", "end"):
            words += ["".join(parts)] if parts else []
            parts = []
        elif kind != "join":
            parts.append(_plain(kind, text))
    return words


def _pieces(line: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(line):
        piece = _PIECE.match(line, place)
        if piece is None:
            raise CannotRead("The cURL line ends inside a quotation; nothing was taken from it.")
        kind = piece.lastgroup or ""
        if kind == "end":
            break
        yield kind, piece[kind]
        place = piece.end()
    yield "end", ""


def _plain(kind: str, text: str) -> str:
    if kind == "double":
        return re.sub(r'\\(?:\r?\n|([$`"\\]))', lambda escape: escape[1] or "", text)
    if kind == "escaped":
        written = _ESCAPE.sub(lambda escape: _character(escape[1]), text)
        return written.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _character(code: str) -> str:
    if code[0] in "xuU" and len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number <= 0x10FFFF else "\N{REPLACEMENT CHARACTER}"
    if code[0] in "01234567":
        return chr(int(code, 8))
    return _CONTROLS.get(code, code)
