"""The sentence that says how references relate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elements.models import ReferenceRole
from generations.relations import sentence
from grammar import mentions


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ([], ""),
        ([("ref-a", "style")], "Take the style from @ref-a."),
        (
            [("ref-a", "composition"), ("ref-b", "palette"), ("ref-b", "lighting")],
            "Keep the composition of @ref-a, take the palette and the light from @ref-b.",
        ),
        ([("ref-a", "subject"), ("ref-b", "scene")], "Keep the subject of @ref-a and the scene of @ref-b."),
    ],
)
def test_roles_become_a_sentence(roles: list[tuple[str, str]], said: str) -> None:
    assert sentence(roles) == said


@given(
    st.lists(
        st.tuples(st.sampled_from(["ref-a", "ref-b", "ref-c"]), st.sampled_from(ReferenceRole.values)),
        min_size=1,
        max_size=6,
    )
)
def test_every_reference_is_named(roles: list[tuple[str, str]]) -> None:
    assert set(mentions.names(sentence(roles))) == {name for name, _ in roles}
