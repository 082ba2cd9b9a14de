"""The score card of a photo: facts in, findings out, each with the fix beside it. It warns and never hides.

Thresholds were set on photographs and on damaged copies of them; the tests hold them in place. The advice is
that of the guide to Kling's elements: a large, well-lit face seen from the front or at three quarters, a calm
background, a neutral expression, more angles, an early mention, the same photos throughout.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from elements.models import Angle, Kind
from media.facts import Box, Measures, Part

OK, WARN, BAD = "ok", "warn", "bad"
REPLACE, CROP, MARK, SOFTEN, REPAIR = "Replace", "Crop", "Mark", "Soften", "Repair"

SMALLEST_SIDE = 300  # of every provider
ADVISED_SIDE = 1024
SMALL_FACE = 256
MOVABLE_FACE = 1024
FACE_BLURRED, FACE_SOFT = 0.012, 0.04
WHOLE_BLURRED, WHOLE_SOFT = 0.01, 0.04
BLACK, DIM, BRIGHT, WHITE = 35, 60, 205, 225  # mean luma
SOME_CLIPPED, MUCH_CLIPPED = 0.15, 0.35
DROWNED = 0.5  # shadows of a subject that is otherwise lit
ADVISED_ANGLES = 3
FLAT = 12  # deviation of luma
BUSY = 0.3

# Seen from behind nobody has a face, and in a detail only a part of one.
_FACELESS = {Angle.BACK, Angle.DETAIL, Angle.OTHER}
_WITH_BACKGROUND = {Kind.CHARACTER, Kind.OBJECT, Kind.PRODUCT, Kind.COSTUME}
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a photo in its place.

    `people` and `face` are what a person marked, `expression` "neutral", "other" or "" for not said. `twins`
    names photos that look the same ("the profile", "@nora's front").
    """

    kind: str
    angle: str
    measures: Measures
    face: Box | None = None
    people: int | None = None
    expression: str = ""
    twins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says. `state` is "ok", "warn" or "bad", `fix` the word on its button or "".

    `costs` are points of a hundred.
    """

    check: str
    state: str
    text: str
    fix: str = ""
    costs: int = 0


def findings(facts: Facts) -> tuple[Finding, ...]:
    """Every check that applies, in the order in which people should read them."""
    return (
        _size(facts.measures.whole),
        _detail(facts),
        *_light_and_focus(facts),
        *_people(facts),
        *_face(facts),
        *_expression(facts),
        *_background(facts),
        *_orientation(facts.measures),
        *(Finding("twin", WARN, f"Looks the same as {twin}", REPLACE, 15) for twin in facts.twins),
    )


def score(found: Iterable[Finding]) -> int:
    """100 for a photo without fault, down to 0."""
    return max(0, 100 - sum(finding.costs for finding in found))


def _size(whole: Part) -> Finding:
    pixels, least = f"{whole.width:,} × {whole.height:,} px", min(whole.width, whole.height)
    if least < SMALLEST_SIDE:
        return Finding("size", BAD, f"{pixels}, below every provider's {SMALLEST_SIDE}", REPLACE, 50)
    relation = "exactly" if least == SMALLEST_SIDE else "above"
    return Finding("size", OK, f"{pixels}, {relation} every provider's {SMALLEST_SIDE}")


def _detail(facts: Facts) -> Finding:
    whole = facts.measures.whole
    if min(whole.width, whole.height) >= ADVISED_SIDE:
        return Finding("size", OK, f"At least {ADVISED_SIDE:,} px: holds at 4K")
    what = "faces" if facts.kind == Kind.CHARACTER else "details"
    return Finding("size", WARN, f"Below {ADVISED_SIDE:,} px: {what} may soften at 4K", REPLACE, 8)


def _light_and_focus(facts: Facts) -> list[Finding]:
    """One good word when nothing is wrong, otherwise only what is."""
    subject = facts.measures.subject
    found = [*_focus(facts), *_exposure(subject)]
    return found or [Finding("light", OK, "Sharp, well exposed")]


def _focus(facts: Facts) -> list[Finding]:
    """A marked face is judged alone: a blurred background is a virtue."""
    what, sharpness = "picture", facts.measures.whole.sharpness
    blurred, soft = WHOLE_BLURRED, WHOLE_SOFT
    if facts.face:
        what, sharpness = "face", facts.measures.subject.sharpness
        blurred, soft = FACE_BLURRED, FACE_SOFT
    if sharpness < blurred:
        return [Finding("focus", BAD, f"The {what} is blurred", REPLACE, 40)]
    return [Finding("focus", WARN, f"The {what} is a little soft", REPLACE, 15)] if sharpness < soft else []


def _exposure(subject: Part) -> list[Finding]:
    if subject.luma < BLACK:
        return [Finding("light", BAD, "Far too dark", REPLACE, 35)]
    if subject.luma > WHITE or subject.highlights > MUCH_CLIPPED:
        return [
            Finding("light", BAD, f"Blown out: {_percent(subject.highlights)} is pure white", REPLACE, 35)
        ]
    if subject.luma < DIM:
        return [Finding("light", WARN, "Rather dark", REPLACE, 12)]
    if subject.shadows > DROWNED:
        return [Finding("light", WARN, f"{_percent(subject.shadows)} lost in black", REPLACE, 12)]
    if subject.luma > BRIGHT or subject.highlights > SOME_CLIPPED:
        return [Finding("light", WARN, "Rather bright", REPLACE, 12)]
    return [Finding("light", WARN, "Hardly any contrast", REPLACE, 12)] if subject.contrast < FLAT else []


def _people(facts: Facts) -> list[Finding]:
    if facts.kind != Kind.CHARACTER:
        return []
    if facts.people is None:
        return [Finding("people", WARN, "Nobody counted the people yet", MARK, 4)]
    if facts.people == 0:
        return [Finding("people", BAD, "Nobody is in the photo", REPLACE, 50)]
    if facts.people == 1:
        return [Finding("people", OK, "One person")]
    many = f"{_NUMBERS[facts.people] if facts.people < len(_NUMBERS) else facts.people} people in the photo"
    if facts.face or facts.angle in _FACELESS:
        return [Finding("people", WARN, many, CROP, 10)]
    return [Finding("people", BAD, f"{many}: nobody knows which is meant", MARK, 40)]


def _face(facts: Facts) -> list[Finding]:
    if facts.kind != Kind.CHARACTER or facts.angle in _FACELESS:
        return []
    if facts.face is None:
        return [Finding("face", WARN, "The face is not marked", MARK, 8)]
    width, height = facts.measures.subject.width, facts.measures.subject.height
    if min(width, height) < SMALL_FACE:
        return [Finding("face", WARN, f"The face has only {width:,} × {height:,} px", REPLACE, 8)]
    movable = ", enough for clips" if min(width, height) >= MOVABLE_FACE else ""
    return [Finding("face", OK, f"Face of {width:,} × {height:,} px{movable}")]


def _expression(facts: Facts) -> list[Finding]:
    if facts.kind != Kind.CHARACTER or facts.angle in {*_FACELESS, Angle.EXPRESSION}:
        return []
    if facts.expression == "neutral":
        return [Finding("expression", OK, "Neutral expression")]
    if facts.expression:
        return [Finding("expression", WARN, "An expression that may carry over", REPLACE, 6)]
    return [Finding("expression", WARN, "Nobody said whether the expression is neutral", MARK, 2)]


def _background(facts: Facts) -> list[Finding]:
    background = facts.measures.background
    if background is None or facts.kind not in _WITH_BACKGROUND:
        return []
    if background <= BUSY:
        return [Finding("background", OK, "Calm background")]
    return [Finding("background", WARN, "Busy background", SOFTEN if facts.face else CROP, 10)]


def _orientation(measures: Measures) -> list[Finding]:
    return [Finding("orientation", OK, "Turned upright, as its camera noted")] if measures.turned != 1 else []


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def practice(front: Sequence[Finding], angles: int, pins: Sequence[int], handle: str) -> tuple[Finding, ...]:
    """The guide's six pieces of advice on an element, in its order.

    `front` are the findings of the front photo, `angles` counts the other photos, `pins` are the numbers of
    the versions that its projects pin.
    """
    return (
        _first_fault(front, {"size", "focus", "light", "people", "face"}, "Front: large, sharp and well lit"),
        _first_fault(front, {"background"}, "Background: calm"),
        _first_fault(front, {"expression"}, "Expression: neutral"),
        _angles(angles),
        Finding("mention", OK, f"Name @{handle} early in a prompt"),
        _consistency(pins),
    )


def _first_fault(front: Sequence[Finding], checks: set[str], good: str) -> Finding:
    """The worst finding of these checks, or the good word."""
    faults = [finding for finding in front if finding.check in checks and finding.state != OK]
    return max(faults, key=lambda finding: finding.costs, default=Finding(min(checks), OK, good))


def _angles(count: int) -> Finding:
    if count >= ADVISED_ANGLES:
        return Finding("angles", OK, f"{count} more angles")
    have = ("Only the front", "One more angle", "Two more angles")[count]
    return Finding("angles", WARN, f"{have}: three are best for profiles and action")


def _consistency(pins: Sequence[int]) -> Finding:
    versions = sorted(set(pins))
    if len(versions) <= 1:
        return Finding("consistency", OK, "The same photos wherever it is cast")
    named = ", ".join(f"v{number}" for number in versions)
    return Finding("consistency", WARN, f"Projects use different versions: {named}")
