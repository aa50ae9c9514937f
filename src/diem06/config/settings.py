"""
Settings. Everything that a machine may change is an environment variable `DIEM06_...`; docs/operations.md lists them.
"""

import os
import pkgutil
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from diem06.config import clock

SOURCE = Path(__file__).resolve().parent.parent
REPOSITORY = SOURCE.parent.parent

DIEM06_DATA = Path(os.environ.get("DIEM06_DATA", REPOSITORY / "var")).resolve()
DIEM06_DATA.mkdir(parents=True, exist_ok=True)
DIEM06_CLOCK = clock.now
DIEM06_WARM = os.environ.get("DIEM06_WARM", "1") == "1"
DEBUG = os.environ.get("DIEM06_DEBUG", "") == "1"
ALLOWED_HOSTS = os.environ.get("DIEM06_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("DIEM06_ORIGINS", "").split(",") if origin]
# Behind a TLS proxy: cookies only over https, and the proxy's word on it is believed.
BEHIND_TLS = os.environ.get("DIEM06_TLS", "") == "1"


def _secret_key() -> str:
    """The key from the environment, or one made once and kept in the data folder, readable by its owner alone."""
    if key := os.environ.get("DIEM06_SECRET_KEY"):
        return key
    file = DIEM06_DATA / "secret-key"
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return file.read_text()


SECRET_KEY = _secret_key()


def _database() -> dict[str, Any]:
    """PostgreSQL by `DIEM06_DATABASE=postgresql://user:password@host:port/name`, else SQLite in the data folder."""
    url = os.environ.get("DIEM06_DATABASE", "")
    if url:
        parts = urlsplit(url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DIEM06_DATA / "diem06.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            # FULL: what was acknowledged is on disk. WAL: readers never wait for a writer.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# A folder there is a pilot; `diem06 check` says what it lacks.
PILOTS = [f"diem06.pilots.{module.name}" for module in pkgutil.iter_modules([str(SOURCE / "pilots")])]

INSTALLED_APPS = [
    "diem06.config",
    *PILOTS,
    "diem06.reports",
    "diem06.desk",
    "diem06.cube",
    "diem06.core.sheets",
    "diem06.core.roster",
    "diem06.core.residents",
    "diem06.core.places",
    "diem06.core.jobs",
    "diem06.core.evidence",
    "diem06.core.plans",
    "diem06.core.organisation",
    "diem06.core.areas",
    "diem06.core.audit",
    "diem06.core.ui",
    "diem06.core.access",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "diem06.config.middleware.clock",
    "diem06.core.organisation.middleware.subject",
    "diem06.core.organisation.use.counting",
]

ROOT_URLCONF = "diem06.config.urls"
WSGI_APPLICATION = "diem06.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "diem06.config.context.shell",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "diem06.core.ui.templatetags.ui"],
        },
    },
]

# -- who signs in ----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "organisation.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "diem06.core.organisation.passwords.MinimumLength", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "diem06.core.organisation.sign_in.Adapter"
ACCOUNT_FORMS = {
    "login": "diem06.core.organisation.forms.Login",
    "reauthenticate": "diem06.core.organisation.forms.Reauthenticate",
    "change_password": "diem06.core.organisation.forms.ChangePassword",
}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
# How many proxies of ours stand before the server: rate limits then count the address that the outermost one saw.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_TLS else 0
MFA_ADAPTER = "diem06.core.organisation.sign_in.SecondFactor"
MFA_FORMS = {
    "authenticate": "diem06.core.organisation.forms.Authenticate",
    "reauthenticate": "diem06.core.organisation.forms.ReauthenticateByCode",
    "activate_totp": "diem06.core.organisation.forms.ActivateTOTP",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "diem06"
# The code before and the code after are taken too: the clock of a telephone may be half a minute off.
MFA_TOTP_TOLERANCE = 1
# A whole province may come from one address, on the morning of one deadline: an address may sign in as often as some hundred people
# do. Guessing is held off by the count for each name, and by one of failures.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "60/m/ip,5/300s/key"}
# One cache for all workers, or a rate limit would count in each worker apart.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
    }
}

# -- browser ---------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_AGE = 12 * 60 * 60
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if BEHIND_TLS else 0
X_FRAME_OPTIONS = "DENY"
STATIC_URL = "/static/"
STATIC_ROOT = DIEM06_DATA / "static"
STATICFILES_DIRS = [("vendor", REPOSITORY / "static" / "vendor")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "diem06.config.static_files.ManifestStorage"
    },
}
MEDIA_ROOT = DIEM06_DATA / "files"
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# -- language, time, numbers -----------------------------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Tiếng Việt")), ("en", _("Tiếng Anh"))]
LOCALE_PATHS = [SOURCE / "locale"]
FORMAT_MODULE_PATH = ["diem06.config.formats"]
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"

# -- long work -------------------------------------------------------------------------------------------------------
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
