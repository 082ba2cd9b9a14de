"""What a download or an export may ask for."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from delivery.models import MediaFormat

NO_SUCH_FORMAT = "This format cannot be delivered. Choose PNG, JPEG or WebP."


class UuidsField(forms.Field):
    """A field that is sent once per output."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: object) -> list[UUID]:
        sent: Sequence[object] = value if isinstance(value, list | tuple) else []
        try:
            return [UUID(str(one)) for one in sent]
        except ValueError:
            raise forms.ValidationError("One of the selected stills is not named as stills are.") from None


class SelectionForm(forms.Form):
    """`id` names outputs by UUID, one value each; `all` means everything that the gallery's filter shows."""

    id = UuidsField(required=False)
    all = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.cleaned_data["id"] and not self.cleaned_data["all"]:
            raise forms.ValidationError("No stills are selected. Select at least one.")
        return self.cleaned_data


class ExportForm(SelectionForm):
    media_format = forms.ChoiceField(
        label="Format",
        choices=MediaFormat.choices,
        widget=forms.RadioSelect,
        error_messages={"required": NO_SUCH_FORMAT, "invalid_choice": NO_SUCH_FORMAT},
    )
    with_sidecars = forms.BooleanField(
        label="Add a JSON file with prompt and settings to each picture", required=False
    )


class FormatForm(forms.Form):
    """The format of one download; left out, the original is meant."""

    format = forms.ChoiceField(
        choices=MediaFormat.choices, required=False, error_messages={"invalid_choice": NO_SUCH_FORMAT}
    )
