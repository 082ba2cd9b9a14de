"""Reading the cast: how many people, what they do, wear and carry."""

import re
import sys
from dataclasses import dataclass, replace

from grammar import moods, people, words
from grammar.match import Hit, Text, every, find, first
from grammar.mentions import REFERENCE_PREFIX, mentions
from grammar.scene import Subject

COUNTED = re.compile(r"\b(two|three|2|3)\s+(?:[\w-]+\s+){0,2}?(\w+)")
PRONOUN = re.compile(r"\b(she|her|he|his|him)\b")
STRIPED = re.compile(r"\b(?:striped|pinstripes?|pinstriped|stripes)\b")
SOFT_CLOTHES = re.compile(r"\b(?:wool|woollen|cotton|linen|silk|velvet|leather)\b")
NEWCOMER = re.compile(r"\b(?:an?|another|one)\s+(?:[\w-]+\s+){0,3}$")
DEFAULT_CLOTHES = ("jacket", "coat", "suit")
MOST = 3


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody named in the text, by handle or by noun, and where."""

    name: str
    build: str
    start: int


def cast(text: Text) -> tuple[Subject, ...]:
    """One to three figures, or none where the text names nobody."""
    nouns = find(text, people.PEOPLE)
    called = _handles(text, nouns)
    called += [
        Named(hit.phrase, hit.value, hit.start)
        for hit in nouns
        if not _is_apposition(text.lower, hit) and (not called or _is_new(text.lower, hit))
    ]
    named = sorted({one.name: one for one in reversed(called)}.values(), key=lambda one: one.start)
    nobody = _nobody(text)
    count = 0 if nobody else min(MOST, max(_counted(text), len(named)))
    if not count and not nobody and _pronoun(text):
        count = 1
    if not count:
        return ()
    named = named[:count] or [Named("person", "neutral", -1)]
    for one in named:
        text.note(one.name)
    return _dressed(text, count, _refined(named, text.lower))


def portrait(description: str) -> Subject:
    """What the description of a character or a costume says about build, clothes and hat."""
    text = Text(description.lower())
    builds = [hit.value for hit in find(text, people.PEOPLE)]
    build = next((build for build in builds if build != "neutral"), "neutral")
    return _dressed(text, 1, _refined([Named("person", build, -1)], text.lower))[0]


def _handles(text: Text, nouns: list[Hit]) -> list[Named]:
    """'@mara as a space marine' is one person, whose build the noun may tell; '@ref-…' is a picture."""
    named: list[Named] = []
    for mention in mentions(text.lower):
        if mention.name.startswith(REFERENCE_PREFIX) or mention.name in text.things:
            continue
        after = [hit for hit in nouns if 0 < hit.start - mention.end < 40]
        build = next((hit.value for hit in after if _is_apposition(text.lower, hit)), "neutral")
        named.append(Named(mention.name, build, mention.start))
    return named


def _is_new(lower: str, hit: Hit) -> bool:
    """Beside handles a noun is somebody else only when it is introduced: 'a guard', not 'the woman'."""
    return NEWCOMER.search(lower[max(0, hit.start - 40) : hit.start]) is not None


def _refined(named: list[Named], lower: str) -> list[Named]:
    """'A figure walks. She …': the pronoun says what the noun left open."""
    spoken = PRONOUN.search(lower)
    if not spoken or named[0].build != "neutral":
        return named
    build = "woman" if spoken.group(1) in ("she", "her") else "man"
    return [replace(named[0], build=build), *named[1:]]


def props_of(text: Text) -> tuple[str, ...]:
    return every(text, people.PROPS)


def _is_apposition(lower: str, hit: Hit) -> bool:
    """'@mara as a space marine' is one person."""
    return (
        re.search(
            r"@[\w-]+,?\s+(?:as\s+)?(?:an?|the)\s+(?:[\w-]+\s+){0,3}$",
            lower[max(0, hit.start - 48) : hit.start],
        )
        is not None
    )


def _nobody(text: Text) -> bool:
    hits = find(text, {"nobody": people.NOBODY})
    for hit in hits:
        text.note(hit.phrase)
    return any(
        hit.phrase in ("nobody", "no people", "no one", "without people", "unpeopled") for hit in hits
    ) or bool(hits and not find(text, people.POSES))


def _counted(text: Text) -> int:
    nouns = {noun for phrases in (*people.PEOPLE.values(), *people.PLURALS.values()) for noun in phrases}
    best = 0
    for match in COUNTED.finditer(text.lower):
        noun = match.group(2)
        if noun in nouns or noun.rstrip("s") in nouns:
            text.claim(match.start(), match.end())
            text.note(match.group())
            best = max(best, people.COUNTS[match.group(1)])
    if best:
        find(text, people.PLURALS)
        return best
    return int(first(text, people.PLURALS, "0"))


def _pronoun(text: Text) -> bool:
    hits = find(text, {pronoun: (pronoun,) for pronoun in people.PRONOUNS})
    return bool(hits)


def _dressed(text: Text, count: int, named: list[Named]) -> tuple[Subject, ...]:
    """The figures with what they do, wear and face; the last of the named stand for those not named."""
    poses, outfits = _noted(text, people.POSES), _noted(text, people.CLOTHES)
    striped = _claimed(text, STRIPED) and bool(outfits)
    _claimed(text, SOFT_CLOTHES)
    hats = _distinct(_noted(text, people.HATS))
    facings = _distinct(_noted(text, people.FACINGS))
    subjects = []
    for index in range(count):
        one = named[index] if index < len(named) else replace(named[0], name="person", start=-1)
        bare = Subject(
            name=one.name,
            pose=_pose(poses, named, index),
            build=one.build,
            hat=hats[index] if index < len(hats) else "",
            facing=facings[index] if index < len(facings) else (facings[0] if facings else ""),
        )
        subjects.append(_wearing(text, bare, index, _outfit(outfits, named, index), striped))
    return tuple(subjects)


def _near(hits: list[Hit], named: list[Named], index: int) -> Hit | None:
    """The first of the hits between this mention and the next."""
    if index >= len(named) or named[index].start < 0:
        return None
    end = named[index + 1].start if index + 1 < len(named) else sys.maxsize
    return next((hit for hit in hits if named[index].start < hit.start < end), None)


def _pose(poses: list[Hit], named: list[Named], index: int) -> str:
    """The verb said of this one; else the next that is said of anybody, else the last."""
    own = _near(poses, named, index)
    if own:
        return own.value
    if index < len(named) and named[index].start >= 0:
        later = [hit.value for hit in poses if hit.start > named[index].start]
        if later:
            return later[0]
    values = _distinct(poses) or ["stand"]
    return values[min(index, len(values) - 1)]


def _outfit(outfits: list[Hit], named: list[Named], index: int) -> Hit | None:
    """What this one wears; clothes that are said of somebody in particular are not handed on to others."""
    own = _near(outfits, named, index)
    if own or not outfits:
        return own
    taken = [_near(outfits, named, other) for other in range(len(named))]
    if len(named) > 1 and all(hit in taken for hit in outfits):
        return None
    return outfits[min(index, len(outfits) - 1)]


def _wearing(text: Text, subject: Subject, index: int, outfit: Hit | None, striped: bool) -> Subject:
    """The figure in the outfit named for it; who wears a dress and is not described is drawn as a woman."""
    if outfit is None:
        return replace(subject, clothes=DEFAULT_CLOTHES[index])
    return replace(
        subject,
        clothes=outfit.value,
        dressed=True,
        colour=_colour_before(text, outfit),
        build="woman" if outfit.value == "dress" and subject.build == "neutral" else subject.build,
        striped=striped,
        bare_arms="gown" in outfit.phrase,
    )


def _claimed(text: Text, pattern: re.Pattern[str]) -> bool:
    """Whether such a word stands in the text, which counts as read."""
    hits = list(pattern.finditer(text.lower))
    for hit in hits:
        text.claim(*hit.span())
        text.note(hit.group())
    return bool(hits)


def _noted(text: Text, table: words.Phrases) -> list[Hit]:
    hits = find(text, table)
    for hit in hits:
        text.note(hit.phrase)
    return hits


def _distinct(hits: list[Hit]) -> list[str]:
    return list(dict.fromkeys(hit.value for hit in hits))


def _colour_before(text: Text, outfit: Hit) -> str:
    """'a long red coat': the colour word in the three words before the garment."""
    before = text.lower[max(0, outfit.start - 30) : outfit.start]
    spoken: list[str] = re.findall(r"[a-z]+", before)[-3:]
    for word in reversed(spoken):
        if word in moods.HUES:
            start = outfit.start - len(before) + before.rfind(word)
            text.claim(start, start + len(word))
            text.note(f"{word} {outfit.phrase}")
            return word
    return ""
