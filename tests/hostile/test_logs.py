"""What people write stays out of the logs, also when drawing it breaks."""

import logging

import pytest

from generations import drawing
from generations.models import Generation, Output, OutputState
from tests.factories import make_project, make_user
from tests.hostile.calls import COMPOSED
from tests.hostile.world import address, make_world

pytestmark = pytest.mark.django_db(transaction=True)
CANARY = "xylophonecanary"


@pytest.fixture
def web(client):
    ana = make_user()
    make_project(owner=ana)
    client.force_login(ana)
    return client


@pytest.fixture
def log(caplog):
    """All that LOG_LEVEL=DEBUG would show."""
    caplog.set_level(logging.DEBUG)
    return caplog


def start(web, prompt: str = f"A fox, {CANARY}, at dusk") -> Output:
    form = {**COMPOSED, "prompt": prompt, "form_key": "7d0e4c55-9a9e-4f3b-8f9d-2a115b7a7c1e"}
    assert web.post("/projects/night-market/preview", form).status_code == 200
    assert web.post("/projects/night-market/generate", form).status_code == 302
    return Output.objects.get()


@pytest.mark.slow
def test_a_generation_leaves_no_word_of_its_prompt_in_the_log(web, log):
    output = start(web)
    drawing.draw_output(output.pk)
    web.get("/projects/night-market/", {"q": CANARY})
    web.get(f"/outputs/{output.uuid}/download", {"format": "webp"})
    assert Output.objects.get().state == OutputState.STORED
    assert CANARY not in log.text


def test_a_refused_prompt_is_not_logged(web, log):
    form = {**COMPOSED, "prompt": CANARY * 400, "form_key": "x"}
    assert web.post("/projects/night-market/generate", form).status_code == 422
    assert web.post("/projects/nowhere/generate", form).status_code == 404
    assert CANARY not in log.text


def test_a_refused_invitation_does_not_put_its_link_into_the_log(client, log):
    world = make_world()
    path = address(world, "accounts:accept")
    assert client.post(path, {"name": "Ben", "password": "short"}).status_code == 422
    assert client.get(path).status_code == 200
    assert world.token not in log.text
    assert "Refused: accounts:accept" in log.text


@pytest.mark.parametrize("broken", [{"prompt": {CANARY: 1}}, {"negative_prompt": CANARY}, {"prompt": 7}])
def test_a_fault_in_drawing_is_logged_by_its_place_and_not_by_its_text(web, log, broken):
    """The stored request is damaged so that the fault's own text would quote it."""
    output = start(web)
    request = Generation.objects.get().request
    request.update(broken)
    if "negative_prompt" in broken:
        del request["prompt"]
    Generation.objects.update(request=request)
    drawing.draw_output(output.pk)
    output.refresh_from_db()
    assert output.state == OutputState.FAILED
    assert "Nothing was charged" in output.error
    assert CANARY not in log.text
    assert "could not be drawn" in log.text
    assert ", line " in log.text
