"""Reading a prompt into a scene: layer by layer, never guessing, never raising."""

import re
from collections.abc import Sequence
from dataclasses import replace

from grammar import moods, people, words
from grammar.casting import cast, props_of
from grammar.match import Text, every, find, first, unclaimed
from grammar.mentions import mentions
from grammar.scene import Camera, Key, Lettering, Look, Scene, Subject

FOCAL = re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d)?)\s*-?\s*mm\b(?!\s*film)")
APERTURE = re.compile(r"\b(?:f\s*/\s*|t)(\d{1,2}(?:\.\d)?)\b")
KELVIN = re.compile(r"\b(\d{4,5})\s*k\b")
DUTCH = re.compile(r"\b(?:dutch|canted|tilted)\s*(?:angle|tilt|camera)?")
QUOTED = re.compile(
    r"\"([^\"\n]{1,60})\"|“([^”\n]{1,60})”|‘([^’\n]{1,60})’|(?<!\w)'([^'\n]{1,60})'(?!\w)|«([^»\n]{1,60})»"
)
PANEL = re.compile(r"\b(?:panel|frame|shot)\s*(\d{1,2})\s*[:.\-–—]\s*", re.IGNORECASE)
SIGN = re.compile(r"\b(?:neon|sign|billboard|marquee|storefront|shopfront)\b")
SHADOW_HUE = re.compile(rf"\b({'|'.join(moods.HUES)})\s+shadows?\b")
DEFAULT_TIMES = {
    "neon": "night",
    "streetlight": "night",
    "headlights": "night",
    "window": "blue hour",
    "candle": "night",
}


def split_panels(prompt: str) -> tuple[str, tuple[str, ...]]:
    """What stands before the first 'Panel 1:' (it holds for all), and each panel's own text."""
    marks = list(PANEL.finditer(prompt))
    if not marks or marks[0].group(1) != "1":
        return prompt, ()
    ends = [mark.start() for mark in marks[1:]] + [len(prompt)]
    panels = tuple(prompt[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True))
    return prompt[: marks[0].start()].strip(), panels


def read(prompt: str, negative: str = "", things: frozenset[str] = frozenset()) -> Scene:
    """The scene that a prompt asks for; words without a meaning here are listed in `unread`.

    What the `negative` prompt names is left out. A mention such as `@mara` is a person, unless its handle is
    among `things`.
    """
    _, panels = split_panels(prompt)
    lettering, without_quotes = _lettering(prompt)
    text = Text(without_quotes.lower(), negative.lower(), things)
    for mention in mentions(text.lower):
        text.claim(mention.start, mention.end)
        text.phrases.append((mention.start, mention.end))  # '@red-coat' is a name, not a coat
    for mark in PANEL.finditer(text.lower):
        text.claim(mark.start(), mark.end())
    for line in lettering:
        text.note(f"“{line.text}”")
    camera = _camera(text)
    time, weather = first(text, words.TIME_WORDS, ""), first(text, words.WEATHER_WORDS, "")
    place = _place(text)
    practicals, air = every(text, moods.PRACTICAL_WORDS), every(text, words.ATMOSPHERE_WORDS)
    detail = first(text, words.DETAIL_WORDS, "") if camera.shot in words.CLOSE else ""
    subjects = _handed(cast(text)) if detail else cast(text)
    props = props_of(text)
    key, look = _key(text), _look(text)
    return Scene(
        camera=camera if camera.shot else _default_shot(camera, subjects),
        place=place or _default_place(practicals, weather),
        time=time or _default_time(practicals, look),
        weather=weather or "clear",
        wet="wet" in air or weather in ("rain", "storm"),
        haze=0.6 if weather == "fog" else (0.45 if "dust" in air else 0.0),
        key=key,
        look=look,
        practicals=practicals,
        subjects=subjects,
        props=props,
        detail=detail,
        lettering=lettering,
        panels=panels,
        read_words=tuple(text.read),
        unread=unclaimed(text),
        without=_unwanted(negative),
    )


