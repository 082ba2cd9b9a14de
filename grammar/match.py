"""Finding the vocabulary in a text, and knowing afterwards which words nobody claimed."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from grammar.words import Phrases

NEGATION = re.compile(r"\b(?:no|not|without|avoid|never|isn't|aren't)\s+(?:any\s+|a\s+|the\s+|visible\s+)?$")
WORD = re.compile(r"[^\W_]+(?:['’./-][^\W_]+)*")
STOP_WORDS = frozenset(
    word
    for line in (
        "a an the of in on at to and or with by for from into as is are be its it this that these those",
        "over under up down out off near through across very their his her she he they him them there",
        "where while who which one shot shots view camera lens mm angle film still cinematic image",
        "picture photo photograph photography style scene against behind front around between toward",
        "towards onto but like some then panel frame light lighting lit air standing two three",
        "photorealistic stock color colour palette key left right no not without text reads saying each",
        "other",
    )
    for word in line.split()
)


@dataclass(slots=True)
class Text:
    """A prompt in lower case with a mark on every character that some rule has read.

    `negative` is the negative prompt in lower case: what it names is read nowhere. `things` are the handles
    that stand for no person.
    """

    lower: str
    negative: str = ""
    things: frozenset[str] = frozenset()
    claimed: bytearray = field(init=False)
    phrases: list[tuple[int, int]] = field(default_factory=list)
    read: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.claimed = bytearray(len(self.lower))

    def claim(self, start: int, end: int) -> None:
        self.claimed[start:end] = b"\x01" * (end - start)

    def lies_within_phrase(self, start: int, end: int) -> bool:
        """Whether these words are part of a longer phrase that was read: the field of "depth of field"."""
        return any(
            first <= start and end <= last and last - first > end - start for first, last in self.phrases
        )

    def note(self, label: str) -> None:
        if label not in self.read:
            self.read.append(label)


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of the vocabulary at a position of the text."""

    value: str
    phrase: str
    start: int
    end: int


@lru_cache(maxsize=64)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    joined = "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in longest_first)
    return re.compile(rf"(?<![\w@]){'(?:' + joined + ')'}(?!\w)")


def find(text: Text, table: Phrases) -> list[Hit]:
    """Every phrase of the table, in order of appearance; what is negated is claimed but not returned."""
    meaning: dict[str, str] = {}
    for value, phrases in table.items():
        for phrase in phrases:
            meaning.setdefault(phrase, value)
    hits = []
    unwanted = _named(meaning, text.negative)
    for match in _pattern(tuple(meaning)).finditer(text.lower):
        if text.lies_within_phrase(match.start(), match.end()):
            continue
        text.claim(match.start(), match.end())
        text.phrases.append(match.span())
        if NEGATION.search(text.lower[max(0, match.start() - 24) : match.start()]):
            continue
        phrase = re.sub(r"\s+", " ", match.group())
        if meaning[phrase] not in unwanted:
            hits.append(Hit(meaning[phrase], phrase, match.start(), match.end()))
    return hits


def _named(meaning: dict[str, str], negative: str) -> frozenset[str]:
    """The values of a table that the negative prompt names."""
    if not negative:
        return frozenset()
    found = _pattern(tuple(meaning)).findall(negative)
    return frozenset(meaning[re.sub(r"\s+", " ", phrase)] for phrase in found)


def first(text: Text, table: Phrases, default: str) -> str:
    """The value that the text names first; the longest phrase wins where several begin together."""
    hits = find(text, table)
    if not hits:
        return default
    text.note(hits[0].phrase)
    return hits[0].value


def every(text: Text, table: Phrases) -> tuple[str, ...]:
    """Every value that the text names, each once, in order of appearance."""
    hits = find(text, table)
    for hit in hits:
        text.note(hit.phrase)
    return tuple(dict.fromkeys(hit.value for hit in hits))


def unclaimed(text: Text, limit: int = 24) -> tuple[str, ...]:
    """Runs of words that no rule has read, clause by clause, without the small words at their ends."""
    runs: list[str] = []
    for clause in re.finditer(r"[^.,;:!?\n()\[\]\"“”]+", text.lower):
        words = [(m.group(), m.start() + clause.start()) for m in WORD.finditer(clause.group())]
        runs.extend(_runs(text, words))
    return tuple(dict.fromkeys(runs))[:limit]


def _runs(text: Text, words: list[tuple[str, int]]) -> list[str]:
    runs: list[list[str]] = [[]]
    for word, start in words:
        if text.claimed[start]:
            runs.append([])
        else:
            runs[-1].append(word)
    trimmed = (_trim(run) for run in runs)
    return [" ".join(run) for run in trimmed if run]


def _trim(run: list[str]) -> list[str]:
    meaningful = [index for index, word in enumerate(run) if word not in STOP_WORDS]
    return run[meaningful[0] : meaningful[-1] + 1] if meaningful else []
