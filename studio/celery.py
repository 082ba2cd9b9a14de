"""The Celery application; its messages are bells, the rows are the work."""

import os
import warnings

from celery import Celery
from celery.signals import worker_process_init

from studio.lifeline import die_with_parent, limit_memory

# Messages are JSON numbers only, so a worker that runs as root (in a container) is no way in.
warnings.filterwarnings("ignore", message=r"\s*You're running the worker")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
# Django's checks of itself load all pages, which no worker shows.
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")
app = Celery("studio")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


# A killed worker would otherwise leave its pool processes behind. This is Celery's only hook inside them.
@worker_process_init.connect(weak=False)
def settle_in(**kwargs: object) -> None:
    die_with_parent()
    limit_memory()
