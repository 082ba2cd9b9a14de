"""Forms of people: making an account from a link, preferences, invitations and roles."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import QueryDict

from accounts.models import Backdrop, StudioRole, Theme, User
from accounts.names import tidy
from accounts.people import roles_given_by
from projects.models import Project, ProjectRole

TAKEN = "This e-mail has an account already. Sign in with it instead."
NEW_PASSWORD = {"autocomplete": "new-password"}


class AccountForm(forms.Form):
    """What a new person tells; with `invited`, that address is the only one accepted."""

    name = forms.CharField(max_length=80, widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput({"autocomplete": "username"})
    )
    password = forms.CharField(
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(NEW_PASSWORD),
        help_text="10 characters or more, and not a common one.",
    )
    again = forms.CharField(
        label="Password again", max_length=1024, strip=False, widget=forms.PasswordInput(NEW_PASSWORD)
    )

    def __init__(self, data: QueryDict | None = None, *, invited: str = "") -> None:
        super().__init__(data, initial={"email": invited})
        self.invited = invited
        self.fields["email"].widget.attrs["readonly"] = bool(invited)

    def clean_name(self) -> str:
        return tidy(self.cleaned_data["name"])

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if self.invited and email != self.invited:
            raise ValidationError(f"This invitation is for {self.invited}.")
        if User.objects.filter(email=email).exists():
            raise ValidationError(TAKEN)
        return email

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "password" in data:
            person = User(email=data.get("email", ""), name=data.get("name", ""))
            try:
                validate_password(data["password"], person)
            except ValidationError as problem:
                self.add_error("password", problem)
        if "again" in data and data.get("password", data["again"]) != data["again"]:
            self.add_error("again", "The two passwords differ.")
        return data


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    theme = forms.ChoiceField(choices=Theme.choices, widget=forms.RadioSelect)
    backdrop = forms.ChoiceField(
        label="Backdrop of pictures", choices=Backdrop.choices, widget=forms.RadioSelect
    )

    class Meta:
        model = User
        fields = ["name", "theme", "backdrop", "single_keys"]
        labels = {"single_keys": "Single letters are shortcuts"}
        help_texts = {"single_keys": "They never fire while you type. Off: only keys with Ctrl or ⌘ act."}

    def clean_name(self) -> str:
        return tidy(self.cleaned_data["name"])


class InvitationForm(forms.Form):
    """`project` and its role are optional; an admin cannot invite an owner."""

    email = forms.EmailField(label="E-mail", max_length=254, required=False)
    role = forms.ChoiceField(label="Studio role", initial=StudioRole.MEMBER)
    project = forms.ModelChoiceField(
        Project.objects.none(), to_field_name="slug", required=False, empty_label="No project yet"
    )
    project_role = forms.ChoiceField(
        label="Role in the project", choices=ProjectRole.choices, initial=ProjectRole.ARTIST, required=False
    )

    def __init__(self, data: QueryDict | None = None, *, inviter: User) -> None:
        super().__init__(data)
        self.fields["role"].choices = roles_given_by(inviter)  # type: ignore[attr-defined]
        self.fields["project"].queryset = Project.objects.visible_to(inviter).order_by("name")  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if email and User.objects.filter(email=email).exists():
            raise ValidationError("This person has an account already. Add them to a project instead.")
        return email


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=StudioRole.choices)
