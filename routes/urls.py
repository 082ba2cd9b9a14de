"""Addresses of routes and keys: those of the studio, those of a project, and each key's own."""

from django.urls import path

from routes import views

app_name = "routes"
urlpatterns = [
    path("routes/", views.studio, name="studio"),
    path("routes/add/<slug:route>", views.add_to_studio, name="add_to_studio"),
    path("projects/<slug:slug>/routes/", views.project, name="project"),
    path("projects/<slug:slug>/routes/add/<slug:route>", views.add_to_project, name="add_to_project"),
    path("projects/<slug:slug>/routes/policy", views.choose_policy, name="policy"),
    path("routes/keys/<uuid:uuid>/", views.key, name="key"),
    path("routes/keys/<uuid:uuid>/state", views.state, name="state"),
    path("routes/keys/<uuid:uuid>/test", views.test, name="test"),
    path("routes/keys/<uuid:uuid>/replace", views.replace, name="replace"),
    path("routes/keys/<uuid:uuid>/change", views.change, name="change"),
    path("routes/keys/<uuid:uuid>/pause", views.pause, name="pause"),
    path("routes/keys/<uuid:uuid>/resume", views.resume, name="resume"),
    path("routes/keys/<uuid:uuid>/reopen", views.reopen, name="reopen"),
    path("routes/keys/<uuid:uuid>/remove", views.remove, name="remove"),
]
