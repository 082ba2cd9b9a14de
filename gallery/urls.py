"""Addresses of the gallery: the stills of a project, one still, several beside each other, and the trash."""

from django.urls import path

from gallery.views import compare, curate, stills, viewer

app_name = "gallery"
urlpatterns = [
    path("projects/<slug:slug>/", stills.stills, name="stills"),
    path("projects/<slug:slug>/newer", stills.newer, name="newer"),
    path("projects/<slug:slug>/tiles", stills.tiles_again, name="tiles"),
    path("projects/<slug:slug>/curate/<slug:act>", curate.curate, name="curate"),
    path("projects/<slug:slug>/undo", curate.undo, name="undo"),
    path("projects/<slug:slug>/trash", curate.trash, name="trash"),
    path("projects/<slug:slug>/compare", compare.compare, name="compare"),
    path("outputs/<uuid:uuid>/", viewer.viewer, name="viewer"),
]
