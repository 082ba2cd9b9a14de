"""Consent once more at the moment of making: it may have ended while a generation waited."""

from elements import consent
from generations.models import Generation


def refusal_for_generation(generation: Generation) -> str | None:
    """One sentence on the first element that may not be used now; None when all may.

    An element that was purged cannot be used either.
    """
    today = consent.today()
    rows = generation.elements.select_related("element__consent").order_by("position")
    for row in rows:
        if row.element is None or row.version_id is None:
            return f"@{row.name} was purged from the library. Nothing was sent. Choose another element."
        required = generation.project.requires_consent
        if sentence := consent.refusal(row.element, consent.STILLS, today, required=required):
            return sentence
    return None
