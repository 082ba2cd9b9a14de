"""The composer as ready values: what is offered and chosen, what it comes to, and what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil
from uuid import UUID, uuid4

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import QueryDict

from accounts.models import User
from elements import references
from elements.references import Chip
from generations import mentionable, readings, relations, repeat, text, words
from generations.forms import ComposerForm
from generations.mentionable import ElementChip
from generations.models import Generation
from generations.offer import Offer, offer
from grammar import mentions
from grammar.story import panels_of
from projects.models import Project
from providers import catalogue
from providers.pasted import Pasted

PANELS = 4  # rows that a series begins with
ADVISED_INPUTS = 3
DEFAULTS = {
    "mode": "still",
    "route": "draft",
    "model": "o3",
    "resolution": "1K",
    "aspect_ratio": "16:9",
    "count": "4",
    "format": "png",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A remark on the draft: `kind` is ok, warn, bad or info."""

    kind: str
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class PastedField:
    """One field of the composer that a pasted request sets."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Composer:
    """Everything the template shows: `errors` maps a field to one sentence, `generate` is on the button."""

    project: Project
    may_generate: bool
    prefilled: bool
    draft_key: str
    form_key: str
    parent: str
    prompt: str
    prompt_length: str
    prompt_limit: str
    negative_prompt: str
    seed: str
    offer: Offer
    chips: tuple[Chip, ...]
    elements: tuple[ElementChip, ...]
    panels: tuple[str, ...]
    as_references: bool
    relation: str
    generate: str
    price: str
    orders: str
    errors: dict[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def prepare(user: User, project: Project, data: QueryDict | None, *, fresh_key: bool = False) -> Composer:
    """The composer of `user` in `project`: as sent in `data`, prefilled by its `from`, or with the defaults.

    What is wrong shows, except that an empty prompt is not held against anybody before Generate is pressed.
    """
    origin = _origin(project, data)
    filled = _filled(origin, data)
    form = ComposerForm(filled, user=user, project=project)
    form.is_valid()
    return show(user, form, pressed=False, fresh_key=fresh_key, prefilled=origin is not None)


def show(
    user: User, form: ComposerForm, *, pressed: bool, fresh_key: bool = False, prefilled: bool = False
) -> Composer:
    """The composer around a form whose `is_valid` was asked."""
    known_key = form.cleaned_data.get("form_key")
    offered = offer(form)
    return Composer(
        project=form.project,
        may_generate=Project.objects.worked_on_by(user).filter(pk=form.project.pk).exists(),
        prefilled=prefilled,
        draft_key=f"{user.uuid}:{form.project.slug}",
        form_key=str(uuid4() if fresh_key or not known_key else known_key),
        parent=str(form.origin.uuid) if form.origin and not fresh_key else "",
        prompt=form.typed("prompt"),
        prompt_length=f"{len(text.compiled(form.typed('prompt'))):,}",
        prompt_limit=f"{offered.prompt_limit:,}",
        negative_prompt=form.typed("negative_prompt"),
        seed=form.typed("seed"),
        offer=offered,
        chips=tuple(references.chip(guide.reference, guide.role, guide.name) for guide in form.guides),
        elements=mentionable.chips(form.binding.pinned, form.listed("element"), _mentioned(form)),
        panels=form.panels or tuple(form.listed("panel")) or ("",) * PANELS,
        as_references=form.typed("as_references") == "1",
        relation=_relation(form),
        generate=_generate(form, offered),
        price=offered.price,
        orders=_orders(form),
        errors=_sentences(form, pressed=pressed),
        findings=_findings(form),
    )


def fields_of(read: Pasted) -> list[PastedField]:
    """The fields of the composer that a pasted request sets, as they are shown before they are taken."""
    style, panels = panels_of(read.prompt) if read.series else (read.prompt, ())
    values = [
        ("mode", "Mode", "series" if read.series else "still"),
        ("model", "Model", read.model),
        ("prompt", "Prompt", style),
        *(("panel", f"Panel {number}", panel) for number, panel in enumerate(panels, start=1)),
        ("negative_prompt", "Negative prompt", read.negative_prompt),
        ("resolution", "Resolution", read.resolution),
        ("aspect_ratio", "Ratio", read.ratio),
        ("count", "Pictures", str(read.count or "")),
        ("format", "Format", read.media_format),
        ("seed", "Seed", "" if read.seed is None else str(read.seed)),
    ]
    return [PastedField(name, label, value) for name, label, value in values if value]


def _origin(project: Project, data: QueryDict | None) -> Generation | None:
    wanted = data.get("from") if data else None
    try:
        uuid = UUID(str(wanted))
    except ValueError:
        return None
    return Generation.objects.filter(project=project, uuid=uuid).first()


def _filled(origin: Generation | None, data: QueryDict | None) -> QueryDict:
    """Complete form data: a frozen request, or what was sent over the defaults."""
    filled = repeat.as_form(origin) if origin else QueryDict(mutable=True)
    if origin is None and data is not None and "mode" in data:
        for name, values in data.lists():
            filled.setlist(name, values)
    for name, value in DEFAULTS.items():
        if name not in filled:
            filled[name] = value
    if "form_key" not in filled:
        filled["form_key"] = str(uuid4())
    return filled


def _mentioned(form: ComposerForm) -> tuple[str, ...]:
    return mentions.names("\n".join(form.binding.texts))


def _relation(form: ComposerForm) -> str:
    """A sentence from the roles of the references, while the prompt says nothing of the kind."""
    said = relations.sentence([(guide.name, guide.role) for guide in form.guides])
    return "" if said in form.typed("prompt") else said


def _orders(form: ComposerForm) -> str:
    """'3 orders of up to 9' where one does not carry so many pictures."""
    row, number = form.endpoint, form.cleaned_data.get("count") or 0
    if row is None or form.is_series or number <= row.counts_max:
        return ""
    return f"{ceil(number / row.counts_max)} orders of up to {row.counts_max}"


def _generate(form: ComposerForm, offered: Offer) -> str:
    number = form.cleaned_data.get("count") or 1
    return f"Generate series of {number}" if form.is_series else f"Generate {number}"


def _sentences(form: ComposerForm, *, pressed: bool) -> dict[str, str]:
    """The first sentence of each field; what no field shows stands under "form"."""
    found: dict[str, str] = {}
    for name, errors in form.errors.as_data().items():
        spoken = [error for error in errors if pressed or not _is_early(error)]
        if spoken:
            shown = "form" if name in (NON_FIELD_ERRORS, "form_key", "parent") else name
            found.setdefault(shown, " ".join(spoken[0].messages))
    return found


def _is_early(error: ValidationError) -> bool:
    return error.code == "blank"


def _findings(form: ComposerForm) -> tuple[Finding, ...]:
    row = form.endpoint
    if row is None or not form.cleaned_data.get("prompt"):
        return ()
    found = [*_names(form), _many(form), _unsent_negative(form), _reading(form, row)]
    return tuple(finding for finding in found if finding)


def _names(form: ComposerForm) -> Iterator[Finding]:
    """What became of names: old ones that were read as new ones, and elements that the words leave out."""
    for old, new in form.binding.renamed:
        yield Finding("info", f"@{old} is called @{new} now.", "It is sent under its present name.")
    named = _mentioned(form)
    for one in form.binding.pinned:
        if one.name not in named:
            title = f"@{one.name} is attached and not mentioned."
            yield Finding("warn", title, "Say where it appears, or take it out.")


def _many(form: ComposerForm) -> Finding | None:
    inputs = len(form.guides) + len(form.binding.pinned)
    if inputs <= ADVISED_INPUTS:
        return None
    return Finding("warn", f"{inputs} references and elements.", "Two or three are followed best.")


def _unsent_negative(form: ComposerForm) -> Finding | None:
    if form.endpoint is None or form.endpoint.negative_prompt or not form.typed("negative_prompt").strip():
        return None
    return Finding(
        "warn",
        "The negative prompt stays here.",
        f"{words.model(form.endpoint.model)} takes none in this mode.",
    )


def _reading(form: ComposerForm, row: catalogue.Endpoint) -> Finding | None:
    """What the draft engine will make of the words."""
    if row.route != "draft":
        return None
    cast = [(one.name, one.element) for one in form.binding.pinned]
    prompt, negative = form.cleaned_data["prompt"], form.cleaned_data.get("negative_prompt", "")
    return Finding("info", "Draft", readings.in_words(prompt, negative, cast))
