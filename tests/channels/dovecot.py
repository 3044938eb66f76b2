"""A real IMAP server for the tests: Debian's Dovecot, installed or brought along.

An installed one is used as it is. Else the packages come through the machine's own apt, without
being installed: they are kept below .tools and unpacked for a run. Dovecot knows the folders of its
parts from when it was built, so these are written over with a folder of the same length.

Anybody may sign in under any name with `PASSWORD`; each name has a mailbox of its own.
"""

from __future__ import annotations

import fcntl
import imaplib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.channels import certificates
from tests.running import free_port

PASSWORD = "imap-of-the-tests"
PACKAGE = "dovecot-imapd"
TOOLS = Path(__file__).resolve().parents[2] / ".tools"
PACKAGES = TOOLS / "dovecot"
NOBODY = 65534
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 5
SHORT = "/tmp"  # noqa: S108 — only its length counts
BUILT = b"/usr/lib/dovecot"
BUILT_CONFIG = b"/usr/bin/doveconf"
SETTINGS = """
base_dir = {folder}/base
state_dir = {folder}/state
instance_name = {name}
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_chars =
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
default_vsz_limit = 0
import_environment = TZ LD_LIBRARY_PATH={libraries}
mail_location = maildir:{folder}/mail/%u
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_max_userip_connections = 100
imap_idle_notify_interval = 60 s
maildir_very_dirty_syncs = yes
mail_fsync = never
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
"""


class Missing(Exception):
    """There is no Dovecot, and none can be brought; the sentence says what is missing."""


