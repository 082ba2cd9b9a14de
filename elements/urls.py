"""Addresses of the library and of references."""

from django.urls import path

from elements.views import (
    cast,
    consent,
    element,
    library,
    making,
    moving,
    parcels,
    references,
)

app_name = "elements"
urlpatterns = [
    path("elements/", library.index, name="library"),
    path("elements/tags", library.tags, name="tags"),
    path("elements/new", making.new, name="new"),
    path("elements/photos", making.stage, name="stage"),
    path("elements/staged/<str:mark>", making.staged, name="staged"),
    path("elements/photos/<uuid:uuid>/file/<slug:size>", library.photo, name="photo"),
    path("elements/<uuid:uuid>/", element.overview, name="element"),
    path("elements/<uuid:uuid>/used", element.used, name="used"),
    path("elements/<uuid:uuid>/versions", element.versions, name="versions"),
    path("elements/<uuid:uuid>/versions/<int:number>/again", element.take_back, name="take_back"),
    path("elements/<uuid:uuid>/edit", element.edit, name="edit"),
    path("elements/<uuid:uuid>/share", element.share, name="share"),
    path("elements/<uuid:uuid>/cast", element.cast_into, name="cast_into"),
    path("elements/moves", parcels.moves, name="moves"),
    path("elements/import", parcels.take_in, name="import"),
    path("elements/<uuid:uuid>/export", parcels.export, name="export"),
    path("elements/<uuid:uuid>/consent", consent.sheet, name="consent"),
    path("elements/<uuid:uuid>/consent/end", consent.end, name="consent_end"),
    path("elements/<uuid:uuid>/consent/document", consent.document, name="consent_document"),
    path("elements/<uuid:uuid>/acts", moving.acts, name="acts"),
    path("elements/<uuid:uuid>/archive", moving.archive, name="archive"),
    path("elements/<uuid:uuid>/bring-back", moving.bring_back, name="bring_back"),
    path("elements/<uuid:uuid>/merge", moving.merge, name="merge"),
    path("elements/<uuid:uuid>/purge", moving.purge, name="purge"),
    path("projects/<slug:slug>/cast", cast.cast, name="cast"),
    path("projects/<slug:slug>/cast/pick", cast.pick, name="cast_pick"),
    path("projects/<slug:slug>/cast/add", cast.add, name="cast_add"),
    path("projects/<slug:slug>/cast/<uuid:uuid>/update", cast.update, name="cast_update"),
    path("projects/<slug:slug>/cast/<uuid:uuid>/remove", cast.remove, name="cast_remove"),
    path("projects/<slug:slug>/references", references.add, name="references"),
    path("projects/<slug:slug>/references/pick", references.pick, name="pick"),
    path("references/<uuid:uuid>/file/<slug:size>", references.picture, name="picture"),
]
