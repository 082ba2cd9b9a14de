"""The address of webhooks, apart from those of pages: the dispatcher tells it and loads no page."""

from django.urls import path

from generations.views import hook

urlpatterns = [path("hooks/<uuid:uuid>/<slug:token>", hook.receive, name="hook")]
