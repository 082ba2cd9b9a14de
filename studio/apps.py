"""Made part of Django so that every process that knows rows also knows the bells."""

from django.apps import AppConfig

from studio import celery

__all__ = ["celery"]


class Studio(AppConfig):
    name = "studio"
