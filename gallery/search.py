"""Reading what was typed into the search field: words, and the few prefixes that narrow the gallery."""

import re
from dataclasses import dataclass

STATUSES = ("all", "picks", "drops", "unreviewed", "favourites", "flagged")
LONGEST = 200
WORDS_MOST = 8

_PART = re.compile(r'"([^"]*)"|(\S+)')
_RATING = re.compile(r"rating(>=|>|=|:)([0-5])", re.IGNORECASE)
_NAMED = re.compile(r"(model|status|by):([\w.-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Search:
    """What a line asks for; empty fields ask for nothing. `rating` is the least number of stars, 0 to 6.

    Six stars match nothing, which is what `rating>5` asks for.
    """

    words: tuple[str, ...] = ()
    rating: int = 0
    model: str = ""
    status: str = ""
    mine: bool = False


def parse(line: str) -> Search:
    """Read any line without complaint: a prefix that is not known is a word like any other."""
    words: list[str] = []
    rating, model, status, mine = 0, "", "", False
    for quoted, plain in _PART.findall(line[:LONGEST]):
        named = _NAMED.fullmatch(plain)
        name, value = (named[1].lower(), named[2].lower()) if named else ("", "")
        if stars := _RATING.fullmatch(plain):
            rating = int(stars[2]) + (stars[1] == ">")
        elif name == "model":
            model = value
        elif name == "status" and value in STATUSES:
            status = value
        elif name == "by" and value == "me":
            mine = True
        elif word := (quoted.strip() or plain.strip('"')):
            words.append(word)
    return Search(tuple(words[:WORDS_MOST]), rating, model, status, mine)
