"""What a clock that was ahead left behind does not stand for as long as the clock was wrong."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations import horizons, waits
from generations.models import Attempt, Generation, Output
from routes.models import Credential
from tests.generations import sent

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_ordinary_waits_stay(project):
    sent.submitted(project)
    sent.queued(project)
    now = timezone.now()
    Credential.objects.update(closed_until=now + horizons.PROBE)
    Generation.objects.update(due_at=now + horizons.seconds(horizons.RETRY_AFTER_MOST))
    Attempt.objects.update(due_at=now + horizons.POLL_STUCK)
    assert waits.end_overlong() == 0
    assert Attempt.objects.get().due_at == now + horizons.POLL_STUCK


def test_those_that_are_too_long_end_now(project):
    sent.sending(project)
    far = timezone.now() + HOUR
    Credential.objects.update(closed_until=far)
    Generation.objects.update(due_at=far, lease_until=far)
    Attempt.objects.update(due_at=far)
    places = Output.objects.update(lease_until=far, rung_at=far)
    assert waits.end_overlong() == 4 + 2 * places
    now = timezone.now()
    assert Credential.objects.filter(closed_until__lte=now).exists()
    assert Generation.objects.filter(due_at__lte=now, lease_until__lte=now).exists()
    assert Attempt.objects.filter(due_at__lte=now).exists()
    assert Output.objects.filter(lease_until__lte=now, rung_at__lte=now).count() == places
    assert waits.end_overlong() == 0
