"""Settings of the desk. What differs between installations comes from the environment.

DATABASE_URL       a PostgreSQL server; without it an embedded one runs in the data folder
DESK_DATA          data folder: files, keys, embedded database (./var)
DESK_PORT          port of the desk (8000)
DESK_BASE_URL      address in mails and links (http://127.0.0.1:<port>)
DESK_HOSTS         further host names to answer to, separated by commas
DESK_SMTP_URL      smtp://user:password@host:587 or smtps://…; else mail goes to the data folder
DESK_MAIL_FROM     sender of mails
DESK_LMTP          address:port at which a mail server hands mail in by LMTP; DESK_SMTP_IN by SMTP
DESK_MAIL_PEERS    addresses of that mail server, by commas (this machine)
DESK_MAIL_CA       a PEM file: a further authority that mail servers' certificates may be of
DESK_NETWORKS      own networks that the desk may send requests to, as 10.1.0.0/16, by commas
DESK_TELEGRAM_URL  the Bot API of Telegram, or of a server of one's own (https://api.telegram.org)
DESK_RESERVE_PERCENT  of a specialist's day, left for the unplanned when it is proposed (25)
DESK_DEMO          1: demo data, the clock may be shifted
DESK_DEBUG         1: error pages with details, never for real data
"""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from desk.config import keys
from desk.config.database import from_url

BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = Path(os.environ.get("DESK_DATA", BASE_DIR / "var")).resolve()
PORT = int(os.environ.get("DESK_PORT", "8000"))

DEBUG = os.environ.get("DESK_DEBUG") == "1"
DEMO = os.environ.get("DESK_DEMO") == "1"
SECRET_KEY = keys.secret_key(DATA_DIR)
ENCRYPTION_KEY = keys.encryption_key(DATA_DIR)

BASE_URL = os.environ.get("DESK_BASE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
_address = urlsplit(BASE_URL)
_https = _address.scheme == "https"
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    *filter(None, [_address.hostname, *os.environ.get("DESK_HOSTS", "").split(",")]),
]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
# On a desk that others can reach, the first-run wizard opens only by the link that bin/run prints.
FIRST_RUN_NEEDS_TOKEN = keys.first_run_needs_token()
FIRST_RUN_TOKEN = keys.first_run_token(SECRET_KEY)
# What the health page of set-up asks of an area beside it: a function of its queries, by its path.
OUTBOX_HEALTH = "desk.channels.queries.health"
# Calls of the API about channels beside it: chapters of its reference, by their paths.
API_AREAS = ("desk.config.api.notices.notices", "desk.config.api.webhooks.webhooks")
# How invoices can be paid online; the first is offered first.
LIQPAY_URL = "https://www.liqpay.ua/api"
PAYMENT_PROVIDERS = ("desk.channels.payments.liqpay.LiqPay",)

INSTALLED_APPS = [
    # The desk's own templates and catalogues come before those of libraries.
    "desk.web",
    "desk.journal",
    "desk.partners",
    "desk.workdays",
    "desk.deposits",
    "desk.tickets",
    "desk.knowledge",
    "desk.oversight",
    "desk.reports",
    "desk.channels",
    "desk.channels.api",
    "desk.channels.cabinet",
    "desk.channels.email",
    "desk.channels.notices",
    "desk.channels.notices.push",
    "desk.channels.notices.telegram",
    "desk.channels.onebox",
    "desk.channels.payments",
    "desk.channels.phone",
    "desk.channels.webhooks",
    "desk.staff.workplace",
    "desk.staff.control",
    "desk.staff.production",
    "desk.staff.accounting",
    "desk.staff.setup",
    "desk.staff.standard",
    "desk.staff.rulings",
    "desk.staff.audits",
    "desk.staff.capacity",
    "desk.config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "pgtrigger",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "desk.config.headers.ContentPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    # Programs come with tokens: no sessions, no forms, no pages of errors.
    "desk.channels.api.gate.GateMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "desk.web.refusals.NulMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "desk.web.reader.ReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "desk.web.refusals.RefusalMiddleware",
]

