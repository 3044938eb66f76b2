"""Notices that the code has changed, for development."""

from pathlib import Path

SUFFIXES = {".py", ".mo"}


class Reload:
    """Remembers when each file of the code was last changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen = self._look()

    def changed(self) -> bool:
        """Tell whether something changed since the last look."""
        found = self._look()
        before, self.seen = self.seen, found
        return found != before

    def _look(self) -> dict[Path, int]:
        return {
            path: path.stat().st_mtime_ns
            for path in self.folder.rglob("*")
            if path.suffix in SUFFIXES and path.exists()
        }
