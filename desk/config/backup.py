"""Backup and restore: one archive with the database, the files of tickets, and what it contains.

The archive is a tar: `database.dump` (PostgreSQL's own format), `files/…`, and at its end
`manifest.json` with the size and hash of each. The keys stay apart unless asked for: without them a
stolen archive opens no second factor and signs no link. Sessions and the cache are left out.
"""

import contextlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import psycopg

from desk.config import database
from desk.config.account import find_binaries

FORMAT = 1
DUMP = "database.dump"
MANIFEST = "manifest.json"
KEYS = ("secret.key", "encryption.key")
PASSING_TABLES = ("django_session", "desk_cache", "usersessions_usersession")
CHUNK_BYTES = 1024 * 1024
HEADER_LINES_MAX = 40

Say = Callable[[str], None]


class BackupError(RuntimeError):
    """A backup or a restore cannot go on; the sentence says why, and nothing is half done."""


@dataclass
class Manifest:
    """What an archive holds."""

    created_at: str
    server_major: int
    schema: str
    keys: bool
    format: int = FORMAT
    parts: dict[str, dict[str, int | str]] = field(default_factory=dict)


def backup(target: Path, at: datetime, with_key: bool, say: Say) -> Manifest:
    """Write an archive to `target`, which must not exist; it appears when it is complete."""
    if target.exists():
        raise BackupError(f"{target} exists already.")
    data = database.data_folder()
    with psycopg.connect(database.owner_url()) as connection:
        manifest = Manifest(at.isoformat(), _major(connection), _schema(connection), with_key)
    draft = target.with_name(f"{target.name}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
            _write_parts(archive, manifest, data, say)
            content = json.dumps(asdict(manifest), indent=1).encode()
            _add(archive, MANIFEST, io.BytesIO(content), len(content))
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _write_parts(archive: tarfile.TarFile, manifest: Manifest, data: Path, say: Say) -> None:
    # The database first: a file is stored before its row, so every row finds its file.
    say("saving the database …")
    with tempfile.TemporaryDirectory(dir=data) as folder:
        dump = Path(folder) / DUMP
        excluded = [f"--exclude-table-data=public.{table}" for table in PASSING_TABLES]
        _run("pg_dump", "--format=custom", "--no-owner", "--no-acl", *excluded, f"--file={dump}")
        _add_file(archive, manifest, DUMP, dump)
    say("saving the files …")
    for path in sorted((data / "files").rglob("*")):
        if path.is_file():
            # A file that goes in this moment is swept because nothing refers to it.
            with contextlib.suppress(FileNotFoundError):
                _add_file(archive, manifest, str(path.relative_to(data)), path)
    for name in KEYS if manifest.keys else ():
        if (data / name).exists():
            _add_file(archive, manifest, name, data / name)


def _add_file(archive: tarfile.TarFile, manifest: Manifest, name: str, path: Path) -> None:
    """Add a file with its hash, as it is at this moment."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        reader = _Hashing(file)
        _add(archive, name, reader, size)
    manifest.parts[name] = {"size": size, "sha256": reader.digest.hexdigest()}


def _add(archive: tarfile.TarFile, name: str, file: "io.BytesIO | _Hashing", size: int) -> None:
    info = tarfile.TarInfo(name)
    info.size = size
    info.mode = 0o600
    archive.addfile(info, file)  # type: ignore[arg-type]  # it only reads


class _Hashing:
    """A file that hashes what is read from it."""

    def __init__(self, file: "io.BufferedReader") -> None:
        self.file = file
        self.digest = sha256()

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        data = self.file.read(size)
        self.digest.update(data)
        return data


def restore(source: Path, say: Say) -> Manifest:
    """Bring an archive into an empty database and data folder, or change nothing."""
    data = database.data_folder()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _unpacked(source, data, say) as folder:
        manifest = _verified(folder)
        _check_target(manifest, data)
        say("restoring the database …")
        _restore_database(folder)
        say("restoring the files …")
        for name in manifest.parts:
            if name != DUMP:
                (data / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).replace(data / name)
    return manifest


def _restore_database(folder: Path) -> None:
    """Run the dump as a script in one transaction: all of it is there in the end, or nothing."""
    script, plain = folder / "database.sql", folder / "plain.sql"
    # Without comments: the one that says "provisioned" would hide that rights are missing.
    options = ("--no-owner", "--no-acl", "--no-comments")
    _run("pg_restore", *options, f"--file={script}", str(folder / DUMP))
    with script.open("rb") as source, plain.open("wb") as target:
        for number, line in enumerate(source):
            # Our tools may be newer than the server, which would stumble over this setting.
            if number > HEADER_LINES_MAX or not line.startswith(b"SET transaction_timeout"):
                target.write(line)
    script.unlink()
    once = ("--single-transaction", "--set=ON_ERROR_STOP=1", "--quiet", "--no-psqlrc")
    _run("psql", *once, f"--file={plain}")


@contextmanager
def _unpacked(source: Path, data: Path, say: Say) -> Iterator[Path]:
    """Hold an archive's content in a folder beside its place: moving it is one step."""
    say("reading the archive …")
    folder = Path(tempfile.mkdtemp(dir=data, prefix="restore-"))
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                _extract(archive, member, folder)
        yield folder
    except (tarfile.TarError, FileNotFoundError, IsADirectoryError) as error:
        raise BackupError(f"{source} is not a complete backup: {error}") from error
    finally:
        shutil.rmtree(folder)


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write one plain file of ours; links, devices and paths that lead elsewhere are refused."""
    content = archive.extractfile(member) if member.isfile() else None
    if content is None or not _is_ours(member.name):
        raise BackupError(f"{member.name} does not belong into a backup.")
    target = folder / member.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(content, file)
    target.chmod(0o600)


def _verified(folder: Path) -> Manifest:
    """Return the manifest of an unpacked archive whose parts are all there and unchanged."""
    if not (folder / MANIFEST).exists():
        raise BackupError("The archive has no manifest: it is not a complete backup.")
    fields = json.loads((folder / MANIFEST).read_text())
    if fields.get("format") != FORMAT:
        raise BackupError("The archive was written by a newer version of the desk.")
    manifest = Manifest(**fields)
    for name, known in manifest.parts.items():
        path = folder / name
        if not path.exists() or _hash(path) != known["sha256"]:
            raise BackupError(f"{name} in the archive is damaged.")
    return manifest


def _is_ours(name: str) -> bool:
    parts = Path(name).parts
    return name in {DUMP, MANIFEST, *KEYS} or (parts[0] == "files" and ".." not in parts)


def _check_target(manifest: Manifest, data: Path) -> None:
    with psycopg.connect(database.owner_url()) as connection:
        major = _major(connection)
        query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        tables = connection.execute(query).fetchone()
    if tables is None or tables[0]:
        raise BackupError("The database is not empty: restore into a new one (DESK_DATA).")
    if any((data / "files").rglob("*")):
        raise BackupError(f"{data / 'files'} is not empty: restore into a new data folder.")
    if major < manifest.server_major:
        raise BackupError(
            f"The backup is of PostgreSQL {manifest.server_major}; this server is older ({major})."
        )


def _hash(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _major(connection: psycopg.Connection) -> int:
    return connection.info.server_version // 10_000


def _schema(connection: psycopg.Connection) -> str:
    query = "SELECT obj_description('public'::regnamespace, 'pg_namespace')"
    row = connection.execute(query).fetchone()
    return str(row[0]) if row and row[0] else ""


def _run(program: str, *arguments: str) -> None:
    """Run a tool of PostgreSQL as the owner; the password stays out of the process list."""
    done = subprocess.run(
        [str(find_binaries() / program), *arguments],
        env=_environment(),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()}")


def _environment() -> dict[str, str]:
    settings = database.from_url(database.owner_url())
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    found = {name: settings[key] for name, key in names.items() if settings[key]}
    if "sslmode" in settings["OPTIONS"]:
        found["PGSSLMODE"] = settings["OPTIONS"]["sslmode"]
    return os.environ | found | {"PGDATABASE": settings["NAME"]}
