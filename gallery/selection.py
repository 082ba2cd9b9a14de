"""Which outputs a request names: all of them the project's, or the whole request is a 404."""

from collections.abc import Sequence
from uuid import UUID

from django.http import Http404

from generations.models import OutputQuerySet

MOST = 500


def named(texts: Sequence[str]) -> list[UUID]:
    """The UUIDs in `texts`, each once, in order."""
    if len(texts) > MOST:
        raise Http404
    try:
        return list(dict.fromkeys(UUID(text) for text in texts))
    except ValueError as error:
        raise Http404 from error


def all_or_none(outputs: OutputQuerySet, ids: Sequence[UUID]) -> OutputQuerySet:
    """Those of `outputs` that `ids` name; a single one that is not among them refuses all."""
    chosen = outputs.filter(uuid__in=ids)
    if not ids or chosen.count() != len(ids):
        raise Http404
    return chosen
