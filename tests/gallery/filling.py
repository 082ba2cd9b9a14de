"""Many stills at once, without drawing any: rows that share one picture."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from generations import plan
from generations.models import Generation, Output, OutputState
from media.models import Blob
from projects.models import Project
from tests.factories import make_blob, make_intent


def fill(
    project: Project,
    count: int,
    user: User | None = None,
    prompt: str = "A fox crosses wet asphalt",
    at: datetime | None = None,
    blob: Blob | None = None,
) -> list[Output]:
    """`count` stored outputs, one generation each, a second apart and the newest at `at`; newest first."""
    newest = at or timezone.now()
    blob = blob or Blob.objects.first() or make_blob()
    intent = make_intent(project, user, prompt)
    request = plan.frozen(intent)
    times = [newest - timedelta(seconds=back) for back in reversed(range(count))]
    generations = Generation.objects.bulk_create(_generation(intent, request, time) for time in times)
    outputs = Output.objects.bulk_create(_output(generation, blob) for generation in generations)
    return outputs[::-1]


def _generation(intent: plan.Intent, request: dict[str, object], at: datetime) -> Generation:
    return Generation(
        project=intent.project, user=intent.user, route="draft", model="o3", endpoint=intent.endpoint.key,
        prompt=intent.prompt, request=request, request_sha256="0" * 64, width=1360, height=768,
        media_format="png", resolution="1K", count=1, seed=7, estimate_micro_usd=0, cost_micro_usd=0,
        state="succeeded", created_at=at,
    )  # fmt: skip


def _output(generation: Generation, blob: Blob) -> Output:
    return Output(
        generation=generation, project=generation.project, created_at=generation.created_at, index=0, seed=7,
        width=1360, height=768, state=OutputState.STORED, blob=blob, stored_at=generation.created_at,
    )  # fmt: skip