@dataclass
class Dovecot:
    """A running server: `port` in the clear and with STARTTLS, `tls_port` with TLS from the start;
    `ca` is the file of the authority that signed its certificate for "localhost"."""

    folder: Path
    program: Path
    libraries: str
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    def start(self) -> None:
        """Start it, and return when it answers."""
        user = NOBODY if os.geteuid() == 0 else None
        command = [str(self.program), "-F", "-c", str(self.folder / "dovecot.conf")]
        with (self.folder / "out").open("ab") as output:
            self.process = subprocess.Popen(
                command,
                env={"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": self.libraries},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        until = time.monotonic() + START_SECONDS_MAX
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Dovecot does not start:\n{self.log()}")
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill it and all its processes where they stand (-9)."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS_MAX)
        for left in self.folder.glob("base/*.pid"):
            left.unlink()

    def stop(self) -> None:
        """End it."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def log(self) -> str:
        """What it has to say."""
        files = (self.folder / name for name in ("out", "log"))
        return "\n".join(one.read_text() for one in files if one.exists())

    @contextmanager
    def client(self, login: str) -> Iterator[imaplib.IMAP4]:
        """Somebody else who looks into a mailbox."""
        with imaplib.IMAP4("127.0.0.1", self.port, START_SECONDS_MAX) as found:
            found.login(login, PASSWORD)
            yield found

    def put(self, login: str, *raws: bytes, folder: str = "INBOX") -> None:
        """Lay mails into a mailbox."""
        with self.client(login) as found:
            found.create(folder)
            for raw in raws:
                status, answer = found.append(folder, "", "", raw)
                assert status == "OK", answer

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as made:
                return made.recv(64).startswith(b"* OK")
        except OSError:
            return False


@contextmanager
def running() -> Iterator[Dovecot]:
    """Hold a server. Raises `Missing`."""
    with _program() as (program, libraries), tempfile.TemporaryDirectory(prefix="dvr-") as name:
        found = Dovecot(Path(name), program, libraries)
        _write(found)
        found.start()
        try:
            yield found
        finally:
            found.stop()


def _write(found: Dovecot) -> None:
    """Settings and certificates; as root all belongs to nobody, for whom the server runs."""
    certificates.write(found.folder)
    user = NOBODY if os.geteuid() == 0 else os.geteuid()
    group = NOBODY if os.geteuid() == 0 else os.getegid()
    written = SETTINGS.format(
        folder=found.folder,
        name=found.folder.name,
        user=_name_of(user),
        group=_group_of(group),
        password=PASSWORD,
        port=found.port,
        tls_port=found.tls_port,
        libraries=found.libraries,
    )
    (found.folder / "dovecot.conf").write_text(written)
    if os.geteuid() == 0:
        for path in (found.folder, *found.folder.iterdir()):
            os.chown(path, user, group)


def _name_of(user: int) -> str:
    import pwd

    return pwd.getpwuid(user).pw_name


def _group_of(group: int) -> str:
    import grp

    return grp.getgrgid(group).gr_name


@contextmanager
def _program() -> Iterator[tuple[Path, str]]:
    """The server and where its libraries lie: the installed one, or ours while the block runs."""
    installed = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if installed and Path("/usr/lib/dovecot/imap").exists():
        yield Path(installed), ""
        return
    packages = _fetched()
    # Exactly as long as BUILT: /tmp//d-12345678, and with /c at its end as long as BUILT_CONFIG.
    folder = Path(tempfile.mkdtemp(prefix="d-", dir=SHORT))
    try:
        yield _unpacked(packages, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetched() -> list[Path]:
    """The packages that this machine lacks, from its own apt, fetched once."""
    for needed in ("apt-get", "dpkg-deb"):
        _tool(needed)
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "dovecot.guard").open("a") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not PACKAGES.exists():
            sys.stderr.write("[test] fetching an IMAP server …\n")
            _fetch()
    return sorted(PACKAGES.glob("*.deb"))


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Missing(f"Dovecot is not installed, and there is no {name} to bring it with")
    return found


def _fetch() -> None:
    draft = Path(tempfile.mkdtemp(dir=TOOLS))
    try:
        names = _lacking([])
        options: list[str] = []
        if not names:
            # The machine has no lists of packages: fetch them into a folder of our own.
            options = _own_lists(draft)
            _apt(options, "update", folder=draft)
            names = _lacking(options)
        if not names:
            raise Missing(f"apt-get knows no package {PACKAGE}")
        _apt(options, "download", *names, folder=draft)
        shutil.rmtree(draft / "lists", ignore_errors=True)
        draft.chmod(0o755)
        draft.rename(PACKAGES)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _lacking(options: list[str]) -> list[str]:
    """The package and what it needs beside what is installed; [] when apt cannot say."""
    simulated = ["install", "--print-uris", "-qq", "--no-install-recommends", PACKAGE]
    done = subprocess.run([_tool("apt-get"), *options, *simulated], capture_output=True, text=True)
    files = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("'")]
    return [name.partition("_")[0] for name in files]


def _own_lists(folder: Path) -> list[str]:
    lists = folder / "lists"
    (lists / "partial").mkdir(parents=True)
    (lists / "archives" / "partial").mkdir(parents=True)
    own = (f"Dir::State::Lists={lists}", f"Dir::Cache={lists}", "APT::Sandbox::User=")
    return [word for one in (*own, "Debug::NoLocking=1") for word in ("-o", one)]


def _apt(options: list[str], *words: str, folder: Path) -> None:
    done = subprocess.run(
        [_tool("apt-get"), "-qq", *options, *words], cwd=folder, capture_output=True, text=True
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Missing(f"apt-get {words[0]} fails: {said[-1] if said else done.returncode}")


def _unpacked(packages: list[Path], folder: Path) -> tuple[Path, str]:
    """Unpack into a folder and make the programs look for their parts there."""
    system = folder / "system"
    for package in packages:
        subprocess.run([_tool("dpkg-deb"), "-x", str(package), str(system)], check=True)
    for part in (system / "usr/lib/dovecot").iterdir():
        part.rename(folder / part.name)
    (folder / "c").symlink_to(system / "usr/bin/doveconf")
    new = f"{SHORT}//{folder.name}".encode()
    assert len(new) == len(BUILT)
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            before = path.read_bytes()
            after = before.replace(BUILT_CONFIG, f"{folder}/c".encode()).replace(BUILT, new)
            if before.startswith(b"\x7fELF") and after != before:
                path.write_bytes(after)
    folder.chmod(0o755)
    found = [str(one) for one in system.glob("*lib/*-linux-gnu")]
    found += [str(one) for one in system.glob("usr/lib/*-linux-gnu")]
    return system / "usr/sbin/dovecot", ":".join(found)


def trusting(ca: Path) -> ssl.SSLContext:
    """A client's context that believes this authority alone."""
    return ssl.create_default_context(cafile=str(ca))
