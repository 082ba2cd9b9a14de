"""Absolute addresses, built from PUBLIC_URL and never from the Host header."""

from django.conf import settings
from django.urls import reverse


def absolute(name: str, *args: str) -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse(name, args=args)}"
