"""One still: the page that a link leads to, and the same inside the gallery's dialog."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.signed_in import SignedIn
from gallery import filters, tiles
from generations.models import Output


@require_GET
def viewer(request: SignedIn, uuid: UUID) -> HttpResponse:
    outputs = Output.objects.visible_to(request.user).in_gallery().select_related("project")
    output = get_object_or_404(tiles.for_tiles(outputs), uuid=uuid)
    asked = filters.read(request.GET)
    context = {
        "output": output,
        "project": output.project,
        "tile": tiles.make([output])[0],
        "query": asked.query(),
    }
    return render(request, "gallery/viewer.html", context)
