"""Every setting, read from the environment; docs/settings.md explains each and a test keeps it so."""

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.utils.csp import CSP

from studio import secret

env = environ.Env()
BASE = Path(__file__).resolve().parent.parent

# Where everything that must survive lives.
DATA = Path(env.str("FRAMEHOUSE_DATA", default=str(BASE / "data"))).absolute()
MEDIA_ROOT = DATA / "media"
STATIC_ROOT = DATA / "static"
SECRET_KEY = env.str("SECRET_KEY", default="") or secret.keep(DATA / "secrets" / "django")
# Keys of providers are sealed with the first of these and opened with any.
CREDENTIAL_KEYS = env.list("CREDENTIAL_KEYS", default=[]) or [secret.keep(DATA / "secrets" / "credentials")]
# With this every paid route leads to `manage.py sandbox`, where no money is spent, and real keys are refused.
SANDBOX_URL = env.str("SANDBOX_URL", default="")
# Where references may be fetched from by their address: each host and all below it. Empty: from nowhere.
REFERENCE_HOSTS = [name.lower() for name in env.list("REFERENCE_HOSTS", default=[])]

# The address. Absolute links are built from it alone, and cookies follow it.
ANYWHERE = "0.0.0.0"  # noqa: S104 - compared with, not bound
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
PUBLIC_URL = env.str(
    "PUBLIC_URL", default=f"http://{'localhost' if HOST in ('127.0.0.1', ANYWHERE) else HOST}:{PORT}"
)
_public = urlsplit(PUBLIC_URL)
SECURE = _public.scheme == "https"
ALLOWED_HOSTS = [
    *env.list("ALLOWED_HOSTS", default=[]),
    _public.hostname or "localhost",
    "localhost",
    "127.0.0.1",
    "[::1]",
    *([socket.gethostname()] if HOST == ANYWHERE else []),
]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
DEBUG = False

# Threads of the one web process; live streams may take all but sixteen of them (see generations/live.py).
WEB_THREADS = env.int("WEB_THREADS", default=64)
WORKERS = env.int("WORKERS", default=os.cpu_count() or 2)
# One factor on every lease and horizon, so that tests of faults need seconds where people need minutes.
HORIZON_SCALE = env.float("HORIZON_SCALE", default=1.0)

INSTALLED_APPS = [
    "studio",
    "delivery",
    "gallery",
    "generations",
    "spend",
    "routes",
    "projects",
    "elements",
    "accounts",
    "media",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "studio.middleware.connections_given_back",
    "studio.middleware.private_answers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "studio.middleware.LoginRequired",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.activity.note_activity",
    "accounts.refusals.RefusedForms",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "studio.urls"
WSGI_APPLICATION = "studio.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "studio.notices.notices",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASE_URL = env.str("DATABASE_URL", default="")
if DATABASE_URL:
    # Whoever waits for a page waits for a connection no longer than this many seconds, and is then told.
    _pool = {"pool": {"timeout": 4, "min_size": 1, "max_size": 16}}
    DATABASES = {"default": {**env.db_url("DATABASE_URL"), "CONN_MAX_AGE": 0, "OPTIONS": _pool}}
else:
    # A commit can be the proof of a payment, so synchronous is FULL and not the usual NORMAL.
    _pragmas = (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
        "PRAGMA temp_store=MEMORY;PRAGMA journal_size_limit=27103364;"
    )
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "framehouse.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": _pragmas},
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The row is the job and a Celery message only a bell, so nothing here has to survive.
BROKER = DATA / "broker"
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://localhost")
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(BROKER / "queue"),
        "data_folder_out": str(BROKER / "queue"),
        "control_folder": str(BROKER / "control"),
        "polling_interval": 0.05,
    }
    if CELERY_BROKER_URL.startswith("filesystem:")
    # A worker that hears nothing for so many seconds, not even that there is nothing, connects anew.
    else {"socket_timeout": 5, "socket_connect_timeout": 2, "health_check_interval": 10}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_IMPORTS = ["studio.pulse"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "projects:index"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
# Browsers offer passkeys only on https or on the name localhost.
MFA_SUPPORTED_TYPES = [
    "totp",
    "recovery_codes",
    *(["webauthn"] if SECURE or _public.hostname == "localhost" else []),
]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_PASSKEY_LOGIN_ENABLED = "webauthn" in MFA_SUPPORTED_TYPES
# Addresses are not verified by mail, because most installations send none.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Framehouse"
# Behind a proxy the caller's address is the one that the proxy noted; else all would share one rate limit.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.bool("BEHIND_PROXY", default=False) else 0

EMAIL_URL = env.str("EMAIL_URL", default="")
MAIL_FROM = env.str("MAIL_FROM", default=f"framehouse@{_public.hostname}")
DEFAULT_FROM_EMAIL = MAIL_FROM
_mail = urlsplit(EMAIL_URL)
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": _mail.hostname,
            "port": _mail.port or 587,
            "username": _mail.username or "",
            "password": _mail.password or "",
            "use_tls": _mail.scheme == "smtp+tls",
        },
    }
    if EMAIL_URL
    else {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "framehouse_session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "framehouse_csrf"
CSRF_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]  # probes come from inside, without the proxy
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
# Other names under the same domain are the operator's business, without mail links are copied by hand, and
# the folder for uploads is laid before anything is served.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "mail.E001", "files.E001"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "media-src": [CSP.SELF, "blob:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "object-src": [CSP.NONE],
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "studio.storage.StaticStorage"},
}
WHITENOISE_MAX_AGE = 3600
WHITENOISE_ALLOW_ALL_ORIGINS = False
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Larger uploads arrive on the disk that is to keep them, and not on a system folder of unknown size.
FILE_UPLOAD_TEMP_DIR = DATA / "uploads"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "filters": {"links": {"()": "studio.logs.hide_links"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["links"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"httpx": {"level": "WARNING"}},
}
