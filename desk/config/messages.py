"""Catalogues of messages: compiling."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DESK = Path(__file__).resolve().parents[1]


def compile_all() -> int:
    """Write a .mo beside each .po of the product; return how many."""
    catalogues = sorted(DESK.glob("**/locale/*/LC_MESSAGES/*.po"))
    for source in catalogues:
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3])
        draft = source.with_suffix(".mo.new")
        with draft.open("wb") as file:
            write_mo(file, catalogue)
        draft.replace(source.with_suffix(".mo"))
    return len(catalogues)


def main() -> None:
    """Command line: `python -m desk.config.messages compile`."""
    compile_all()


if __name__ == "__main__":
    main()
