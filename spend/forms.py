"""What the page of spending is asked for, and a budget as it is set."""

from datetime import date, timedelta
from decimal import Decimal

from django import forms
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from generations import orphans
from projects.models import Project
from providers import catalogue
from spend.grouping import GROUPS, Filter
from spend.models import LedgerEntry, Period

LATELY = timedelta(days=29)
MODES = {"text": "from words", "image": "from words and pictures", "multi-image": "from several pictures"}


class SpendForm(forms.Form):
    """Filters in the address; without any, the last thirty days by project."""

    project = forms.ModelChoiceField(
        Project.objects.none(), required=False, to_field_name="slug", empty_label="All projects"
    )
    person = forms.ModelChoiceField(
        User.objects.none(), required=False, to_field_name="uuid", empty_label="Everybody"
    )
    model = forms.ChoiceField(required=False)
    route = forms.ChoiceField(required=False)
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(label="To", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    group = forms.ChoiceField(label="Group by", required=False, choices=list(GROUPS.items()))

    def __init__(self, data: QueryDict, user: User) -> None:
        first = (timezone.now() - LATELY).date().isoformat()
        super().__init__({"since": first, "group": "project", **data.dict()})
        people = LedgerEntry.objects.visible_to(user).values("user_id")
        self.fields["project"].queryset = Project.objects.visible_to(user).order_by("name")  # type: ignore[attr-defined]
        self.fields["person"].queryset = User.objects.filter(pk__in=people).order_by("name")  # type: ignore[attr-defined]
        models, routes = catalogue.models(), catalogue.routes()
        self.fields["model"].choices = [("", "All models"), *((row.key, row.label) for row in models)]  # type: ignore[attr-defined]
        self.fields["route"].choices = [("", "All routes"), *((row.key, row.label) for row in routes)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", "This day is before the first one.")
        if since and since < date(2000, 1, 1):
            self.add_error("since", "Nothing is older than the year 2000.")
        return self.cleaned_data

    def asked(self) -> Filter:
        """What a valid form asks for; of an invalid one, what could be read."""
        said = self.cleaned_data
        return Filter(
            said.get("project"), said.get("person"), said.get("model", ""), said.get("route", ""),
            said.get("since"), said.get("until"),
        )  # fmt: skip

    def group_by(self) -> str:
        return self.cleaned_data.get("group") or "project"


class OrphanForm(forms.Form):
    """Where a job that no order knows shall go, and which model made it."""

    project = forms.ModelChoiceField(
        Project.objects.none(), to_field_name="slug", empty_label="Choose a project"
    )
    endpoint = forms.ChoiceField(label="Made by")

    def __init__(self, data: QueryDict | None, user: User, route: str) -> None:
        super().__init__(data)
        self.fields["project"].queryset = Project.objects.visible_to(user).order_by("name")  # type: ignore[attr-defined]
        labels = {row.key: row.label for row in catalogue.models()}
        made_by = [(row.key, f"{labels[row.model]}, {MODES[row.mode]}") for row in orphans.endpoints(route)]
        self.fields["endpoint"].choices = [("", "Choose a model"), *made_by]  # type: ignore[attr-defined]


class BudgetForm(forms.Form):
    """A limit for a project, a person, both, or (neither, by those who run the studio) the studio."""

    project = forms.ModelChoiceField(Project.objects.none(), to_field_name="slug", empty_label="All projects")
    person = forms.ModelChoiceField(
        User.objects.none(), required=False, to_field_name="uuid", empty_label="Everybody together"
    )
    period = forms.ChoiceField(choices=Period.choices)
    limit = forms.DecimalField(
        label="Limit in USD",
        min_value=Decimal(0),
        max_value=Decimal(1_000_000),
        decimal_places=2,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, data: QueryDict | None, user: User) -> None:
        super().__init__(data)
        led = Project.objects.led_by(user)
        people = User.objects.filter(is_active=True)
        if not user.runs_studio:
            people = people.filter(memberships__project__in=led).distinct()
            self.fields["project"].empty_label = "Choose a project"  # type: ignore[attr-defined]
        self.fields["project"].required = not user.runs_studio
        self.fields["project"].queryset = led.order_by("name")  # type: ignore[attr-defined]
        self.fields["person"].queryset = people.order_by("name")  # type: ignore[attr-defined]
