"""Copy as code: what each route would get, and the command line, for any generation."""

import pytest

from generations.as_code import command
from tests.factories import make_generation, make_series, make_user

pytestmark = pytest.mark.django_db


def page(web, generation):
    answer = web.get(f"/generations/{generation.uuid}/code")
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_route_shows_its_code_without_a_key(web, ana, project) -> None:
    shown = page(web, make_generation(project, ana, prompt="A heron, 'still' & \"calm\"", count=4))
    for address in ("queue.fal.run/fal-ai/kling-image/o3/text-to-image", "api.runware.ai/v1"):
        assert address in shown
    assert "FAL_KEY" in shown
    assert "manage.py generate --project night-market" in shown


def test_the_command_line_asks_for_the_same(ana, project) -> None:
    generation = make_generation(project, ana, prompt="A heron, 'still'", count=2)
    line = command(generation)
    assert "--count 2" in line
    assert f"--seed {generation.seed}" in line


def test_a_series_is_written_with_its_panels(web, ana, project) -> None:
    generation = make_series(project, ana, count=2).panels.get(position=0).takes.get().output.generation
    assert "--panel 'Beat 1' --panel 'Beat 2'" in command(generation)
    assert "Panel 1: Beat 1" in page(web, generation)


def test_strangers_see_no_code(client, ana, project) -> None:
    client.force_login(make_user("str@example.com"))
    assert client.get(f"/generations/{make_generation(project, ana).uuid}/code").status_code == 404
