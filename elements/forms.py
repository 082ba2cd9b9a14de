"""What people type about elements, checked by the library and said at the field."""

from collections.abc import Mapping

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from accounts.models import User
from accounts.names import tidy
from accounts.people import RefusedError
from elements import boxes, editing, rules
from elements.models import Kind
from grammar.mentions import as_name
from media.facts import Box
from projects.models import Project

SHARED = ""
PEOPLE = [("1", "One"), ("2", "Two"), ("3", "Three"), ("4", "Four or more")]


class NewElementForm(forms.Form):
    """Names and place of a new element; its photos are told beside it. An empty handle follows the name."""

    name = forms.CharField(max_length=rules.LONGEST["name"], widget=forms.TextInput({"autocomplete": "off"}))
    handle = forms.CharField(
        max_length=31,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
        help_text="How prompts call it: small letters, digits and hyphens.",
    )
    kind = forms.ChoiceField(choices=Kind.choices)
    project = forms.ChoiceField(label="Who may use it", required=False)
    description = forms.CharField(
        max_length=rules.LONGEST["description"],
        required=False,
        help_text="What providers are told about it, at most 100 characters.",
    )

    people = forms.TypedChoiceField(
        label="People in the front photo",
        choices=PEOPLE,
        coerce=int,
        empty_value=None,
        required=False,
        help_text="With more than one, mark the face that is meant.",
    )

    def __init__(
        self, data: QueryDict | None = None, *, user: User, initial: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.sides = {side: (data.get(side) or "") if data else "" for side in boxes.SIDES}
        self.face: Box | None = None
        self.projects = {row.slug: row for row in Project.objects.worked_on_by(user).order_by("name", "pk")}
        named = [(slug, f"Only {row.name}") for slug, row in self.projects.items()]
        field = self.fields["project"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(SHARED, "Everybody in the studio"), *named]

    def clean_name(self) -> str:
        return tidy(self.cleaned_data["name"])

    def clean_handle(self) -> str:
        return str(self.cleaned_data["handle"]).strip().removeprefix("@").lower()

    def clean(self) -> dict[str, object]:
        values = super().clean() or self.cleaned_data
        if not values.get("handle") and "handle" not in self.errors:
            values["handle"] = as_name(values.get("name", ""))
        self._read_face()
        return values

    def _read_face(self) -> None:
        """The marked face, in four numbers beside the fields; nothing at all marks none."""
        if not any(self.sides.values()):
            return
        try:
            self.face = boxes.read(self.sides)
        except RefusedError as refusal:
            self.add_error("people", ValidationError(str(refusal)))

    @property
    def project_id(self) -> int | None:
        project = self.projects.get(self.cleaned_data["project"])
        return project.pk if project else None

    def refuse(self, sentences: Mapping[str, str]) -> None:
        """Take over what the library said, each sentence at its field; photos are not a field."""
        for field, sentence in sentences.items():
            if field != "photos":
                self.add_error(field if field in self.fields else None, ValidationError(sentence))


class EditForm(forms.Form):
    """One thing about an element, changed where it stands. What it may be is decided by the library."""

    field = forms.ChoiceField(choices=[(name, name) for name in editing.FIELDS])
    value = forms.CharField(required=False, max_length=6000)
