"""Compare: only what differs, told calmly when it is one thing."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from gallery import differences
from generations import plan
from generations.models import Output
from tests.factories import make_blob, make_generation, make_intent, make_project, make_stored, make_user
from tests.gallery.filling import fill


@pytest.fixture
def user(client: Client, db):
    user = make_user()
    client.force_login(user)
    return user


@pytest.fixture
def project(user):
    return make_project(owner=user)


@pytest.fixture
def compared(client, project):
    def get(outputs):
        return client.get(f"/projects/{project.slug}/compare", {"id": [output.uuid for output in outputs]})

    return get


def stored(project, **changes) -> Output:
    generation = plan.start(replace(make_intent(project), **changes, form_key=uuid4()))
    generation.outputs.update(state="stored", blob=make_blob())
    return generation.outputs.get()


def test_one_thing_changed_is_said_calmly(compared, project):
    text = compared([stored(project), stored(project, prompt="A wolf crosses wet asphalt")]).text
    assert "1 thing changed" in text
    assert "pill-ok" in text
    assert "<del>A fox</del>" in text or "<del> fox</del>" in text
    assert "<ins> wolf</ins>" in text
    assert 'scope="row">Seed' not in text


def test_several_things_changed_are_a_warning(compared, project):
    other = stored(project, prompt="A fox in snow", resolution="2K", ratio="1:1", seed=9)
    text = compared([stored(project), other]).text
    assert "4 things changed" in text
    assert "pill-warn" in text
    for label in ("Prompt", "Resolution", "Ratio", "Seed"):
        assert f'scope="row">{label}' in text
    assert 'scope="row">Model' not in text


def test_pictures_of_one_generation_differ_in_their_seed_alone(compared, project, user):
    text = compared(make_stored(project, user, count=2)).text
    assert "1 thing changed" in text
    assert 'scope="row">Seed' in text


def test_the_same_settings_are_said_to_be_the_same(compared, project):
    assert "exactly the same settings" in compared([stored(project), stored(project)]).text


@pytest.mark.parametrize("count", [0, 1, 10])
def test_fewer_than_two_and_more_than_nine_get_a_sentence(compared, project, count):
    answer = compared(fill(project, count))
    assert answer.status_code == 422
    assert f"Compare 2 to 9 stills; {count} {'was' if count == 1 else 'were'} chosen." in answer.text


def test_a_foreign_a_waiting_or_a_trashed_still_is_not_found(compared, project, user):
    mine = fill(project, 2)
    foreign = fill(make_project("Elsewhere", make_user("x@example.com")), 1)
    waiting = make_generation(project, user).outputs.get()
    assert compared([mine[0], *foreign]).status_code == 404
    assert compared([mine[0], waiting]).status_code == 404
    Output.objects.filter(pk=mine[1].pk).update(trashed_at=waiting.created_at)
    assert compared(mine).status_code == 404


def test_stills_stand_in_the_order_they_were_named(compared, project):
    outputs = fill(project, 9)[::-1]
    parts = compared(outputs).text.split('class="compare-cell" data-output="')[1:]
    assert [part[:36] for part in parts] == [str(output.uuid) for output in outputs]


def test_wholly_different_prompts_stand_one_under_the_other(compared, project, user):
    outputs = [
        *make_stored(project, user, "A lighthouse in fog"),
        *make_stored(project, user, "Two cats asleep"),
    ]
    text = compared(outputs).text
    assert '<span class="text-whole">Two cats asleep</span>' in text
    assert '<span class="text-instead"><b>Instead of</b> A lighthouse in fog</span>' in text
    assert "<del>" not in text


WORDS = st.lists(
    st.sampled_from(["fog", "rain", "night,", "low angle", "24 mm", "\n", "“neon”", "it's"])
).map(" ".join)


@given(older=st.one_of(WORDS, st.text(max_size=60)), newer=st.one_of(WORDS, st.text(max_size=60)))
def test_a_word_difference_holds_the_newer_text_and_no_word_twice(older, newer):
    spans = differences.words(older, newer)
    assert "".join(span.text for span in spans if span.kind not in ("removed", "instead")) == newer
    assert "".join("".join(s.text for s in spans if s.kind not in ("added", "whole")).split()) == "".join(
        older.split()
    )


@given(text=st.text(max_size=60))
def test_equal_texts_have_no_difference(text):
    assert {span.kind for span in differences.words(text, text)} <= {"same"}
