"""Django's settings, derived from the configuration."""

from __future__ import annotations

from typing import Any

import dj_database_url

from podium.rules.errors import UserError
from podium.server.configuration import configuration, signing_key
from podium.server.logs import configure_logs

_chosen = configuration()

SECRET_KEY = signing_key(_chosen)
DEBUG = False
ALLOWED_HOSTS = _chosen.hosts
CSRF_TRUSTED_ORIGINS = [_chosen.url]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    # Before allauth, whose templates ours replace.
    "podium.server.pages",
    "allauth",
    "allauth.account",
    "podium.server.history",
    "podium.server.accounts",
    "podium.server.queues",
    "podium.server.files",
    "podium.server.competitions",
    "podium.server.leaderboards",
    "podium.server.past",
    "podium.server.exports",
    "podium.server.charts",
    "podium.server.jobs",
    "podium.server.jobs.internal",
    "podium.server.submissions",
    "podium.server.modelboards",
    "podium.server.rescores",
    "podium.server.publishing",
    "podium.server.certainty",
]

MIDDLEWARE = [
    "podium.server.pages.middleware.security_headers",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "podium.server.pages.middleware.explain_errors",
]

ROOT_URLCONF = "podium.server.urls"
CSRF_FAILURE_VIEW = "podium.server.pages.errors.form_expired"
WSGI_APPLICATION = "podium.server.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "podium.server.pages.context.site",
            ],
        },
    },
]


def _database(url: str) -> dict[str, Any]:
    try:
        settings: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=None))
    except ValueError as error:
        raise _no_database() from error
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        settings["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
            "PRAGMA mmap_size=134217728; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-8000;",
        }
    elif settings["ENGINE"] == "django.db.backends.postgresql":
        # What is asked again and again is parsed and planned once for each connection. What the URL says stays.
        settings["OPTIONS"] = {"server_side_binding": True, "prepare_threshold": 3, **settings.get("OPTIONS", {})}
    else:
        raise _no_database()
    return settings


def _no_database() -> UserError:
    return UserError(
        "setting-invalid",
        "PODIUM_DATABASE_URL does not name a database that Podium can use.",
        "Write sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME, or unset it: SQLite in the data folder.",
    )


DATABASES = {"default": _database(_chosen.effective_database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
# Without a mail server nobody could ever confirm an address, so none is asked to.
ACCOUNT_EMAIL_VERIFICATION = "optional" if _chosen.email_host else "none"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_ADAPTER = "podium.server.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "podium.server.accounts.forms.LoginForm", "signup": "podium.server.accounts.forms.SignupForm"}

EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _chosen.email_host else 'dummy'}.EmailBackend"
EMAIL_HOST = _chosen.email_host
EMAIL_PORT = _chosen.email_port
EMAIL_HOST_USER = _chosen.email_user
EMAIL_HOST_PASSWORD = _chosen.email_password
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = _chosen.email_from

LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
# Names are unique without regard to case by a constraint, which the check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

STATIC_URL = "/static/"
STATIC_ROOT = _chosen.data_folder / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 300

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _chosen.secure
SESSION_COOKIE_AGE = 30 * 24 * 3600
X_FRAME_OPTIONS = "DENY"
# Only model boards are for pages of other sites, by key: no cookie goes along.
CORS_URLS_REGEX = r"^/(api/leaderboard|public)/"
CORS_ALLOW_ALL_ORIGINS = "*" in _chosen.cors_origin_list
CORS_ALLOWED_ORIGINS = [origin for origin in _chosen.cors_origin_list if origin != "*"]
CORS_ALLOW_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
CORS_ALLOW_HEADERS = ("accept", "authorization", "content-type", "x-api-key")
CORS_EXPOSE_HEADERS = ("Retry-After", "X-Podium-Warning")
SECURE_REFERRER_POLICY = "same-origin"
# Every upload is a file, however small: what takes it in wants a path.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
_SPOOL = _chosen.data_folder / "spool"
FILE_UPLOAD_TEMP_DIR = str(_SPOOL) if _SPOOL.is_dir() else None

LOGGING_CONFIG = None
configure_logs()
