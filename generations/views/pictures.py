"""The bytes of an output, for those who may see its project; of a flagged one its veil, whoever asks."""

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.signed_in import SignedIn
from generations import words
from generations.models import Output
from media.serving import serve, serve_veiled, withhold

EDGES = {"512": 512, "1536": 1536, "original": None}


@require_safe
def picture(request: SignedIn, uuid: str, size: str) -> HttpResponseBase:
    output = get_object_or_404(Output.objects.visible_to(request.user).select_related("blob"), uuid=uuid)
    if size not in {*EDGES, words.VEILED} or output.blob is None:
        raise Http404
    if size == words.VEILED:
        return serve_veiled(request, output.blob)
    if output.is_flagged:
        return withhold(words.UNSEEN)
    return serve(request, output.blob, edge=EDGES[size])
