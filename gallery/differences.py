"""What differs between stills: their recipes side by side, and prompts word by word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from generations import words as named
from generations.models import Generation

_WORD = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of words that is the same in both texts, only in the newer ("added"), or only in the older."""

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
    """`newer` with what was added to `older` and what was taken away, in reading order."""
    before, after = _WORD.findall(older), _WORD.findall(newer)
    spans: list[Span] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            spans.append(Span("same", "".join(after[c:d])))
            continue
        if b > a:
            spans.append(Span("removed", "".join(before[a:b])))
        if d > c:
            spans.append(Span("added", "".join(after[c:d])))
    return spans


def verdict(rows: Sequence[Row]) -> str:
    """The badge: "Nothing changed", "1 thing changed", "4 things changed"."""
    if not rows:
        return "Nothing changed"
    return "1 thing changed" if len(rows) == 1 else f"{len(rows)} things changed"
