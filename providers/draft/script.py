"""What a picture shows: the prompt as read, with the elements and references that play in it."""

from dataclasses import dataclass, replace
from pathlib import Path

from grammar import Scene, Subject, portrait, read, split_panels
from grammar.mentions import mentions, replaced
from providers.base import ElementFile, Order, ReferenceFile
from providers.draft.likeness import Colour, Likeness, cloth, likeness, thing

PEOPLE_ROLES = ("character", "subject")
THINGS = ("object", "product")
PLACES = ("place", "style")
PALETTE_ROLES = ("palette", "style", "lighting")


@dataclass(frozen=True, slots=True)
class Thing:
    """A product or object: what it looks like (`prop` of the vocabulary or ""), who has it (index)."""

    prop: str
    colours: tuple[Colour, Colour]
    holder: int | None


@dataclass(frozen=True, slots=True)
class Script:
    """`likenesses` stand in the order of the scene's subjects."""

    scene: Scene
    likenesses: tuple[Likeness, ...]
    things: tuple[Thing, ...] = ()


def script_for(order: Order, index: int) -> Script:
    """What picture `index` shows: in a series its own panel, then the words that hold for all."""
    elements = _playing(order, index)
    whole = _whole_prompt(order.prompt, elements)
    common, panels = split_panels(whole)
    own = f"{panels[index % len(panels)]}\n{common}" if order.series and panels else whole
    handles = frozenset(element.name for element in elements if element.kind != "character")
    scene = read(own, order.negative_prompt, handles)
    if own is not whole:
        lead = read(whole, order.negative_prompt, handles)
        scene = replace(scene, subjects=_same_cast(scene.subjects, lead.subjects))
    scene = _at_the_place(scene, own, elements)
    return _cast(scene, own, elements)


def palette_picture(order: Order) -> Path | None:
    """What gives the colours: a reference for palette, style or light, an element of style or place, then
    whichever other reference shows no person and no product."""
    kept = (*PEOPLE_ROLES, "product")
    ranked = [
        (PALETTE_ROLES.index(one.role), one.path) for one in order.references if one.role in PALETTE_ROLES
    ]
    ranked += [(10 - (one.kind == "style"), one.front) for one in order.elements if one.kind in PLACES]
    ranked += [(20, one.path) for one in order.references if one.role not in (*kept, *PALETTE_ROLES)]
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def _playing(order: Order, index: int) -> tuple[ElementFile, ...]:
    """The elements of this panel; a reference to a person or a product is one that holds everywhere."""
    here = [one for one in order.elements if not (order.series and one.panels) or index + 1 in one.panels]
    return (*here, *(_as_element(one) for one in order.references if one.role in (*PEOPLE_ROLES, "product")))


def _as_element(reference: ReferenceFile) -> ElementFile:
    name = reference.name.removeprefix("ref-")
    kind = "product" if reference.role == "product" else "character"
    return ElementFile(name, "", kind, "", "", reference.path)


def _whole_prompt(prompt: str, elements: tuple[ElementFile, ...]) -> str:
    """The prompt with references named like elements; where it speaks of nobody, of who is attached."""
    prompt = replaced(
        prompt, lambda name: f"@{name.removeprefix('ref-') if _known(name, elements) else name}"
    )
    named = frozenset(one.name for one in elements)
    if split_panels(prompt)[1] or any(mention.name in named for mention in mentions(prompt)):
        return prompt
    scene = read(prompt)
    missing = [one.name for one in elements if one.kind == "character" and one.version]
    if not missing or scene.subjects or "nobody" in scene.read_words or "no people" in scene.read_words:
        return prompt
    return f"{prompt} {' and '.join('@' + name for name in missing)}"


def _known(name: str, elements: tuple[ElementFile, ...]) -> bool:
    return any(name.removeprefix("ref-") == element.name for element in elements)


def _same_cast(own: tuple[Subject, ...], whole: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """What a panel leaves open about its people, the rest of the series says: by name, else in order."""
    named = {subject.name: subject for subject in reversed(whole)}
    known = [*whole, *own[len(whole) :]]
    return tuple(
        _filled(subject, named.get(subject.name, lead)) for subject, lead in zip(own, known, strict=False)
    )


def _filled(own: Subject, lead: Subject) -> Subject:
    return replace(
        own,
        build=lead.build if own.build == "neutral" else own.build,
        clothes=own.clothes if own.dressed else lead.clothes,
        dressed=own.dressed or lead.dressed,
        hat=own.hat or lead.hat,
        colour=own.colour or lead.colour,
        striped=own.striped or lead.striped,
    )


def _at_the_place(scene: Scene, prompt: str, elements: tuple[ElementFile, ...]) -> Scene:
    """Where the prompt names no place, the place that an element describes."""
    described = [read(one.description) for one in elements if one.kind == "place"]
    if not described or read(prompt).place != "studio":
        return scene
    return replace(scene, place=described[0].place)


def _cast(scene: Scene, prompt: str, elements: tuple[ElementFile, ...]) -> Script:
    """Every subject with the element that plays it, its costume, and what it has in hand."""
    kinds = {one.name: one for one in elements}
    names = [subject.name for subject in scene.subjects]
    said = {mention.name for mention in mentions(prompt)}
    quiet = not said & set(kinds)  # nothing attached is mentioned: the prompt means all of it
    unmentioned = [one for one in elements if one.kind == "character" and quiet]
    subjects, looks = [], []
    for subject in scene.subjects:
        player = kinds.get(subject.name)
        if player is None and unmentioned and subject.name not in said:
            player = unmentioned.pop(0)
        subjects.append(_played(subject, player))
        looks.append(_look(subject, player))
    owners = _owners(prompt, names, elements)
    shown = [one for one in elements if quiet or one.name in said]
    for costume in shown:
        if costume.kind == "costume" and looks:
            at = owners.get(costume.name, 0)
            subjects[at] = _filled(subjects[at], replace(portrait(costume.description), build="neutral"))
            looks[at] = replace(looks[at], top=cloth(costume.front))
    things = tuple(
        _thing(one, owners.get(one.name, 0) if names else None) for one in shown if one.kind in THINGS
    )
    subjects = [_holding(one, at, things) for at, one in enumerate(subjects)]
    return Script(replace(scene, subjects=tuple(subjects)), tuple(looks), things)


def _played(subject: Subject, player: ElementFile | None) -> Subject:
    return (
        subject
        if player is None
        else replace(_filled(subject, portrait(player.description)), name=player.name)
    )


def _look(subject: Subject, player: ElementFile | None) -> Likeness:
    """The photo's colours; a colour that the prompt itself names for the clothes comes first."""
    if player is None:
        return Likeness()
    found = likeness(player.front)
    return replace(found, top=None, legs=None) if subject.colour else found


def _owners(prompt: str, names: list[str], elements: tuple[ElementFile, ...]) -> dict[str, int]:
    """For each costume or thing mentioned, the subject mentioned last before it."""
    owners: dict[str, int] = {}
    last = 0
    for mention in mentions(prompt):
        if mention.name in names:
            last = names.index(mention.name)
        else:
            owners.setdefault(mention.name, last)
    return owners


def _thing(element: ElementFile, holder: int | None) -> Thing:
    props = read(f"{element.title}, {element.description}").props
    return Thing(props[0] if props else "", thing(element.front), holder)


def _holding(subject: Subject, index: int, things: tuple[Thing, ...]) -> Subject:
    """Who has something and is only said to stand shows it."""
    has = any(one.holder == index for one in things)
    return replace(subject, pose="hold") if has and subject.pose == "stand" else subject
