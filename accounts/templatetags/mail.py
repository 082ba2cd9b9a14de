"""Whether this installation sends mail; without it, reset links are handed over by people."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def mail_is_sent() -> bool:
    return not str(settings.MAILERS["default"]["BACKEND"]).endswith("dummy.EmailBackend")
