"""Which route an order takes, by the project's policy and the keys that are there."""

from decimal import Decimal

import pytest
from django.test import Client

from generations import attempts, routing, tickets
from generations.attempts import Sending
from generations.models import Attempt, Generation, State
from projects.models import Project
from providers import catalogue
from providers.base import Blame, Refused, Unclear
from routes import policy
from routes.models import PolicyKind
from tests.generations.sent import begin
from tests.paid import make_key

FORM = {
    "form_key": "0b6f0a52-58c1-4b2c-8f0e-0a4a3c7f0001",
    "mode": "still",
    "route": "fal",
    "model": "o3",
    "prompt": "A lighthouse at dusk",
    "resolution": "1K",
    "aspect_ratio": "16:9",
    "count": "1",
    "format": "png",
}


def press(web: Client, project: Project, **changes: str) -> Generation:
    assert web.post(f"/projects/{project.slug}/generate", {**FORM, **changes}).status_code == 302
    return Generation.objects.get()


def refuse(generation: Generation, blame: Blame) -> None:
    """As the dispatcher notes a definite refusal of the first attempt."""
    assert generation.credential_id is not None
    ticket = tickets.take(generation.pk, generation.fence, generation.credential_id)
    assert ticket is not None
    sending = begin(ticket, 1, attempts.number_of(generation.uuid, 1), {})
    assert isinstance(sending, Sending)
    attempts.record(sending, Refused(blame, "It is refused. Nothing was charged."))


def test_a_route_with_a_key_can_be_chosen_and_one_without_cannot(web: Client, project: Project) -> None:
    make_key("fal")
    page = web.post(f"/projects/{project.slug}/preview", FORM).content.decode()
    assert '<option value="fal" selected>fal.ai</option>' in page
    assert '<option value="kling" disabled>Kling, needs a key</option>' in page
    assert press(web, project).route == "fal"
    answer = web.post(f"/projects/{project.slug}/generate", {**FORM, "route": "kling"})
    assert answer.status_code == 422
    assert "needs a key" in answer.content.decode()


def test_with_the_policy_cheapest_the_cheapest_route_with_a_key_is_taken(
    web: Client, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_key("fal")
    make_key("runware")
    policy.choose(project, PolicyKind.CHEAPEST)
    real = catalogue.estimate

    def cheaper_at_runware(endpoint: catalogue.Endpoint, resolution: str, count: int) -> Decimal:
        return real(endpoint, resolution, count) / (2 if endpoint.route == "runware" else 1)

    monkeypatch.setattr(catalogue, "estimate", cheaper_at_runware)
    assert press(web, project).route == "runware"


def test_with_the_policy_cheapest_the_chosen_route_wins_a_tie(web: Client, project: Project) -> None:
    make_key("fal")
    make_key("runware")
    policy.choose(project, PolicyKind.CHEAPEST)
    assert press(web, project).route == "fal"


@pytest.mark.parametrize("blame", [Blame.ORDER, Blame.ACCOUNT, Blame.MONEY])
def test_with_the_policy_next_a_refused_order_goes_on_by_the_next_route(
    web: Client, project: Project, blame: Blame
) -> None:
    make_key("fal")
    make_key("runware")
    policy.choose(project, PolicyKind.NEXT)
    first = press(web, project)
    refuse(first, blame)
    first.refresh_from_db()
    second = Generation.objects.get(parent=first)
    assert (first.state, second.state, second.route) == (State.FAILED, State.QUEUED, "runware")
    refuse(second, Blame.ORDER)
    assert Generation.objects.count() == 2, "both routes have refused it"


def test_no_policy_leaves_out_the_copy_with_a_watermark(web: Client, project: Project) -> None:
    for route in ("fal", "runware", "kling"):
        make_key(route)
    policy.choose(project, PolicyKind.CHEAPEST)
    first = press(web, project, route="kling", watermark="1")
    assert (first.route, first.request["watermark"]) == ("kling", True)
    policy.choose(project, PolicyKind.NEXT)
    refuse(first, Blame.MONEY)
    assert Generation.objects.count() == 1, "only Kling makes such copies"


@pytest.mark.parametrize("blame", [Blame.POLICY, Blame.RATE, Blame.PROVIDER])
def test_what_is_refused_for_its_content_or_only_for_now_goes_nowhere_else(
    web: Client, project: Project, blame: Blame
) -> None:
    make_key("fal")
    make_key("runware")
    policy.choose(project, PolicyKind.NEXT)
    refuse(press(web, project), blame)
    assert Generation.objects.count() == 1


def test_a_lost_answer_is_never_carried_elsewhere(web: Client, project: Project) -> None:
    make_key("fal")
    make_key("runware")
    policy.choose(project, PolicyKind.NEXT)
    generation = press(web, project)
    assert generation.credential_id is not None
    ticket = tickets.take(generation.pk, generation.fence, generation.credential_id)
    assert ticket is not None
    begin(ticket, 1, attempts.number_of(generation.uuid, 1), {})
    attempts.unclear(Attempt.objects.get().pk, Unclear("ReadTimeout"))
    generation.refresh_from_db()
    assert generation.state == State.UNKNOWN
    assert Generation.objects.count() == 1


def test_without_a_policy_a_refused_order_ends_where_it_was(web: Client, project: Project) -> None:
    make_key("fal")
    make_key("runware")
    generation = press(web, project)
    refuse(generation, Blame.ORDER)
    generation.refresh_from_db()
    assert (generation.state, Generation.objects.count()) == (State.FAILED, 1)
    assert routing.go_on(generation, Refused(Blame.ORDER, "No.")) is None
