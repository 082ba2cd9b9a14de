"""What differs between stills: their recipes side by side, and prompts word by word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from generations import words as named
from generations.models import Generation

# A word or a sign with the space before it, and what space is left at the end.
_WORD = re.compile(r"\s*[\w'’-]+|\s*[^\w\s]|\s+$")
_ALIKE = 0.4


@dataclass(frozen=True, slots=True)
class Span:
    """A run of words: "same" in both texts, "added" by the newer or "removed" from the older one.

    Texts that have little in common are told whole: "whole" is the newer one, "instead" the older one.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter in which not all are alike. `spans` has one list per still where the value is a text."""

    label: str
    values: Sequence[str]
    spans: Sequence[Sequence[Span]]


def recipe(generation: Generation, seed: int) -> dict[str, str]:
    """Everything that was chosen for a still, by the words of the composer, as strings for people."""
    request = generation.request
    guides = [f"{index}. {one['role']}: {one['name']}" for index, one in enumerate(request["references"], 1)]
    return {
        "Prompt": generation.prompt,
        "Negative prompt": str(request["negative_prompt"]),
        "Model": named.model(generation.model),
        "Route": named.route(generation.route),
        "Ratio": str(request["aspect_ratio"]),
        "Resolution": generation.resolution,
        "Format": generation.media_format.upper(),
        "Series": "yes" if generation.is_series else "no",
        "References": "\n".join(guides),
        "Seed": str(seed),
    }


def differing(recipes: Sequence[dict[str, str]]) -> list[Row]:
    """The rows in which `recipes` are not all alike; texts are told word by word against the first."""
    rows = []
    for label in recipes[0]:
        values = [one[label] for one in recipes]
        if len(set(values)) > 1:
            told = [words(values[0], value) for value in values] if "rompt" in label else []
            rows.append(Row(label, values, told))
    return rows


def words(older: str, newer: str) -> list[Span]:
    """`newer` with what was added to `older` and what was taken away, in reading order.

    Texts that have little in common are told whole, the newer one first: a patchwork would help nobody.
    """
    before, after = _WORD.findall(older), _WORD.findall(newer)
    matcher = SequenceMatcher(None, _bare(before), _bare(after), autojunk=False)
    if matcher.ratio() < _ALIKE:
        return _told([("whole", [newer]), ("instead", [older])])
    pieces: list[tuple[str, Sequence[str]]] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(("same", after[c:d]))
        else:
            pieces += [("removed", before[a:b]), ("added", after[c:d])]
    return _told(pieces)


def _bare(tokens: Sequence[str]) -> list[str]:
    """Words without the space before them, so that "fog" at the start of a line is the same word."""
    return [token.strip() for token in tokens]


def _told(pieces: Sequence[tuple[str, Sequence[str]]]) -> list[Span]:
    return [Span(kind, "".join(tokens)) for kind, tokens in pieces if any(tokens)]


def verdict(rows: Sequence[Row]) -> str:
    """The badge: "Nothing changed", "1 thing changed", "4 things changed"."""
    if not rows:
        return "Nothing changed"
    return "1 thing changed" if len(rows) == 1 else f"{len(rows)} things changed"
