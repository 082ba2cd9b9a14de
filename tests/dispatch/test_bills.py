"""The provider's bill is read and compared with what was settled here."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import Generation
from projects.models import Project
from routes.models import Credential
from spend import bills
from spend.models import BillLine
from tests.paid import ENDPOINTS, dispatch, dispatch_all, make_key, order, sandbox

OVERCHARGE = 5000


def read_bill() -> None:
    """Have the dispatcher read it now."""
    Credential.objects.update(created_at=timezone.now() - timedelta(days=1), billed_at=None)
    dispatch(lambda: not Credential.objects.filter(billed_at=None).exists())


@pytest.mark.parametrize("route", ["fal", "kling"])
def test_a_bill_that_agrees_leaves_no_difference(project: Project, route: str) -> None:
    with sandbox() as room:
        make_key(route)
        order(project, ENDPOINTS[route])
        dispatch_all()
        read_bill()
        (line,) = BillLine.objects.all()
        assert (line.micro_usd, line.generation) == (room.charged(), Generation.objects.get().uuid)
        assert bills.compare(route, None, None) == []


def test_what_fal_charged_beyond_our_figure_is_seen(project: Project) -> None:
    with sandbox() as room:
        make_key("fal")
        generation = order(project, ENDPOINTS["fal"])
        room.fault("overcharge", operation="submit", number=OVERCHARGE)
        dispatch_all()
        read_bill()
        generation.refresh_from_db()
        assert generation.cost_micro_usd is not None
        differences = [one.difference for one in bills.compare("fal", None, None)]
        assert differences == ([OVERCHARGE] if generation.cost_micro_usd < room.charged() else [])


def test_a_job_at_the_provider_that_no_order_of_ours_knows_is_listed(project: Project) -> None:
    with sandbox() as room:
        make_key("fal")
        generation = order(project, ENDPOINTS["fal"])
        dispatch_all()
        generation.delete()
        read_bill()
        (foreign,) = [one for one in bills.compare("fal", None, None) if one.generation is None]
        assert (foreign.ours, foreign.theirs) == (0, room.charged())
