"""What the owner's page says of paid work that stands."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from generations.models import Generation, Output, State
from projects.models import Project
from tests.factories import make_generation, make_user


def page(client: Client) -> str:
    client.force_login(make_user("olga@example.com", role="owner"))
    return client.get("/studio/health").content.decode()


def test_a_quiet_studio_has_nothing_that_stands(client: Client, db: None) -> None:
    said = page(client)
    assert "Waiting for a decision: 0. Stuck: 0. Looked for: 0." in said
    assert "Finished pictures still at their provider: 0." in said


def test_an_order_that_needs_a_decision_is_counted(client: Client, project: Project) -> None:
    make_generation(project)
    Generation.objects.update(route="fal", state=State.NEEDS_DECISION)
    assert "Waiting for a decision: 1." in page(client)


def test_originals_that_expire_soon_are_said(client: Client, project: Project) -> None:
    make_generation(project)
    Output.objects.update(source="sealed", source_expires_at=timezone.now() + timedelta(hours=2))
    assert "Finished pictures still at their provider: 1. The first expires soon." in page(client)
