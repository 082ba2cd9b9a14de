"""What people record about consent, and the document they attach."""

from datetime import date
from typing import IO

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from elements import consent
from elements.models import Consent, ConsentState, Element
from media import documents, intake
from media.models import Blob, Document
from media.names import clean_name

NO_FILE = "Attach a scan or a PDF, or choose Attested."
STATES = [
    (ConsentState.NONE.value, "None"),
    (ConsentState.ATTESTED.value, "Attested: somebody here vouches for it"),
    (ConsentState.DOCUMENT.value, "Document: a signed paper is kept here"),
]


class ConsentForm(forms.Form):
    """Choosing a file means that there is a document, whatever else is chosen."""

    state = forms.ChoiceField(label="Consent", choices=STATES, widget=forms.RadioSelect)
    uses = forms.MultipleChoiceField(
        label="Allowed for",
        choices=list(consent.USES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one use."},
    )
    expires_on = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text="It holds through this day. Leave it empty when it has no end.",
        error_messages={"invalid": "This is no day of the calendar. Write it as 2027-03-01."},
    )
    note = forms.CharField(
        required=False,
        max_length=consent.LONGEST_NOTE,
        widget=forms.Textarea({"rows": 2}),
        help_text="For whom, from whom, under which contract.",
    )
    document = forms.FileField(
        required=False,
        widget=forms.FileInput({"accept": ".pdf,image/png,image/jpeg,image/webp,image/avif"}),
        help_text="A PDF of at most 10 MB, or a scan as a picture. It is only downloaded, never shown.",
        error_messages={"empty": "This file is empty."},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        files: "MultiValueDict[str, UploadedFile[bytes]] | None" = None,
        *,
        element: Element,
        today: date,
    ) -> None:
        super().__init__(data, files, initial=_initial(consent.given_by(element)))
        self.element = element
        self.today = today

    def clean_expires_on(self) -> date | None:
        day: date | None = self.cleaned_data["expires_on"]
        if day is not None and day < self.today:
            raise ValidationError("The last day lies in the past. Choose today or a later day.")
        return day

    def clean(self) -> dict[str, object]:
        values = super().clean() or self.cleaned_data
        state = values.get("state")
        if values.get("document") and state == ConsentState.ATTESTED:
            state = values["state"] = ConsentState.DOCUMENT.value
        if state == ConsentState.NONE:
            self.errors.pop("uses", None)
            self._check_none()
        lacks = not values.get("document") and "document" not in self.errors and not self._has_document()
        if state == ConsentState.DOCUMENT and lacks:
            self.add_error("document", NO_FILE)
        return values

    def terms(self, paper: consent.Paper | None) -> consent.Terms:
        said = self.cleaned_data
        if said["state"] == ConsentState.NONE:
            return consent.Terms(ConsentState.NONE, [], None, "")
        return consent.Terms(said["state"], said["uses"], said["expires_on"], said["note"], paper)

    def paper(self) -> consent.Paper | None:
        """Store the document that was attached, if one was.

        Raises NotADocument or NotAPicture with a sentence, OSError when the disk fails.
        """
        file = self.cleaned_data["document"]
        return consent.Paper(_stored(file), clean_name(file.name or "document")) if file else None

    def _has_document(self) -> bool:
        given = consent.given_by(self.element)
        return given is not None and bool(consent.papers(given))

    def _check_none(self) -> None:
        if not consent.may_be_taken_back(self.element, self.today):
            self.add_error(
                "state", "Consent that has ended is not taken back. Renew it, or leave it as it is."
            )
        elif self.cleaned_data.get("document"):
            self.add_error("document", "Choose Document to keep a file, or leave the file out.")


def _initial(given: Consent | None) -> dict[str, object]:
    if given is None:
        return {"state": ConsentState.NONE.value, "uses": [consent.STILLS, "review"]}
    return {"state": given.state, "uses": given.uses, "expires_on": given.expires_on, "note": given.note}


def _stored(file: IO[bytes]) -> Blob | Document:
    if documents.looks_like_one(file.read(8)):
        return documents.store(file)
    return intake.store(file)