ROOT_URLCONF = "desk.config.urls"
WSGI_APPLICATION = "desk.config.asgi.pages"

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
                "desk.web.context.shell",
                "desk.config.pages.shell",
            ],
        },
    },
]

# One login for migrations and one, with fewer rights, for everything else (config/roles.py).
DATABASES = {"default": from_url()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Shared by all processes: rate limits of the sign-in must not be per worker.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "desk_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

AUTH_USER_MODEL = "partners.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "desk.config.signin.AccountAdapter"
# No mail to whatever address somebody types: it would also tell by its delay who has an account.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "login": "desk.web.accounts.SignInForm",
    "reset_password": "desk.web.accounts.ResetForm",
}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _address.scheme
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Partner Desk"
MFA_ADAPTER = "desk.config.factors.FactorAdapter"
USERSESSIONS_TRACK_ACTIVITY = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _https
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_SECURE = _https
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "desk.web.views.csrf_failure"
SECURE_SSL_REDIRECT = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = False
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "uk"
LANGUAGES = [("uk", _("Ukrainian")), ("ru", _("Russian")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "desk_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Europe/Kyiv"
USE_TZ = True
USE_I18N = True
# Numbers for readers go through desk.web.formats; those in addresses and attributes stay plain.
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if DEBUG:
    STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
    }
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# Files of tickets are content-addressed below this folder (tickets area).
FILES_DIR = DATA_DIR / "files"
MEDIA_ROOT = FILES_DIR
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None
FILE_BYTES_MAX = 25 * 1024 * 1024
REQUEST_BYTES_MAX = 64 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

DEFAULT_FROM_EMAIL = os.environ.get("DESK_MAIL_FROM", "Partner Desk <desk@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_TIMEOUT = 20
_smtp = urlsplit(os.environ.get("DESK_SMTP_URL", ""))
MAIL_GOES_OUT = bool(_smtp.hostname)
if MAIL_GOES_OUT:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _smtp.hostname
    EMAIL_PORT = _smtp.port or (465 if _smtp.scheme == "smtps" else 587)
    EMAIL_HOST_USER = unquote(_smtp.username or "")
    EMAIL_HOST_PASSWORD = unquote(_smtp.password or "")
    EMAIL_USE_SSL = _smtp.scheme == "smtps"
    EMAIL_USE_TLS = _smtp.scheme == "smtp" and _smtp.query != "plain"
else:
    EMAIL_BACKEND = "desk.channels.email.folder.EmailBackend"

# Who may hand mail in to the built-in receiver, and the name by which it greets.
MAIL_PEERS = tuple(
    filter(None, os.environ.get("DESK_MAIL_PEERS", "127.0.0.0/8,::1").replace(" ", "").split(","))
)
MAIL_HOST_NAME = _address.hostname or "localhost"
MAIL_CA_FILE = os.environ.get("DESK_MAIL_CA", "")

# Requests to others' systems never go to private addresses, but for these networks.
OUTSIDE_NETWORKS = tuple(filter(None, os.environ.get("DESK_NETWORKS", "").split(",")))

# A Bot API server of one's own may stand in an own network (DESK_NETWORKS).
TELEGRAM_URL = os.environ.get("DESK_TELEGRAM_URL", "https://api.telegram.org").rstrip("/")

# Of each window of a specialist's day so much is left for the unplanned (specification 4).
DAY_RESERVE_PERCENT = min(max(int(os.environ.get("DESK_RESERVE_PERCENT", "25")), 0), 90)

PROCRASTINATE_ON_APP_READY = None
PROCRASTINATE_IMPORT_PATHS: list[str] = []

TEST_RUNNER = "django.test.runner.DiscoverRunner"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "procrastinate": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "uvicorn": {"level": "WARNING"},
        "mail.log": {"level": "ERROR"},  # each line of each peer of the receiver
    },
}
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # the address is unique whatever its case: a constraint on lower(email)
    "security.W021",  # whether browsers list the host for ever is for its owner to decide
]
