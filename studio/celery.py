"""The Celery application; its messages are bells, the rows are the work."""

import os

from celery import Celery
from celery.signals import worker_process_init

from studio.lifeline import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
app = Celery("studio")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


# A killed worker would otherwise leave its pool processes behind. This is Celery's only hook inside them.
@worker_process_init.connect(weak=False)
def tie_to_worker(**kwargs: object) -> None:
    die_with_parent()
