"""Addresses of the studio's own pages."""

from django.urls import path

from studio import views

app_name = "studio"
urlpatterns = [path("health", views.health, name="health")]
