"""The stills page from outside: what it shows, to whom, and at what price in queries."""

import pytest
from django.test import Client

from tests.factories import make_project, make_stored, make_user

pytestmark = pytest.mark.django_db


def test_the_page_shows_stills(client: Client):
    user = make_user()
    project = make_project(owner=user)
    output = make_stored(project, user, "A lighthouse in fog", count=2)[0]
    client.force_login(user)
    answer = client.get(f"/projects/{project.slug}/")
    assert answer.status_code == 200
    assert f"tile-{output.uuid}" in answer.text
    assert client.get(f"/outputs/{output.uuid}/").status_code == 200
    assert client.get(f"/projects/{project.slug}/trash").status_code == 200
    ids = "&".join(f"id={one.uuid}" for one in output.generation.outputs.all())
    assert client.get(f"/projects/{project.slug}/compare?{ids}").status_code == 200
