"""The bytes of an output, for those who may see its project."""

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.signed_in import SignedIn
from generations.models import Output
from media.serving import serve

EDGES = {"512": 512, "1536": 1536, "original": None}


@require_safe
def picture(request: SignedIn, uuid: str, size: str) -> HttpResponseBase:
    output = get_object_or_404(Output.objects.visible_to(request.user).select_related("blob"), uuid=uuid)
    if size not in EDGES or output.blob is None:
        raise Http404
    return serve(request, output.blob, edge=EDGES[size])
