"""The composer as ready values: what is offered and chosen, what it comes to, and what is wrong with it."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import QueryDict

import grammar
from accounts.models import User
from elements import references
from elements.references import Chip
from generations import repeat, text, words
from generations.forms import ComposerForm
from generations.models import Generation
from generations.offer import Offer, offer
from projects.models import Project
from providers import catalogue

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
    generate: str
    price: str
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
        chips=tuple(references.chip(guide.reference, guide.role) for guide in form.guides),
        generate=_generate(form, offered),
        price=offered.price,
        errors=_sentences(form, pressed=pressed),
        findings=_findings(form),
    )


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
    found = [_unsent_negative(form), _panels(form), _reading(form.cleaned_data["prompt"], row)]
    return tuple(finding for finding in found if finding)


def _unsent_negative(form: ComposerForm) -> Finding | None:
    if form.endpoint is None or form.endpoint.negative_prompt or not form.typed("negative_prompt").strip():
        return None
    return Finding(
        "warn",
        "The negative prompt stays here.",
        f"{words.model(form.endpoint.model)} takes none in this mode.",
    )


def _panels(form: ComposerForm) -> Finding | None:
    described = len(grammar.split_panels(form.cleaned_data["prompt"])[1])
    asked = form.cleaned_data.get("count")
    if not form.is_series or not asked or described in (0, asked):
        return None
    return Finding("warn", f"{described} panels are described.", f"The series has {asked}.")


def _reading(prompt: str, row: catalogue.Endpoint) -> Finding | None:
    """What the draft engine will make of the words."""
    if row.route != "draft":
        return None
    return Finding("info", "Draft", text.excerpt(grammar.describe(grammar.read(prompt)), 400))
