"""The typed words of merging and purging, and the zip that is imported."""

from collections.abc import Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from elements import moving
from elements.models import Element, ElementHandle, ElementQuerySet


class MergeForm(forms.Form):
    """Names the element that stays; `choices` are those that may."""

    into = forms.CharField(
        label="Merge into",
        max_length=31,
        widget=forms.TextInput(
            {"autocomplete": "off", "spellcheck": "false", "placeholder": "@", "list": "merge-choices"}
        ),
        help_text="The handle of the element that stays.",
        error_messages={"required": "Type the handle of the element that stays."},
    )

    def __init__(self, data: QueryDict | None = None, *, gone: Element, choices: ElementQuerySet) -> None:
        super().__init__(data)
        self.gone = gone
        self.choices = choices

    def clean_into(self) -> Element:
        handle = str(self.cleaned_data["into"]).strip().removeprefix("@").lower()
        known = ElementHandle.objects.filter(handle=handle, element__in=self.choices)
        found = known.select_related("element").first()
        if found is None:
            raise ValidationError(f"There is no @{handle} that you may change. Nothing was merged.")
        if why := moving.why_not_merged(self.gone, found.element):
            raise ValidationError(f"{why} Nothing was merged.")
        return found.element


class PurgeForm(forms.Form):
    """The handle typed by hand."""

    typed = forms.CharField(
        max_length=31, widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"})
    )

    def __init__(self, data: QueryDict | None = None, *, element: Element) -> None:
        super().__init__(data)
        self.element = element
        self.wrong = f"Nothing was purged. Type {element.handle} exactly."
        self.fields["typed"].label = f"Type {element.handle} to purge it"
        self.fields["typed"].error_messages["required"] = self.wrong

    def clean_typed(self) -> str:
        typed = str(self.cleaned_data["typed"]).removeprefix("@")
        if typed != self.element.handle:
            raise ValidationError(self.wrong)
        return typed


class ImportForm(forms.Form):
    """A zip and where its elements go; `projects` are slug and name of those that may have them."""

    file = forms.FileField(
        label="Archive of elements",
        widget=forms.FileInput({"accept": ".zip,application/zip"}),
        help_text="A zip that this or another studio exported, at most 500 MB.",
        error_messages={
            "required": "Choose a zip to import.",
            "missing": "Choose a zip to import.",
            "empty": "This file is empty. Nothing was imported.",
        },
    )
    project = forms.ChoiceField(label="Who may use them", required=False)
    free_handles = forms.BooleanField(label="Where a handle is taken, use the next free one", required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        files: "MultiValueDict[str, UploadedFile[bytes]] | None" = None,
        *,
        projects: Sequence[tuple[str, str]],
    ) -> None:
        super().__init__(data, files)
        field = self.fields["project"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "Everybody in the studio"),
            *((slug, f"Only {name}") for slug, name in projects),
        ]
