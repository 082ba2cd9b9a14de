"""What consent refuses: a rule on an element, a use, a day and what the project requires."""

import re
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from elements import consent
from elements.models import Consent, ConsentState, Element, Kind

TODAY = date(2027, 3, 1)
DAYS = st.none() | st.dates(TODAY - timedelta(days=400), TODAY + timedelta(days=400))
USES = st.lists(st.sampled_from(sorted(consent.USES)), unique=True)


def element(kind: str = Kind.CHARACTER, **terms: object) -> Element:
    """@mara, with a consent if terms are given; neither is stored."""
    mara = Element(handle="mara", kind=kind)
    if terms:
        Consent(element=mara, **terms)
    return mara


@given(
    kind=st.sampled_from(Kind.values),
    state=st.sampled_from(ConsentState.values),
    uses=USES,
    expires=DAYS,
    ended=DAYS,
    use=st.sampled_from(sorted(consent.USES)),
    required=st.booleans(),
)
def test_what_is_refused_is_exactly_what_the_rule_says(kind, state, uses, expires, ended, use, required):
    mara = element(kind, state=state, uses=uses, expires_on=expires, ended_on=ended)
    sentence = consent.refusal(mara, use, TODAY, required=required)
    over = ended is not None or (expires is not None and expires < TODAY)
    given = state != ConsentState.NONE
    refused = kind == Kind.CHARACTER and (over or use not in uses if given else required)
    assert (sentence is not None) == refused
    if sentence is not None:
        assert re.fullmatch(r"[^!\n]*@mara[^!\n]*\. Nothing was sent\. [^!\n]+\.", sentence)


def test_consent_holds_through_its_last_day():
    mara = element(state="attested", uses=["stills"], expires_on=date(2027, 3, 1))
    assert consent.refusal(mara, "stills", date(2027, 3, 1)) is None
    assert consent.refusal(mara, "stills", date(2027, 3, 2)) == (
        "Consent for @mara ended on 1 March 2027. Nothing was sent. Renew it on the element's Consent tab."
    )


def test_a_use_that_is_not_allowed_is_named():
    mara = element(state="attested", uses=["review"])
    assert consent.refusal(mara, "stills", TODAY) == (
        "Consent for @mara does not allow stills. Nothing was sent. Change it on the element's Consent tab."
    )


def test_without_consent_only_a_project_that_requires_it_refuses():
    assert consent.refusal(element(), "stills", TODAY) is None
    assert consent.refusal(element(), "stills", TODAY, required=True) == (
        "@mara has no consent, which this project requires. Nothing was sent. "
        "Record it on the element's Consent tab."
    )


def test_a_place_needs_none_anywhere():
    assert consent.refusals([element(Kind.PLACE)], True, TODAY) == []


def test_each_element_is_named_in_its_order():
    ended = element(state="attested", uses=["stills"], ended_on=TODAY)
    assert [s[:20] for s in consent.refusals([element(), element(Kind.STYLE), ended], True, TODAY)] == [
        "@mara has no consent",
        "Consent for @mara en",
    ]
