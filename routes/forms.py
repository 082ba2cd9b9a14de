"""What people type about keys. A key goes in and never comes out: no field of it shows what was sent."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from accounts.names import tidy
from accounts.people import RefusedError
from routes import shapes
from routes.keys import Secrets
from routes.models import Credential, PolicyKind

KEEPS = "Left empty, what was entered before stays."
AGAIN = "Enter it again: what was typed here is not kept."
CHOOSE = "Choose one of the three ways."
SECRETS = ("key", "access_key", "secret_key", "hook_secret")
_EXTRA = {
    "fal": ("key", "hook_user_id"),
    "runware": ("key",),
    "kling": ("key", "access_key", "secret_key", "hook_secret"),
}
_HELP = {"fal": "As fal.ai shows it: id:secret.", "kling": "Or leave it empty and enter both keys below."}
_OFF = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


def _hidden(label: str, help_text: str = "") -> forms.CharField:
    widget = forms.PasswordInput(_OFF, render_value=False)
    return forms.CharField(label=label, strip=False, required=False, widget=widget, help_text=help_text)


def _limit_label(route: str) -> str:
    return f"{shapes.COUNTED.get(route, 'orders').capitalize()} at once"


def _at_once() -> forms.IntegerField:
    return forms.IntegerField(
        label="Orders at once",
        min_value=1,
        max_value=shapes.AT_ONCE_MOST,
        help_text="How many may be in flight with the provider; the rest wait here.",
    )


class KeyForm(forms.Form):
    """A key of one route: a new one with its name and limit, or with `replaces` only what is secret."""

    name = forms.CharField(max_length=60, required=False, widget=forms.TextInput({"autocomplete": "off"}))
    key = _hidden("Key")
    access_key = _hidden("Access key")
    secret_key = _hidden("Secret key")
    hook_secret = _hidden("Webhook secret", "With it, Kling's webhooks are believed.")
    hook_user_id = forms.CharField(
        label="User ID at fal.ai",
        max_length=shapes.LONGEST_USER_ID,
        required=False,
        widget=forms.TextInput(_OFF),
        help_text="With it, fal.ai's webhooks are believed.",
    )
    at_once = _at_once()

    def __init__(self, route: str, data: QueryDict | None = None, *, replaces: bool = False) -> None:
        mark = "replace" if replaces else route
        first = {"name": shapes.label(route), "at_once": shapes.AT_ONCE[route]}
        super().__init__(data, auto_id=f"{mark}-%s", initial=first)
        self.route = route
        self.kept: Secrets | None = None
        wanted = (*_EXTRA[route], *(() if replaces else ("name", "at_once")))
        for name in [name for name in self.fields if name not in wanted]:
            del self.fields[name]
        self.fields["key"].required = "access_key" not in self.fields
        self.fields["key"].help_text = _HELP.get(route, "")
        if route == "kling":
            self.fields["key"].label = "API key"
        for name in ("hook_secret", "hook_user_id"):
            if replaces and name in self.fields:
                self.fields[name].help_text = KEEPS
        if "at_once" in self.fields:
            self.fields["at_once"].label = _limit_label(route)

    def clean_name(self) -> str:
        typed = str(self.cleaned_data["name"])
        return tidy(typed) if typed.strip() else shapes.label(self.route)

    def clean_hook_user_id(self) -> str:
        return self._checked("User ID", str(self.cleaned_data["hook_user_id"]))

    def clean_hook_secret(self) -> str:
        return self._checked("webhook secret", str(self.cleaned_data["hook_secret"]))

    def clean(self) -> dict[str, object]:
        data = self.cleaned_data
        if "key" in data:
            self._read_key(data)
        for name in SECRETS:
            if self.errors and name not in self.errors and data.get(name):
                self.add_error(name, AGAIN)
        return data

    def _read_key(self, data: dict[str, object]) -> None:
        """Take the one key, or Kling's two."""
        key, access, secret = (str(data.get(name, "")) for name in SECRETS[:3])
        try:
            if key and (access or secret):
                raise RefusedError("Enter either the one key or both of the two, not all of them.")
            text = shapes.key(self.route, shapes.pair(access, secret) if access or secret else key)
        except RefusedError as refusal:
            self.add_error("access_key" if access or secret else "key", ValidationError(str(refusal)))
            return
        self.kept = Secrets(text, str(data.get("hook_secret", "")), str(data.get("hook_user_id", "")))

    def refuse(self, sentence: str) -> None:
        """Take over why it was not kept; what was secret is to be entered again."""
        self.add_error(None, ValidationError(sentence))
        for name in self._typed(SECRETS):
            self.add_error(name, AGAIN)

    def focus(self) -> None:
        """Put the cursor where another look is needed; what was secret has to be entered again anyway."""
        name = next((name for name in self.fields if name in self.errors), "key")
        self.fields[name].widget.attrs["autofocus"] = True

    def _typed(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if name in self.fields and self.data.get(name)]

    def _checked(self, what: str, text: str) -> str:
        try:
            return shapes.plain(text, what)
        except RefusedError as refusal:
            raise ValidationError(str(refusal)) from None


class ChangeForm(forms.Form):
    """A key's name and limit."""

    name = forms.CharField(max_length=60, widget=forms.TextInput({"autocomplete": "off"}))
    at_once = _at_once()

    def __init__(self, key: Credential, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="change-%s", initial={"name": key.name, "at_once": key.at_once})
        self.fields["at_once"].label = _limit_label(key.route)

    def clean_name(self) -> str:
        return tidy(self.cleaned_data["name"])


class PolicyForm(forms.Form):
    kind = forms.ChoiceField(
        choices=PolicyKind.choices,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )
