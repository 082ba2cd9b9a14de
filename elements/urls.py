"""Addresses of references."""

from django.urls import path

from elements.views import references

app_name = "elements"
urlpatterns = [
    path("projects/<slug:slug>/references", references.add, name="references"),
    path("projects/<slug:slug>/references/pick", references.pick, name="pick"),
    path("references/<uuid:uuid>/file/<slug:size>", references.picture, name="picture"),
]
