"""Reading the cast: how many people, what they do, wear and carry."""

import re
from dataclasses import replace

from grammar import moods, people, words
from grammar.match import Hit, Text, every, find, first
from grammar.scene import Subject

HANDLE = re.compile(r"(?<!\w)@([a-z][\w-]*)")
COUNTED = re.compile(r"\b(two|three|2|3)\s+(?:[\w-]+\s+){0,2}?(\w+)")
PRONOUN = re.compile(r"\b(she|her|he|his|him)\b")
STRIPED = re.compile(r"\b(?:striped|pinstripes?|pinstriped|stripes)\b")
SOFT_CLOTHES = re.compile(r"\b(?:wool|woollen|cotton|linen|silk|velvet|leather)\b")
DEFAULT_CLOTHES = ("jacket", "coat", "suit")
MOST = 3


def cast(text: Text) -> tuple[Subject, ...]:
    """One to three figures, or none where the text names nobody."""
    builds = [hit for hit in find(text, people.PEOPLE) if not _is_apposition(text.lower, hit)]
    handles = [
        match.group(1) for match in HANDLE.finditer(text.lower) if not match.group(1).startswith("image")
    ]
    for match in HANDLE.finditer(text.lower):
        text.claim(match.start(), match.end())
    nobody = _nobody(text)
    count = (
        0
        if nobody
        else min(MOST, max(_counted(text), len(set(handles)), len({hit.phrase for hit in builds})))
    )
    if not count and not nobody and _pronoun(text):
        count = 1
    if not count:
        return ()
    names = list(dict.fromkeys([*handles, *(hit.phrase for hit in builds)])) or ["person"]
    for name in names[:count]:
        text.note(name)
    return _dressed(text, count, names, _refined([hit.value for hit in builds], text.lower))


def _refined(builds: list[str], lower: str) -> list[str]:
    """'A figure walks. She …': the pronoun says what the noun left open."""
    if builds and builds[0] != "neutral":
        return builds
    spoken = PRONOUN.search(lower)
    if not spoken:
        return builds
    return ["woman" if spoken.group(1) in ("she", "her") else "man", *builds[1:]]


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


def _dressed(text: Text, count: int, names: list[str], builds: list[str]) -> tuple[Subject, ...]:
    poses = _in_order(text, people.POSES) or ["stand"]
    outfits = find(text, people.CLOTHES)
    for hit in outfits:
        text.note(hit.phrase)
    striped = _claimed(text, STRIPED) and bool(outfits)
    _claimed(text, SOFT_CLOTHES)
    hats = _in_order(text, people.HATS)
    facings = _in_order(text, people.FACINGS)
    bare = [
        Subject(
            name=names[index] if index < len(names) else "person",
            pose=poses[min(index, len(poses) - 1)],
            build=builds[index] if index < len(builds) else (builds[0] if builds else "neutral"),
            hat=hats[index] if index < len(hats) else "",
            facing=facings[index] if index < len(facings) else (facings[0] if facings else ""),
        )
        for index in range(count)
    ]
    return tuple(_wearing(text, subject, index, outfits, striped) for index, subject in enumerate(bare))


def _wearing(text: Text, subject: Subject, index: int, outfits: list[Hit], striped: bool) -> Subject:
    """The figure in the outfit named for it; who wears a dress and is not described is drawn as a woman."""
    if not outfits:
        return replace(subject, clothes=DEFAULT_CLOTHES[index])
    outfit = outfits[min(index, len(outfits) - 1)]
    return replace(
        subject,
        clothes=outfit.value,
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


def _in_order(text: Text, table: words.Phrases) -> list[str]:
    hits = find(text, table)
    for hit in hits:
        text.note(hit.phrase)
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
