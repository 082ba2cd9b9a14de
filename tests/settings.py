"""Test settings: the real ones on a throw-away data directory, with a cheap password hash."""

import atexit
import os
import shutil
import tempfile

# A worker of xdist inherits its parent's directory, and must not share it.
if "PYTEST_XDIST_WORKER" in os.environ or "FRAMEHOUSE_DATA" not in os.environ:
    _folder = tempfile.mkdtemp(prefix="framehouse-test-")
    os.environ["FRAMEHOUSE_DATA"] = _folder
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)

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
    # This one may be lost with the machine, and waiting for the disk at every commit takes long.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
