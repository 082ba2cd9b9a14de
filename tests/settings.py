"""Test settings: the real ones on a throw-away data directory, with a cheap password hash."""

import os
import tempfile

os.environ.setdefault("FRAMEHOUSE_DATA", tempfile.mkdtemp(prefix="framehouse-test-"))

from studio.settings import *  # noqa: F403
from studio.settings import DATA, DATABASE_URL, DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
if not DATABASE_URL:
    DATABASES["default"]["TEST"] = {"NAME": str(DATA / "test.sqlite3")}
