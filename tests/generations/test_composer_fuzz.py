"""Whatever is sent to the composer and its neighbours, the answer is never a fault."""

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generations.models import Generation
from tests.examples import examples
from tests.factories import make_project, make_user

SENSIBLE = {
    "form_key": [str(uuid4())],
    "mode": ["still", "series"],
    "route": ["draft", "fal", "kling"],
    "model": ["o3", "v3", "o1", "v2-1"],
    "prompt": ["A fox", ""],
    "negative_prompt": ["", "blur"],
    "resolution": ["1K", "2K", "4K"],
    "aspect_ratio": ["16:9", "auto", "1:1"],
    "count": ["1", "4", "9", "0"],
    "format": ["png", "jpeg"],
    "seed": ["", "7"],
    "parent": ["", str(uuid4())],
    "reference": [str(uuid4())],
    "role": ["style"],
    "called": ["ref-street", "ref-", ""],
    "element": [str(uuid4())],
    "as_references": ["1"],
    "panel": ["A door", "", "@nobody", "@Image1"],
    "slot": ["1:style", "²:style", "9"],
    "relation": ["Keep it.", ""],
    "part_light": ["keep", "change", ""],
    "change_to": ["dusk"],
    "body": ['{"prompt": "A fox", "num_images": 2}', "curl https://x.example", "[{}]", "{"],
    "text": ["Panel 1: a. Panel 2: b.", "First a, then b"],
    "from": [str(uuid4())],
}
WILD = st.text(st.characters(codec="utf-8"), max_size=60)
VALUES = {name: st.lists(st.sampled_from(known) | WILD, max_size=3) for name, known in SENSIBLE.items()}
FORMS = st.fixed_dictionaries({}, optional=VALUES)
MANY = settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@pytest.fixture
def web(client, db):
    ana = make_user()
    make_project(owner=ana)
    client.force_login(ana)
    return client


@pytest.mark.parametrize(
    "act", ["preview", "generate", "composer", "sending", "pasted", "split", "references"]
)
@MANY
@given(form=FORMS)
def test_any_form_is_answered(web, act, form):
    answer = web.post(f"/projects/night-market/{act}", form)
    allowed = {"generate": {200, 302, 422}, "pasted": {200, 422}, "references": {200, 422}}
    assert answer.status_code in allowed.get(act, {200})
    assert all(generation.outputs.count() == generation.count for generation in Generation.objects.all())


@pytest.mark.parametrize("path", ["projects/night-market/composer", "projects/night-market/queue", "queue/"])
@MANY
@given(asked=st.dictionaries(st.sampled_from(["state", "mine", "from", "after", "mode", "page"]), WILD))
def test_any_question_is_answered(web, path, asked):
    assert web.get(f"/{path}", asked).status_code == 200


@MANY
@given(form=st.dictionaries(st.sampled_from(["output", "reference", "file"]), WILD))
def test_any_pick_is_answered(web, form):
    assert web.post("/projects/night-market/references", form).status_code == 422
