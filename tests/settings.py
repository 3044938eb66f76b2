"""The desk's settings with what tests need cheaper."""

import os
from pathlib import Path

os.environ.setdefault("DESK_DATA", str(Path(__file__).resolve().parents[1] / "var" / "tests"))
os.environ.setdefault("DESK_SECRET_KEY", "tests need no secret")
os.environ.setdefault("DESK_ENCRYPTION_KEY", "dGVzdHMgbmVlZCBubyBzZWNyZXQsIGp1c3QgYSBrZXk=")
os.environ["DESK_DEMO"] = "1"
# Playwright keeps an event loop in the thread of the tests, where the tests also use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from desk.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
