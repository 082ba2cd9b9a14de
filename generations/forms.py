"""What the composer sends, checked field by field against the endpoint that would make it."""

import re
from itertools import islice, zip_longest
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

import grammar
from accounts.models import User
from elements.models import Element, Reference, ReferenceRole
from elements.references import DEFAULT_ROLE
from generations import binding, fitting, plan, series, text, words
from generations.binding import Binding, Guide
from generations.fitting import Misfit
from generations.models import Generation
from generations.plan import SEED_LIMIT, Intent
from grammar import mentions
from projects.models import Project
from providers import catalogue, wire
from routes import accounts

WHOLE_NUMBER = re.compile(r"[0-9]{1,10}")
SHOWN_REFERENCES = 30
STILLS_MOST = 99  # in one batch, of as many orders as its endpoint needs


class ComposerForm(forms.Form):
    """Fields stand in the order of their checks: what decides the endpoint comes first."""

    form_key = forms.Field(required=False)
    parent = forms.Field(required=False)
    mode = forms.Field(required=False)
    role = forms.Field(required=False, widget=forms.MultipleHiddenInput)
    called = forms.Field(required=False, widget=forms.MultipleHiddenInput)
    reference = forms.Field(required=False, widget=forms.MultipleHiddenInput)
    element = forms.Field(required=False, widget=forms.MultipleHiddenInput)
    as_references = forms.BooleanField(required=False)
    route = forms.Field(required=False)
    model = forms.Field(required=False)
    panel = forms.Field(required=False, widget=forms.MultipleHiddenInput)
    prompt = forms.Field(required=False)
    negative_prompt = forms.Field(required=False)
    resolution = forms.Field(required=False)
    aspect_ratio = forms.Field(required=False)
    count = forms.Field(required=False)
    format = forms.Field(required=False)
    seed = forms.Field(required=False)
    watermark = forms.BooleanField(required=False)

    def __init__(
        self,
        data: MultiValueDict[str, str],
        *,
        user: User | None,
        project: Project,
        only_looking: bool = False,
    ) -> None:
        """`only_looking` accepts routes without a key: nothing is going to be sent."""
        super().__init__(data)
        self.only_looking = only_looking
        self.sent = data
        self.user = user
        self.project = project
        self.endpoint: catalogue.Endpoint | None = None
        self.guides: tuple[Guide, ...] = ()
        self.binding = Binding(())
        self.misfits: tuple[Misfit, ...] = ()
        self.origin: Generation | None = None

    def typed(self, name: str) -> str:
        """The field as it was sent, one value."""
        return str(self.sent.get(name) or "")

    def listed(self, name: str) -> list[str]:
        """Every value of the field, in order."""
        return [str(value) for value in self.sent.getlist(name)]

    @property
    def is_series(self) -> bool:
        return self.typed("mode") == "series"

    @property
    def style(self) -> str:
        """The words of the prompt field under present names: all of them, or what holds for every panel."""
        return self.binding.texts[0] if self.binding.texts else ""

    @property
    def panels(self) -> tuple[str, ...]:
        """The panels of a series under present names, one per row; empty where no rows were given."""
        return self.binding.texts[1:]

    def clean_form_key(self) -> UUID:
        return _uuid(
            self.typed("form_key"),
            "This form has lost its number. It has a new one now: press Generate again.",
        )

    def clean_parent(self) -> None:
        if not self.typed("parent"):
            return
        gone = "The generation that this one starts from is not in this project any more."
        uuid = _uuid(self.typed("parent"), gone)
        self.origin = Generation.objects.filter(project=self.project, uuid=uuid).first()
        if self.origin is None:
            raise ValidationError(gone)

    def clean_mode(self) -> None:
        if self.typed("mode") not in ("still", "series"):
            raise ValidationError(f"Choose Still or Series; {text.quoted(self.typed('mode'))} is not a mode.")

    def clean_reference(self) -> None:
        """What is known becomes guides even where something is wrong: a refused form still shows it."""
        asked, roles = self.listed("reference"), self.listed("role")
        self.guides = _guides(self.project, asked, roles, self.listed("called"))
        if len(self.guides) < min(len(asked), SHOWN_REFERENCES):
            raise ValidationError(
                "A reference is not in this project any more and was taken out of the form; nothing was sent."
            )
        most = max(row.references_max for row in catalogue.endpoints())
        if len(asked) > most:
            raise ValidationError(f"There are {len(asked)} references; no model takes more than {most}.")
        if len(roles) != len(asked) or not set(roles) <= set(ReferenceRole.values):
            raise ValidationError("Choose a role for each reference.")

    def clean_element(self) -> None:
        """Elements that are attached or mentioned: the endpoint depends on how many there are."""
        asked = [uuid for value in self.listed("element") if (uuid := _uuid_or_none(value))]
        usable = Element.objects.filter(binding.usable(self.project), uuid__in=asked[:SHOWN_REFERENCES])
        known = {row.uuid: row for row in usable.select_related("current", "consent")}
        attached = [known[uuid] for uuid in dict.fromkeys(asked) if uuid in known]
        self.binding = binding.bind(self.project, self._texts(), attached, self.guides)
        if len(attached) < len(self.listed("element")):
            raise ValidationError(
                "An element is not in the library any more and was taken out of the form; nothing was sent."
            )

    def clean_route(self) -> None:
        route = next((row for row in catalogue.routes() if row.key == self.typed("route")), None)
        if route is None:
            raise ValidationError(f"There is no route called {text.quoted(self.typed('route'))}.")
        if route.needs_key and not self.only_looking and route.key not in accounts.usable(self.project):
            raise ValidationError(
                f"{route.label} needs a key before it can make pictures; nothing was sent. Draft is free."
            )

    def clean_model(self) -> None:
        route, model = self.typed("route"), self.typed("model")
        if model not in {row.key for row in catalogue.models()}:
            raise ValidationError(f"There is no model called {text.quoted(model)}.")
        if route not in {row.key for row in catalogue.routes()}:
            return
        wanted = self._wanted()
        self.endpoint = catalogue.find(route, model, *wanted)
        if self.endpoint is None:
            self.add_error(
                self._at_fault(route, model),
                catalogue.why_not(route, model, *wanted) or "",
            )
            return
        self.misfits = fitting.misfits(self.endpoint, self.guides, self.binding.pinned)
        for field, sentence in fitting.sentences(self.misfits).items():
            self.add_error(field, sentence)

    def clean_panel(self) -> tuple[str, ...]:
        """Rows of a series; all may be empty, which leaves it to the model what each shows."""
        if not self.is_series or all(text.is_blank(panel) for panel in self.panels):
            return ()
        for number, panel in enumerate(self.panels, start=1):
            _clean_text(panel, f"Panel {number}")
            if text.is_blank(panel):
                raise ValidationError(f"Write what panel {number} shows, or remove it.", code="blank")
        return self.panels

    def clean_prompt(self) -> str:
        """What is sent: the words under present names, with the panels of a series after them."""
        style = _clean_text(self.style, "The prompt")
        if self.binding.problems:
            code = "loose" if self.binding.loose else "invalid"
            raise ValidationError(self.binding.problems[0], code=code)
        panels = self.cleaned_data.get("panel") or ()
        prompt = series.compiled(style, panels) if panels else style
        if self.endpoint is None:
            return prompt
        if self.endpoint.prompt_required and text.is_blank(prompt):
            raise ValidationError(f"Write a prompt: {_where(self.endpoint)} draws from words.", code="blank")
        _check_length(prompt, self.endpoint, "The prompt")
        return prompt

    def clean_negative_prompt(self) -> str:
        """Only for endpoints that take one; for others it is kept in the form and not sent."""
        if self.endpoint is None or not self.endpoint.negative_prompt:
            return ""
        negative = _clean_text(self.typed("negative_prompt"), "The negative prompt")
        _check_length(negative, self.endpoint, "The negative prompt")
        return "" if text.is_blank(negative) else negative

    def clean_resolution(self) -> str:
        resolution = self.typed("resolution")
        if self.endpoint and resolution not in self.endpoint.resolutions:
            offered = _either(self.endpoint.resolutions)
            raise ValidationError(f"{_where(self.endpoint)} makes {offered}, not {text.quoted(resolution)}.")
        return resolution

    def clean_aspect_ratio(self) -> str:
        ratio = self.typed("aspect_ratio")
        if self.endpoint is None or ratio in self.endpoint.ratios:
            return ratio
        if ratio == "auto":
            raise ValidationError(
                "Auto follows a reference and needs one here. Add a reference or choose a ratio."
            )
        raise ValidationError(f"{_where(self.endpoint)} does not make the ratio {text.quoted(ratio)}.")

    def clean_count(self) -> int:
        number = len(self.panels) or _number(self.typed("count"))
        if self.endpoint is None:
            return number or 1
        least, most = 1, STILLS_MOST
        if self.is_series:
            least, most = self.endpoint.series_min, self.endpoint.series_max
        if number is None or not least <= number <= most:
            things = "panels in a series" if self.is_series else "pictures in a batch"
            raise ValidationError(f"{_where(self.endpoint)} makes {least} to {most} {things}.")
        return number

    def clean_format(self) -> str:
        chosen = self.typed("format")
        if self.endpoint and self.endpoint.formats and chosen not in self.endpoint.formats:
            offered = _either(tuple(name.upper() for name in self.endpoint.formats))
            raise ValidationError(f"{_where(self.endpoint)} makes {offered}, not {text.quoted(chosen)}.")
        return chosen

    def clean_seed(self) -> int | None:
        if not self.typed("seed").strip(" ") or self.endpoint is None or self.endpoint.route != "draft":
            return None
        seed = _number(self.typed("seed").strip(" "))
        if seed is None or seed >= SEED_LIMIT:
            raise ValidationError(
                f"A seed is a whole number from 0 to {SEED_LIMIT - 1:,}; leave it empty for chance."
            )
        return seed

    def clean_watermark(self) -> bool:
        """Only where the endpoint makes such copies; elsewhere it is kept in the form and not sent."""
        return bool(self.cleaned_data["watermark"] and self.endpoint and self.endpoint.watermark)

    def clean(self) -> None:
        """The limit holds for the prompt as the route gets it, with its own marks in place of names."""
        if self.errors or self.endpoint is None or not self.endpoint.path:
            return
        excess = len(wire.prompt(plan.order(self.intent()), self.endpoint)) - self.endpoint.prompt_limit
        if excess > 0:
            self.add_error(
                "prompt",
                f"With the marks of {words.route(self.endpoint.route)} in place of names the prompt is too "
                f"long by {excess:,} characters. Shorten it; nothing was sent.",
            )

    def intent(self) -> Intent:
        """What the form asks for: quoted once there is an endpoint, started only if all is valid."""
        if self.endpoint is None:
            raise ValueError("Without an endpoint there is nothing to ask for.")
        value = self.cleaned_data
        return Intent(
            project=self.project,
            user=self.user,
            form_key=value.get("form_key") or uuid4(),
            endpoint=self.endpoint,
            prompt=value.get("prompt", ""),
            negative_prompt=value.get("negative_prompt", ""),
            ratio=value["aspect_ratio"],
            resolution=value["resolution"],
            count=value["count"],
            series=self.is_series,
            media_format=value.get("format", ""),
            seed=value.get("seed"),
            guides=self.guides,
            pinned=self.binding.pinned,
            as_references=self._sends_as_references,
            watermark=value.get("watermark", False),
            style=self.style if value.get("panel") else "",
            panels=value.get("panel") or (),
            parent=self.origin,
        )

    @property
    def lacks_elements(self) -> bool:
        """Whether elements are wanted of a model that has none on this route."""
        rows = catalogue.endpoints(self.typed("route"), self.typed("model"))
        return bool(rows and self.binding.pinned) and not any(row.elements_max for row in rows)

    @property
    def _sends_as_references(self) -> bool:
        """Whether elements go as ordered references, where the person agreed and the route has none."""
        return self.lacks_elements and self.typed("as_references") == "1"

    def _texts(self) -> list[str]:
        """The prompt, then each panel: rows as given, or read from a prompt that counts its panels."""
        prompt = text.compiled(self.typed("prompt"))
        if not self.is_series:
            return [prompt]
        rows = [text.compiled(row) for row in self.listed("panel")]
        style, panels = grammar.split_panels(prompt)
        if panels and all(text.is_blank(row) for row in rows):
            return [style, *panels]
        return [prompt, *rows]

    def _wanted(self) -> tuple[int, bool, int, tuple[str, ...]]:
        """How many references, whether a series, how many elements, and the roles of the references."""
        references, elements = len(self.listed("reference")), len(self.binding.pinned)
        roles = tuple(guide.role for guide in self.guides)
        if self._sends_as_references:
            return references + elements, self.is_series, 0, ()
        return references, self.is_series, elements, roles

    def _at_fault(self, route: str, model: str) -> str:
        """The field that a person would change where no endpoint fits."""
        if not catalogue.endpoints(route, model):
            return "model"
        references, is_series, elements, roles = self._wanted()
        if is_series and catalogue.find(route, model, references, False, elements, roles):
            return "mode"
        if elements and catalogue.find(route, model, references, is_series, 0, roles):
            return "element"
        return "reference"