def _handed(subjects: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """Hands belong to somebody, and show what they do."""
    first_of_all = subjects[0] if subjects else Subject()
    return (replace(first_of_all, pose="hold"), *subjects[1:])


def _unwanted(negative: str) -> tuple[str, ...]:
    """What the set builders may not add of their own accord."""
    text = Text(negative.lower())
    tables = (moods.PRACTICAL_WORDS, people.PROPS, words.WEATHER_WORDS, words.ATMOSPHERE_WORDS)
    return tuple(value for table in tables for value in every(text, table))


def _camera(text: Text) -> Camera:
    shot = first(text, words.SHOT_WORDS, "")
    angle = first(text, words.ANGLE_WORDS, "eye level")
    named_lens = float(first(text, words.LENS_WORDS, "0"))
    named_depth = float(first(text, words.DEPTH_WORDS, "0"))
    focal = _number(text, FOCAL, "mm", 8, 400) or named_lens or 35.0
    aperture = _number(text, APERTURE, "f/", 0.7, 32) or named_depth or 5.6
    roll = 0.0
    for match in DUTCH.finditer(text.lower):
        text.claim(match.start(), match.end())
        text.note("dutch angle")
        roll = 11.0
    return Camera(shot, angle, focal, aperture, roll)


def _number(text: Text, pattern: re.Pattern[str], unit: str, low: float, high: float) -> float:
    """The first number with this unit inside its sensible range; 0 when there is none."""
    for match in pattern.finditer(text.lower):
        value = float(match.group(1))
        if low <= value <= high:
            text.claim(match.start(), match.end())
            text.note(f"f/{value:g}" if unit == "f/" else f"{value:g} {unit}")
            return value
    return 0.0


def _key(text: Text) -> Key:
    named = int(first(text, moods.KELVIN_WORDS, "0"))
    kelvin = int(_number(text, KELVIN, "K", 1000, 20000)) or named
    directions = every(text, moods.KEY_WORDS)
    direction = next((side for side in directions if side != "side"), "side" if directions else "")
    hard = first(text, moods.HARDNESS_WORDS, "") != "soft"
    return Key(direction, kelvin, hard, first(text, moods.MOOD_WORDS, "") == "low")


def _look(text: Text) -> Look:
    styles = every(text, moods.STYLE_WORDS)
    grain = float(first(text, moods.GRAIN_WORDS, "1.0"))
    monochrome = "black and white" in styles
    contrast = 1.25 if "noir" in styles else 1.0
    colour = next((style for style in styles if style != "black and white"), "natural")
    shadow_hue = _shadow_hue(text)
    return Look(colour, monochrome, contrast, grain, _hues(text), shadow_hue)


def _place(text: Text) -> str:
    """The first place named; a building only where no other is, for one may look at it from outside."""
    hits = find(text, words.PLACE_WORDS)
    stood_in = [hit for hit in hits if hit.phrase not in words.BUILDINGS] or hits
    if not stood_in:
        return ""
    text.note(stood_in[0].phrase)
    return stood_in[0].value


def _shadow_hue(text: Text) -> str:
    """'long blue shadows' colours the shadows and nothing else."""
    found = SHADOW_HUE.search(text.lower)
    if not found:
        return ""
    text.claim(*found.span())
    text.phrases.append(found.span())
    text.note(found.group())
    return found.group(1)


def _hues(text: Text) -> tuple[str, ...]:
    """Colour words that speak of the palette or the light, not of a coat."""
    table: words.Phrases = {hue: (hue,) for hue in moods.HUES}
    hits = [hit for hit in find(text, table) if _speaks_of_palette(text.lower, hit.start, hit.end)]
    for hit in hits:
        text.note(hit.phrase)
    return tuple(dict.fromkeys(hit.value for hit in hits))[:3]


def _speaks_of_palette(lower: str, start: int, end: int) -> bool:
    around = lower[max(0, start - 28) : end + 34]
    return (
        re.search(r"palette|grad(?:e|ing)|tones?\b|colou?rs?\b|light|neon|glow|shadows|sky\b|haze", around)
        is not None
    )


def _lettering(prompt: str) -> tuple[tuple[Lettering, ...], str]:
    """Quoted text with its place, and the prompt with the quotes blanked."""
    found: list[Lettering] = []
    blanked = prompt
    for match in QUOTED.finditer(prompt):
        content = next((group for group in match.groups() if group), "").strip()
        if not any(letter.isalnum() for letter in content):
            continue
        around = prompt[max(0, match.start() - 50) : match.end() + 60].lower()
        found.append(Lettering(content, _lettering_place(around), _face(around)))
        blanked = (
            blanked[: match.start()] + "," + " " * (match.end() - match.start() - 1) + blanked[match.end() :]
        )
    return tuple(found[:3]), blanked


def _lettering_place(around: str) -> str:
    if SIGN.search(around):
        return "sign"
    if re.search(r"\b(?:at the top|top|above)\b", around):
        return "top"
    return "centre" if re.search(r"\b(?:centre|center|centered|middle)\b", around) else "bottom"


def _face(around: str) -> str:
    if "neon" in around:
        return "neon"
    return "serif" if re.search(r"serif|art deco|gothic|elegant|vintage|title", around) else "sans"


def _default_shot(camera: Camera, subjects: Sequence[Subject]) -> Camera:
    shot = ("full" if any(s.pose == "walk" for s in subjects) else "medium full") if subjects else "wide"
    if camera.angle in ("overhead", "aerial"):
        shot = "wide"
    return Camera(shot, camera.angle, camera.focal_mm, camera.aperture, camera.roll_degrees)


def _default_place(practicals: Sequence[str], weather: str) -> str:
    if {"neon", "streetlight", "headlights"} & set(practicals):
        return "city"
    if {"lamp", "candle"} & set(practicals):
        return "interior"
    return {"rain": "city", "storm": "field", "snowfall": "snow"}.get(weather, "studio")


def _default_time(practicals: Sequence[str], look: Look) -> str:
    for practical in practicals:
        if practical in DEFAULT_TIMES:
            return DEFAULT_TIMES[practical]
    return "night" if look.style == "noir" else "day"
