"""Help with references: ways to begin, places to fill, and sentences on how pictures relate."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from elements.models import ReferenceRole, WantedReference
from generations import relations
from generations.fitting import Misfit
from generations.forms import ComposerForm
from generations.starts import STARTS, Start

SLOTS_MOST = 10


@dataclass(frozen=True, slots=True)
class Relation:
    """The sentence about the references, and what can be done with it.

    `act` is "add", "update" where `old` of before stands in the words, or "out" where it holds no more.
    """

    sentence: str
    act: str
    old: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """An empty place for a reference: its number in the prompt, and the role it will play."""

    number: int
    role: str
    label: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a picture, and whether it is to be kept or changed: "keep", "change" or ""."""

    value: str
    label: str
    chosen: str


@dataclass(frozen=True, slots=True)
class Guidance:
    """`relation_before` is the sentence that was added last; `kept` that of Keep and Change, while unsaid.

    `waiting` are references that are still fetched, `misfits` pictures that the route does not take.
    """

    starts: tuple[Start, ...]
    is_empty: bool
    slots: tuple[Slot, ...]
    relation: Relation | None
    relation_before: str
    parts: tuple[Part, ...]
    change_to: str
    kept: str
    waiting: tuple[WantedReference, ...]
    misfits: tuple[Misfit, ...]


def guidance(form: ComposerForm) -> Guidance:
    slots, waiting = _slots(form), _waiting(form)
    return Guidance(
        starts=STARTS,
        is_empty=not (form.typed("prompt").strip() or form.guides or form.binding.pinned or slots or waiting),
        slots=slots,
        relation=_relation(form),
        relation_before=form.typed("relation"),
        parts=tuple(Part(part, part.capitalize(), form.typed(f"part_{part}")) for part in relations.PARTS),
        change_to=form.typed("change_to"),
        kept=_kept(form),
        waiting=waiting,
        misfits=form.misfits,
    )


def _relation(form: ComposerForm) -> Relation | None:
    """A sentence from the roles of the references, while the words do not hold it.

    The sentence that was added before is known by its words alone: whoever changes them makes them theirs.
    """
    said = relations.sentence([(guide.name, guide.role) for guide in form.guides])
    before, words = form.typed("relation"), form.typed("prompt")
    if said and said in words:
        return None
    if before and before in words:
        return Relation(said or before, "update" if said else "out", before)
    return Relation(said, "add") if said else None


def _kept(form: ComposerForm) -> str:
    """The sentence of Keep and Change, while the words do not hold it."""
    chosen = {part: form.typed(f"part_{part}") for part in relations.PARTS}
    keep = [part for part, choice in chosen.items() if choice == "keep"]
    change = [part for part, choice in chosen.items() if choice == "change"]
    said = relations.keep_and_change(keep, change, form.typed("change_to"))
    return "" if said in form.typed("prompt") else said


def _slots(form: ComposerForm) -> tuple[Slot, ...]:
    """Places that a start left open: "2:style" is that of @Image2."""
    found = []
    for value in form.listed("slot")[:SLOTS_MOST]:
        number, _, role = value.partition(":")
        if number.isascii() and number.isdigit() and role in ReferenceRole.values:
            found.append(Slot(int(number[:2]), role, str(ReferenceRole(role).label)))
    return tuple(found)


def _waiting(form: ComposerForm) -> tuple[WantedReference, ...]:
    """References that the form waits for: a place each, until the page asks what became of them."""
    asked = []
    for value in form.listed("wanted")[:SLOTS_MOST]:
        with suppress(ValueError):
            asked.append(UUID(value))
    if not asked:
        return ()
    return tuple(WantedReference.objects.filter(project_id=form.project.pk, uuid__in=asked).order_by("pk"))
