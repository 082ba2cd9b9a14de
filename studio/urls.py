"""Every address of the studio, by room."""

from django.urls import include, path
from django.views.generic.base import RedirectView

from studio import views

handler500 = "studio.views.fault"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("", RedirectView.as_view(pattern_name="projects:index"), name="home"),
    path("studio/", include("studio.pages")),
    path("account/", include("accounts.closed")),
    path("account/", include("allauth.urls")),
    path("people/", include("accounts.urls")),
    path("projects/", include("projects.urls")),
    path("spend/", include("spend.urls")),
    path("", include("elements.urls")),
    path("", include("generations.urls")),
    path("", include("gallery.urls")),
    path("", include("delivery.urls")),
    path("", include("routes.urls")),
]
