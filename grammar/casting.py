"""Reading the cast: how many people, what they do, wear and carry."""

import re

from grammar import moods, people, words
from grammar.match import Hit, Text, every, find, first
from grammar.scene import Subject

HANDLE = re.compile(r"(?<!\w)@([a-z][\w-]*)")
COUNTED = re.compile(r"\b(two|three|2|3)\s+(?:[\w-]+\s+){0,2}?(\w+)")
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
    return _dressed(text, count, names, [hit.value for hit in builds])


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
    hats = _in_order(text, people.HATS)
    facings = _in_order(text, people.FACINGS)
    return tuple(
        Subject(
            name=names[index] if index < len(names) else "person",
            pose=poses[min(index, len(poses) - 1)],
            build=builds[index] if index < len(builds) else (builds[0] if builds else "neutral"),
            clothes=outfits[min(index, len(outfits) - 1)].value
            if outfits
            else ("jacket", "coat", "suit")[index],
            hat=hats[index] if index < len(hats) else "",
            colour=_colour_before(text, outfits[min(index, len(outfits) - 1)]) if outfits else "",
            facing=facings[index] if index < len(facings) else (facings[0] if facings else ""),
        )
        for index in range(count)
    )


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
