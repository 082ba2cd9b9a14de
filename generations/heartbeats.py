"""Signs of life of the processes that work behind the pages."""

import os
import socket
from datetime import timedelta

from django.utils import timezone

from generations.models import Heartbeat

FRESH = timedelta(seconds=30)


def beat(role: str) -> None:
    """Note that this process of `role` ("worker", "dispatcher") is alive now."""
    name = f"{role}@{socket.gethostname()}:{os.getpid()}"[:120]
    Heartbeat.objects.update_or_create(name=name, defaults={"role": role, "seen_at": timezone.now()})


def heard_from(role: str) -> bool:
    return Heartbeat.objects.filter(role=role, seen_at__gte=timezone.now() - FRESH).exists()


def forget_old() -> None:
    Heartbeat.objects.filter(seen_at__lt=timezone.now() - timedelta(hours=1)).delete()
