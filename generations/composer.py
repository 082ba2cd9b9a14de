"""The composer as ready values: what is offered and chosen, what it comes to, and what is wrong with it."""

from dataclasses import dataclass, field
from math import ceil
from uuid import UUID, uuid4

from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict

from accounts.models import User
from elements import references
from elements.references import Chip
from generations import mentionable, repeat, routing, text, words
from generations.findings import Finding, findings, mentioned
from generations.forms import ComposerForm
from generations.guidance import Guidance, guidance
from generations.mentionable import ElementChip
from generations.models import Generation
from generations.offer import Offer, Option, for_series, offer
from projects.models import Project

PANELS = 4  # rows that a series begins with
ROWS_MOST = 30  # shown of a form that has too many
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
class Composer:
    """Everything the template shows: `errors` maps a field to one sentence, `generate` is on the button.

    `watermark_of` is whose watermark a copy can have, empty where the endpoint makes none.
    """

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
    wrong: str
    as_references: bool
    lacks_elements: bool
    watermark: bool
    watermark_of: str
    for_series: Option | None
    guidance: Guidance
    sent: str
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
    form = routing.settled(ComposerForm(filled, user=user, project=project))
    return show(user, form, pressed=False, fresh_key=fresh_key, prefilled=origin is not None)


def show(
    user: User, form: ComposerForm, *, pressed: bool, fresh_key: bool = False, prefilled: bool = False
) -> Composer:
    """The composer around a form whose `is_valid` was asked."""
    known_key = form.cleaned_data.get("form_key")
    offered, guided = offer(form), guidance(form)
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
        elements=mentionable.chips(form.binding.pinned, form.listed("element"), mentioned(form), offered.row),
        panels=_rows(form),
        wrong=_wrong(form),
        as_references=form.typed("as_references") == "1",
        lacks_elements=form.lacks_elements,
        watermark=form.typed("watermark") == "1",
        watermark_of=words.route(offered.row.route) if offered.row.watermark else "",
        for_series=for_series(form),
        guidance=guided,
        sent=form.cleaned_data.get("prompt", "") if form.is_series else "",
        generate=_generate(form, offered),
        price=offered.price,
        orders=_orders(form),
        errors=_sentences(form, patient=not pressed, filling=bool(guided.slots)),
        findings=findings(form),
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


def _rows(form: ComposerForm) -> tuple[str, ...]:
    """The panels as they were typed, or as a prompt counts them; a series begins with four empty ones."""
    typed = tuple(form.listed("panel"))[:ROWS_MOST]
    if form.is_series and not any(row.strip() for row in typed) and form.panels:
        return form.panels[:ROWS_MOST]
    asked = form.cleaned_data.get("count", PANELS) if form.is_series else PANELS
    return typed or ("",) * asked


def _orders(form: ComposerForm) -> str:
    """'3 orders of up to 9' where one does not carry so many pictures."""
    row, number = form.endpoint, form.cleaned_data.get("count") or 0
    if row is None or form.is_series or number <= row.counts_max:
        return ""
    return f"{ceil(number / row.counts_max)} orders of up to {row.counts_max}"


def _generate(form: ComposerForm, offered: Offer) -> str:
    number = form.cleaned_data.get("count") or 1
    return f"Generate series of {number}" if form.is_series else f"Generate {number}"


def _sentences(form: ComposerForm, *, patient: bool, filling: bool) -> dict[str, str]:
    """The first sentence of each field; what no field shows stands under "form".

    `patient` leaves out what is only missing yet, and while places are being filled, who will fill them.
    """
    early = ("blank", "loose") if filling else ("blank",)
    found: dict[str, str] = {}
    for name, errors in form.errors.as_data().items():
        spoken = [error for error in errors if not (patient and error.code in early)]
        if spoken:
            shown = "form" if name in (NON_FIELD_ERRORS, "form_key", "parent") else name
            found.setdefault(shown, " ".join(spoken[0].messages))
    return found


def _wrong(form: ComposerForm) -> str:
    """Names and marks of the words that mean nothing here, a line each; not those that a start left open."""
    known = {guide.name for guide in form.guides} | {one.name for one in form.binding.pinned}
    names = [f"@{name}" for name in mentioned(form) if name not in known]
    return "\n".join((*names, *(() if form.listed("slot") else form.binding.loose)))
