"""Hashed and compressed copies of the static files, made when a source has changed."""

import os
from hashlib import sha256
from pathlib import Path

from desk.config.database import data_folder

ROOT = Path(__file__).resolve().parents[2]


def fingerprint() -> str:
    """Return a hash of all sources and of the libraries that bring some."""
    digest = sha256((ROOT / "requirements.lock").read_bytes())
    for path in sorted(ROOT.glob("desk/**/static/**/*")):
        if path.is_file():
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def is_current() -> bool:
    """Tell whether the collected files belong to these sources."""
    mark = _mark()
    return mark.exists() and mark.read_text() == fingerprint()


def collect() -> None:
    """Collect the files into the data folder. Django is set up already."""
    from django.core.management import call_command

    made_from = fingerprint()
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    draft = _mark().with_suffix(f".{os.getpid()}")
    draft.write_text(made_from)
    draft.replace(_mark())


def _mark() -> Path:
    return data_folder() / "static.made_from"


def main() -> None:
    """Collect as a process of its own: `python -m desk.config.assets`."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.config.settings")
    django.setup()
    collect()


if __name__ == "__main__":
    main()
