"""From names in a prompt to what they mean: elements in the version that counts, and attached references."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from elements import consent
from elements.models import Element, ElementHandle, ElementVersion, Reference
from grammar import mentions
from grammar.mentions import REFERENCE_PREFIX
from projects.models import CastMember, Project


@dataclass(frozen=True, slots=True)
class Guide:
    """A reference and the role it plays.

    `alias` is what the prompt calls it, where that is not its present handle: a renamed reference keeps its
    name in old prompts, and a swapped one that of the picture before it.
    """

    reference: Reference
    role: str
    alias: str = ""

    @property
    def name(self) -> str:
        return self.alias or self.reference.handle


@dataclass(frozen=True, slots=True)
class Pinned:
    """An element in the version that counts, under the name by which the prompt mentions it."""

    element: Element
    version: ElementVersion
    name: str


@dataclass(frozen=True, slots=True)
class Binding:
    """`texts` mention everything by its present name; `pinned` are attached elements, then mentioned ones.

    `problems` are sentences on names that mean nothing here, first on the
    `loose` marks that point at nothing. `renamed` pairs an old name with its new one, `bound` a
    provider's mark with the name that it was read as.
    """

    texts: tuple[str, ...]
    pinned: tuple[Pinned, ...] = ()
    problems: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    bound: tuple[tuple[str, str], ...] = ()
    loose: tuple[str, ...] = ()


def bind(
    project: Project, texts: Sequence[str], attached: Sequence[Element], guides: Sequence[Guide]
) -> Binding:
    """Read the mentions of all texts; marks of providers count through what is attached, by position."""
    handles, names = [element.handle for element in attached], [guide.name for guide in guides]
    read = [mentions.by_name(text, handles, names) for text in texts]
    loose = tuple(dict.fromkeys(mark for _, marks in read for mark in marks))
    marks = dict.fromkeys(mark for text in texts for mark in mentions.marks(text) if mark not in loose)
    named = list(dict.fromkeys(name for text, _ in read for name in mentions.names(text)))
    found = _elements(project, [name for name in named if not name.startswith(REFERENCE_PREFIX)])
    renamed = {name: element.handle for name, element in found.items() if element.handle != name}
    here = list({element.pk: element for element in (*attached, *found.values())}.values())
    return Binding(
        texts=tuple(_renamed(text, renamed) for text, _ in read),
        pinned=pinned(project, [element for element in here if _refusal(element) is None]),
        problems=(
            *(_points_at_nothing(mark) for mark in loose),
            *_doubled(guides),
            *_unknown(project, named, found, guides),
            *(sentence for element in here if (sentence := _refusal(element))),
            *consent.refusals(here, project.requires_consent, consent.today()),
        ),
        renamed=tuple(renamed.items()),
        bound=tuple((mark, mentions.by_name(mark, handles, names)[0]) for mark in marks),
        loose=loose,
    )


def usable(project: Project) -> Q:
    """Which elements a project may use: those shared with the studio and its own."""
    return Q(project_id=None) | Q(project_id=project.pk)


def pinned(project: Project, elements: Sequence[Element]) -> tuple[Pinned, ...]:
    """Each element as the project's cast pins it, or as it is now where it is not cast."""
    cast = CastMember.objects.filter(project=project, element__in=elements).select_related("version")
    versions = {member.element_id: member.version for member in cast}
    chosen = ((element, versions.get(element.pk) or element.current) for element in elements)
    return tuple(Pinned(element, version, element.handle) for element, version in chosen if version)


def _elements(project: Project, names: Sequence[str]) -> dict[str, Element]:
    """Name to element, through every handle that an element ever had."""
    if not names:
        return {}
    rows = ElementHandle.objects.filter(handle__in=names).select_related(
        "element__current", "element__consent"
    )
    mine = {row.handle: row.element for row in rows if row.element.project_id in (None, project.pk)}
    return {name: mine[name] for name in names if name in mine}


def _renamed(text: str, renamed: dict[str, str]) -> str:
    return mentions.replaced(text, lambda name: f"@{renamed.get(name, name)}") if renamed else text


def _refusal(element: Element) -> str | None:
    """Why this element cannot be used in anything new."""
    if element.archived_at:
        return f"@{element.handle} is archived. Bring it back in the library, or take it out of the prompt."
    if element.current_id is None:
        return f"@{element.handle} has no photo yet. Give it a front photo first."
    return None


def _points_at_nothing(mark: str) -> str:
    return (
        f"{mark} points at nothing: fewer pictures or elements are attached. Attach one, or delete the mark."
    )


def _doubled(guides: Sequence[Guide]) -> list[str]:
    """A name that two different pictures have: a prompt could mean either."""
    called: dict[str, int] = {}
    doubled = [
        guide.name
        for guide in guides
        if called.setdefault(guide.name, guide.reference.pk) != guide.reference.pk
    ]
    return [f"Two references are called @{name}. Rename one, or take it out." for name in doubled[:1]]


def _unknown(
    project: Project, named: Sequence[str], found: dict[str, Element], guides: Sequence[Guide]
) -> list[str]:
    attached = {guide.name for guide in guides}
    kept = set(
        Reference.objects.of(project.pk)
        .filter(handle__in=[name for name in named if name.startswith(REFERENCE_PREFIX)])
        .values_list("handle", flat=True)
    )
    sentences = []
    for name in named:
        if name in attached or name in found:
            continue
        if name in kept:
            sentences.append(
                f"@{name} is not attached. Attach the reference, or take its name out of the prompt."
            )
        else:
            sentences.append(
                f"Nothing here is called @{name}. Choose an element or a reference, or delete the @."
            )
    return sentences
