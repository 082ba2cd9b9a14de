"""Which pictures a person asked to have delivered: all of them or none, in the order asked for."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.http import Http404

from accounts.models import User
from delivery import naming, sidecar
from gallery import filters
from generations.models import Output, OutputQuerySet, OutputState
from media import storage
from media.archive import Entry
from projects.models import Project

MOST_PICTURES = 1000
MOST_NAMED = 3
MOST_BYTES = 20 * 1024**3
FLAGGED = (
    "flagged by the provider's safety check. Look at it first and press Show, or leave it out: "
    "status:flagged in the search finds what was flagged."
)


class CannotDeliver(ValueError):  # noqa: N818 - reads as the fact it reports
    """The selection is the person's own but cannot be delivered; the text is one sentence for people."""


def chosen(project: Project, user: User, ids: Sequence[UUID]) -> list[Output]:
    """The stored outputs with everything that their names and sidecars need, in the order of `ids`.

    Raises Http404 if one of them is not in the project or not visible to `user`, CannotDeliver if one has no
    picture yet or if together they are too many.
    """
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MOST_PICTURES:
        raise CannotDeliver(
            f"{len(wanted):,} stills are selected; one archive holds at most {MOST_PICTURES:,}."
        )
    visible = Output.objects.visible_to(user).filter(project=project)
    found = {output.uuid: output for output in with_facts(visible.filter(uuid__in=wanted))}
    if len(found) < len(wanted):
        raise Http404
    outputs = [found[uuid] for uuid in wanted]
    _check(outputs)
    return outputs


def all_matching(project: Project, user: User, asked: filters.Filter) -> list[Output]:
    """The finished stills of the project that the gallery shows under `asked`, newest first."""
    found = with_facts(filters.matching(project, user, asked).stored()).order_by("-created_at", "-id")
    outputs = list(found[: MOST_PICTURES + 1])
    if not outputs:
        raise CannotDeliver("No finished stills match this filter.")
    if len(outputs) > MOST_PICTURES:
        raise CannotDeliver(
            f"More than {MOST_PICTURES:,} stills match; one archive holds at most {MOST_PICTURES:,}."
        )
    _check(outputs)
    return outputs


def left_out(flagged: Sequence[Output]) -> str:
    """Which stills are flagged, by the names that their files would have; of many the first ones."""
    names = [naming.stem(output) for output in flagged[:MOST_NAMED]]
    more = f" and {len(flagged) - MOST_NAMED:,} more" if len(flagged) > MOST_NAMED else ""
    are = "1 still is" if len(flagged) == 1 else f"{len(flagged):,} stills are"
    return f"{are} flagged by the provider's safety check and left out: {', '.join(names)}{more}."


def with_facts(outputs: OutputQuerySet) -> OutputQuerySet:
    return outputs.select_related("blob", "project", "generation")


def entries(outputs: Sequence[Output]) -> Iterator[Entry]:
    """Originals as they are, each with its sidecar."""
    for output in outputs:
        assert output.blob is not None
        yield Entry(naming.file_name(output), storage.original(output.blob.sha256))
        yield Entry(f"{naming.stem(output)}.json", sidecar.as_bytes(output))


def _check(outputs: Sequence[Output]) -> None:
    waiting = sum(output.state == OutputState.PENDING for output in outputs)
    failed = sum(output.state == OutputState.FAILED for output in outputs)
    if waiting:
        raise CannotDeliver(
            f"{_are(waiting)} still being made. Wait for the rest, or select only finished stills."
        )
    if failed:
        raise CannotDeliver(
            f"{_are(failed)} missing because making them failed. Select only finished stills."
        )
    flagged = sum(output.is_flagged for output in outputs)
    if flagged:
        raise CannotDeliver(f"{_are(flagged)} {FLAGGED}")
    size = sum(output.blob.bytes for output in outputs if output.blob)
    if size > MOST_BYTES:
        limit = f"{MOST_BYTES // 1024**3} GB"
        raise CannotDeliver(f"These stills have {size / 1024**3:.1f} GB; one archive holds at most {limit}.")


def _are(count: int) -> str:
    return "1 of the selected stills is" if count == 1 else f"{count:,} of the selected stills are"
