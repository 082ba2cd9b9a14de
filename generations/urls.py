"""Addresses of generations and their outputs."""

from django.urls import URLPattern

app_name = "generations"
urlpatterns: list[URLPattern] = []
