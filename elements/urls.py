"""Addresses of references."""

from django.urls import path

from elements import views

app_name = "elements"
urlpatterns = [
    path("projects/<slug:slug>/references", views.add, name="references"),
    path("projects/<slug:slug>/references/pick", views.pick, name="pick"),
    path("references/<uuid:uuid>/file/<slug:size>", views.picture, name="picture"),
]
