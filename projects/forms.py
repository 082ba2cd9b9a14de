"""Forms of projects: name and budget, members, and the typed confirmation of a deletion."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from accounts.models import User
from accounts.names import tidy
from projects.models import Membership, Project, ProjectRole


class ProjectForm(forms.Form):
    name = forms.CharField(max_length=80, widget=forms.TextInput({"autocomplete": "off"}))
    budget = forms.DecimalField(
        label="Budget in USD",
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(1_000_000),
        decimal_places=2,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text="What would cost more than is left is not sent. Leave it empty for none.",
    )
    requires_consent = forms.BooleanField(
        label="Require consent for characters",
        required=False,
        help_text="Nothing is made with a character whose consent is not recorded.",
    )

    def clean_name(self) -> str:
        return tidy(self.cleaned_data["name"])


class MemberForm(forms.Form):
    """Adds a person of the studio who is not in the project yet."""

    person = forms.ModelChoiceField(User.objects.none(), to_field_name="uuid", empty_label="Choose a person")
    role = forms.ChoiceField(choices=ProjectRole.choices, initial=ProjectRole.ARTIST)

    def __init__(self, data: QueryDict | None = None, *, project: Project) -> None:
        super().__init__(data)
        members = Membership.objects.filter(project=project).values("user")
        self.candidates = User.objects.filter(is_active=True).exclude(pk__in=members).order_by("name")
        self.fields["person"].queryset = self.candidates  # type: ignore[attr-defined]

    def has_candidates(self) -> bool:
        return self.candidates.exists()


class MemberRoleForm(forms.Form):
    role = forms.ChoiceField(choices=ProjectRole.choices)


class DeleteForm(forms.Form):
    """The name of the address typed by hand; nobody needs it for the sample."""

    typed = forms.CharField(max_length=60, widget=forms.TextInput({"autocomplete": "off"}))

    def __init__(self, data: QueryDict | None = None, *, project: Project) -> None:
        super().__init__(data)
        self.project = project
        self.wrong = f"Nothing was deleted. Type {project.slug} exactly."
        typed = self.fields["typed"]
        typed.label = f"Type {project.slug} to delete the project"
        typed.required = not project.is_sample
        typed.error_messages["required"] = self.wrong

    def clean_typed(self) -> str:
        typed = str(self.cleaned_data["typed"])
        if not self.project.is_sample and typed != self.project.slug:
            raise ValidationError(self.wrong)
        return typed
