"""Jobs that a provider charged and no order of ours knows: paid, not imported. They can be brought in."""

import hashlib
import json
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from generations import attempts, pipeline, plan, words
from generations.models import Attempt, Generation, Outcome, Output, State
from generations.plan import Intent
from projects.models import Project
from providers import catalogue
from routes.models import Credential
from spend import bills, ledger
from spend.figures import usd
from spend.models import BillLine

LOOKS = 3  # so often the provider may not know the job before it is given up
NOTHING = "Nothing was spent now."


class CannotImport(ValueError):  # noqa: N818 - reads as the fact it reports
    """The job cannot be brought in; the text says why."""


def endpoints(route: str) -> tuple[catalogue.Endpoint, ...]:
    """What may have made a job of this route."""
    return tuple(row for row in catalogue.endpoints(route) if row.remote)


def bring_in(line: BillLine, endpoint_key: str, project: Project, user: User) -> Generation:
    """An order for the job, which the dispatcher then asks about and fetches like any other.

    Nothing is reserved, since it is spent; what was charged is settled when the provider has said how the job
    ended, and counts when it was charged. Raises CannotImport, or catalogue.UnknownEndpoint.
    """
    key = Credential.objects.exclude(sealed="").filter(pk=line.credential_id).first()
    if key is None:
        raise CannotImport(f"The key that this was ordered with is not here any more. {NOTHING}")
    if line.micro_usd < 0:
        raise CannotImport(f"The provider gave money back for this: there is no picture. {NOTHING}")
    try:
        with transaction.atomic():
            return _create(line, _intent(endpoint_key, project, user), key)
    except IntegrityError as error:
        raise CannotImport(f"This job belongs to an order already. {NOTHING}") from error


def billed(generation: Generation) -> int | None:
    """Micro-USD that the bill says of an imported order; None for one that was ordered here."""
    return generation.estimate_micro_usd if is_imported(generation) else None


def is_imported(generation: Generation) -> bool:
    return "imported" in generation.request


def is_unknown(attempt: Attempt) -> bool:
    """Whether the provider was asked often enough about an imported job that it does not know."""
    return is_imported(attempt.generation) and attempt.looks + 1 >= LOOKS


def count(attempt: Attempt, pictures: int) -> None:
    """An imported order is of as many pictures as the provider shows."""
    if is_imported(attempt.generation) and pictures:
        Generation.objects.filter(pk=attempt.generation_id).update(count=pictures)


def let_go(attempt: Attempt) -> None:
    """Give an imported job up: its line of the bill belongs to nobody again. Call inside a transaction."""
    generation, route = attempt.generation, words.route(attempt.route)
    reason = f"{route} does not know {attempt.remote_id} under this model."
    Attempt.objects.filter(pk=attempt.pk).update(
        outcome=Outcome.VOID, remote_id="", reason=reason[:500], due_at=None, is_done=True
    )
    bills.let_go(generation.uuid)
    said = f"{reason} It may be too old, or another model made it. {NOTHING}"
    pipeline.end(generation, State.FAILED, attempts.ACTOR, error=said)


def _intent(endpoint_key: str, project: Project, user: User) -> Intent:
    """What is known of the request: hardly anything, so the rest is the endpoint's defaults."""
    row = catalogue.endpoint(endpoint_key)
    return Intent(
        project=project,
        user=user,
        form_key=uuid4(),
        endpoint=row,
        prompt="",
        negative_prompt="",
        ratio=row.ratio_default,
        resolution=row.resolution_default,
        count=1,
        series=False,
        media_format=row.formats[0] if row.formats else "png",
        seed=None,
    )


def _create(line: BillLine, intent: Intent, key: Credential) -> Generation:
    if intent.endpoint.route != line.route:
        raise CannotImport(f"{words.route(line.route)} does not offer this model. {NOTHING}")
    generation = _freeze(line, intent)
    if not bills.assign(line.pk, generation.uuid):
        raise CannotImport(f"This job belongs to an order already. {NOTHING}")
    _accept(line, generation, key)
    ledger.reserve_charged(plan.account(generation), line.at)
    charged = f"{usd(line.micro_usd)} was charged before"
    note = f"Imported from the bill of {words.route(line.route)} as {line.remote_id}; {charged}."
    pipeline.tell(generation, None, "", State.SUBMITTED, intent.user.name if intent.user else "", note)
    Project.objects.filter(pk=intent.project.pk).update(touched_at=generation.created_at)
    return generation


def _freeze(line: BillLine, intent: Intent) -> Generation:
    price = plan.quote(intent)
    request = {**plan.frozen(intent), "imported": line.remote_id}
    generation = Generation.objects.create(
        project=intent.project,
        user=intent.user,
        form_key=intent.form_key,
        state=State.SUBMITTED,
        route=line.route,
        model=intent.endpoint.model,
        endpoint=intent.endpoint.key,
        request=request,
        request_sha256=_digest(request),
        width=price.width,
        height=price.height,
        media_format=intent.media_format,
        resolution=intent.resolution,
        count=intent.count,
        seed=0,
        estimate_micro_usd=line.micro_usd,
    )
    _hold_place(generation)
    return generation


def _hold_place(generation: Generation) -> None:
    """One, as far as anybody knows; should it have made more, they come on top."""
    Output.objects.create(
        generation=generation,
        project_id=generation.project_id,
        created_at=generation.created_at,
        index=0,
        seed=generation.seed,
        width=generation.width,
        height=generation.height,
    )


def _accept(line: BillLine, generation: Generation, key: Credential) -> None:
    now = timezone.now()

    Attempt.objects.create(
        uuid=attempts.number_of(generation.uuid, 1),
        generation=generation,
        number=1,
        credential=key,
        route=line.route,
        outcome=Outcome.ACCEPTED,
        body={},
        body_sha256=_digest({}),
        sent_at=now,
        remote_id=line.remote_id,
        due_at=now,
    )


def _digest(body: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
