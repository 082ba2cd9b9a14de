"""The sentence about references, from their roles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elements.models import ReferenceRole
from generations import relations
from grammar import mentions

NAMES = st.from_regex(r"ref-[a-z]{1,8}", fullmatch=True)
PAIRS = st.lists(st.tuples(NAMES, st.sampled_from(ReferenceRole.values)), max_size=10)


@pytest.mark.parametrize(
    ("given_roles", "sentence"),
    [
        ([], ""),
        ([("ref-a", "style")], ""),
        (
            [("ref-a", "composition"), ("ref-b", "palette")],
            "Keep the composition of @ref-a, take palette and light from @ref-b.",
        ),
        (
            [("ref-a", "composition"), ("ref-b", "palette"), ("ref-c", "lighting")],
            "Keep the composition of @ref-a, take palette from @ref-b and light from @ref-c.",
        ),
        (
            [("ref-a", "product"), ("ref-b", "scene"), ("ref-c", "lighting")],
            "Keep the product of @ref-a, set it in the scene of @ref-b, take light from @ref-c.",
        ),
        (
            [("ref-a", "subject"), ("ref-b", "style")],
            "Keep the subject of @ref-a, take style from @ref-b.",
        ),
        (
            [("ref-a", "palette"), ("ref-a", "texture")],
            "Take palette, light and texture from @ref-a.",
        ),
    ],
)
def test_roles_become_a_sentence(given_roles, sentence):
    assert relations.sentence(given_roles) == sentence


@given(PAIRS)
def test_every_reference_is_named_and_nobody_else(pairs):
    said = relations.sentence(pairs)
    if len(set(pairs)) < 2:
        assert said == ""
    else:
        assert set(mentions.names(said)) == {name for name, _ in pairs}
        assert said.endswith(".")
        assert said[0].isupper()


@given(PAIRS)
def test_the_same_roles_say_the_same(pairs):
    assert relations.sentence(pairs) == relations.sentence(pairs + pairs)


@pytest.mark.parametrize(
    ("keep", "change", "to", "sentence"),
    [
        ([], [], "", ""),
        ([], [], "dusk", ""),
        (["composition"], [], "", "Keep the composition."),
        (
            ["subjects", "composition"],
            ["light", "palette"],
            "a cold dusk.",
            "Keep the composition and subjects; change the palette and light to a cold dusk.",
        ),
        (["light"], ["light"], "dusk", "Keep the light."),
        (["nonsense"], ["texture"], "", "Change the texture."),
    ],
)
def test_keep_and_change(keep, change, to, sentence):
    assert relations.keep_and_change(keep, change, to) == sentence