def _guides(project: Project, asked: list[str], roles: list[str], called: list[str]) -> tuple[Guide, ...]:
    """The references of this project among those asked for, in their order, each with a role and a name."""
    uuids = [_uuid_or_none(value) for value in asked[:SHOWN_REFERENCES]]
    here = Reference.objects.of(project.pk).filter(uuid__in=[uuid for uuid in uuids if uuid])
    found = {row.uuid: row for row in here.select_related("blob")}
    known = (role if role in ReferenceRole.values else DEFAULT_ROLE for role in roles)
    names = (name if mentions.is_reference(name) else "" for name in called)
    rows = zip_longest(uuids, islice(known, len(uuids)), islice(names, len(uuids)), fillvalue=None)
    return tuple(
        Guide(found[uuid], role or DEFAULT_ROLE, name or "") for uuid, role, name in rows if uuid in found
    )


def _uuid_or_none(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _uuid(value: str, otherwise: str) -> UUID:
    uuid = _uuid_or_none(value)
    if uuid is None:
        raise ValidationError(otherwise)
    return uuid


def _number(value: str) -> int | None:
    return int(value) if WHOLE_NUMBER.fullmatch(value) else None


def _clean_text(typed: str, what: str) -> str:
    clean = text.compiled(typed)
    intruder = text.intruder(clean)
    if intruder:
        raise ValidationError(f"{what} contains {intruder}. Delete it; nothing was sent.")
    return clean


def _check_length(written: str, endpoint: catalogue.Endpoint, what: str) -> None:
    excess = len(written) - endpoint.prompt_limit
    if excess > 0:
        raise ValidationError(
            f"{what} has {len(written):,} characters; {_where(endpoint)} takes {endpoint.prompt_limit:,}. "
            f"Shorten it by {excess:,}."
        )


def _where(endpoint: catalogue.Endpoint) -> str:
    return f"{words.model(endpoint.model)} on {words.route(endpoint.route)}"


def _either(values: tuple[str, ...]) -> str:
    return " or ".join(part for part in (", ".join(values[:-1]), *values[-1:]) if part)
