"""The shell of Framehouse: settings, addresses, commands and base pages."""

from studio.celery import app as celery_app

__all__ = ["celery_app"]
