"""What the acts of curation are told, checked: each form becomes one change."""

from collections.abc import Callable

from django import forms
from django.utils import timezone

from gallery.curation import Change
from generations.models import Flag


class RateForm(forms.Form):
    value = forms.IntegerField(
        min_value=0,
        max_value=5,
        error_messages=dict.fromkeys(("invalid", "required"), "Rate from 0 to 5 stars."),
    )

    def change(self) -> Change:
        stars = self.cleaned_data["value"]
        return Change(
            "rating",
            stars,
            f"Rated {stars} of 5:" if stars else "Cleared the rating of",
            "Put back the rating of",
        )


class FlagForm(forms.Form):
    value = forms.ChoiceField(choices=Flag.choices, required=False)

    def change(self) -> Change:
        flag = self.cleaned_data["value"]
        done = {Flag.PICK: "Picked", Flag.DROP: "Dropped"}.get(flag, "Cleared the flag of")
        return Change("flag", flag, done, "Put back the flag of")


class FavouriteForm(forms.Form):
    value = forms.TypedChoiceField(choices=[("1", "Yes"), ("0", "No")], coerce=lambda text: text == "1")

    def change(self) -> Change:
        liked = self.cleaned_data["value"]
        return Change(
            "is_favourite", liked, "Made a favourite:" if liked else "No longer a favourite:", "Put back"
        )


class DiscardForm(forms.Form):
    def change(self) -> Change:
        return Change("trashed_at", timezone.now(), "Moved to the trash:", "Restored")


class RestoreForm(forms.Form):
    def change(self) -> Change:
        return Change("trashed_at", None, "Restored", "Moved back to the trash:")


class ShowForm(forms.Form):
    def change(self) -> Change:
        history = ("Looked at and shown; the provider's safety check had flagged it.", "Blurred again.")
        return Change("is_flagged", False, "Shown:", "Blurred again:", history)


type ActForm = ShowForm | RateForm | FlagForm | FavouriteForm | DiscardForm | RestoreForm

ACTS: dict[str, Callable[..., ActForm]] = {
    "rate": RateForm,
    "flag": FlagForm,
    "favourite": FavouriteForm,
    "discard": DiscardForm,
    "restore": RestoreForm,
    "show": ShowForm,
}
