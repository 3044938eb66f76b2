"""Catalogues of messages: which are missing, which are obsolete, and the compiled form.

Each area keeps its own desk/<area>/locale/<language>/LC_MESSAGES/django.po. A message is looked for
in the area that uses it and in desk/web, which all screens share. Nothing of GNU gettext is needed.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from desk.config.template_messages import in_template

DESK = Path(__file__).resolve().parents[1]
SHARED = DESK / "web"
LANGUAGES = ("uk", "ru")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_ALIAS = re.compile(r"\b(\w*gettext\w*) as (\w+)")
_PLACE = re.compile(r"%\(\w+\)[sd]|%\w+%")

# A message as code and templates name it: context, text, plural text.
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Finding:
    """Something wrong with a catalogue."""

    catalogue: Path
    text: str

    def __str__(self) -> str:
        return f"{self.catalogue.relative_to(DESK.parent)}: {self.text}"


def areas() -> list[Path]:
    """Return the folders of the areas, those nested in others too."""
    return sorted(path.parent for path in DESK.glob("**/apps.py"))


def used_in(area: Path) -> set[Key]:
    """Return the messages that the area's code and templates use."""
    inner = [other for other in areas() if other != area and other.is_relative_to(area)]
    found: set[Key] = set()
    for path in sorted(area.rglob("*")):
        if any(path.is_relative_to(folder) for folder in inner) or "migrations" in path.parts:
            continue
        if path.suffix == ".py":
            found |= set(in_python(path))
        elif "templates" in path.parts and path.is_file():
            found |= in_template(path)
    return found


def in_python(path: Path) -> Iterator[Key]:
    """Yield the messages of a module, as often as it uses them."""
    source = path.read_text(encoding="utf-8")
    if "gettext" not in source:
        return
    aliases = _ALIAS.findall(source)
    keywords = KEYWORDS | {alias: KEYWORDS[name] for name, alias in aliases if name in KEYWORDS}
    for piece in (source, *_inside_strings(source)):
        found = extract("python", BytesIO(piece.encode()), keywords=keywords)
        for _, text, _, context in found:
            singular, plural = (text, "") if isinstance(text, str) else (text[0], text[1])
            if singular:
                yield (context or "", singular, plural)


def _inside_strings(source: str) -> Iterator[str]:
    """The expressions within f-strings: before Python 3.12 these are text to the extractor."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FormattedValue):
            yield ast.unparse(node.value)


def catalogue_path(area: Path, language: str) -> Path:
    """Return where an area keeps its messages of a language."""
    return area / "locale" / language / "LC_MESSAGES" / "django.po"


def read(path: Path) -> Catalog:
    """Return a catalogue, empty when there is no file."""
    language = path.parts[-3]
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def entries(catalogue: Catalog) -> dict[Key, Message]:
    """Return the messages of a catalogue by key."""
    return {_key(message): message for message in catalogue if message.id}


def _key(message: Message) -> Key:
    texts = [message.id] if isinstance(message.id, str) else list(message.id)
    return (message.context or "", texts[0], texts[1] if len(texts) > 1 else "")


def check(language: str) -> list[Finding]:
    """Return what is missing, obsolete or half-translated in a language."""
    findings: list[Finding] = []
    shared = entries(read(catalogue_path(SHARED, language)))
    uses = {area: used_in(area) for area in areas()}
    for area, used in uses.items():
        path = catalogue_path(area, language)
        own = entries(read(path))
        needed = used if area != SHARED else set().union(*uses.values()) & (set(own) | used)
        known = own.keys() | shared.keys()
        findings += [Finding(path, f"missing: {key[1]!r}") for key in sorted(used - known)]
        findings += [Finding(path, f"obsolete: {key[1]!r}") for key in sorted(own.keys() - needed)]
        for key in sorted(own.keys() & needed):
            findings += [Finding(path, text) for text in _faults(own[key], path)]
    return findings


def _faults(message: Message, path: Path) -> Iterable[str]:
    """Yield what is wrong with one translation: a gap, a plural form, a lost placeholder."""
    texts = [message.id] if isinstance(message.id, str) else list(message.id)
    found = message.string or ""
    strings = [found] if isinstance(found, str) else list(found)
    count = read(path).num_plurals if len(texts) > 1 else 1
    if message.fuzzy:
        yield f"fuzzy: {texts[0]!r}"
    if len(strings) != count or not all(strings):
        yield f"not translated in all {count} form(s): {texts[0]!r}"
    allowed = {place for text in texts for place in _PLACE.findall(text)}
    for string in strings:
        if set(_PLACE.findall(string)) - allowed:
            yield f"a placeholder that the original does not have: {texts[0]!r}"
        if len(texts) == 1 and allowed - set(_PLACE.findall(string)):
            yield f"a placeholder is lost: {texts[0]!r}"


def compile_all() -> int:
    """Write a .mo beside each .po of the product; return how many."""
    sources = sorted(DESK.glob("**/locale/*/LC_MESSAGES/*.po"))
    for source in sources:
        draft = source.with_suffix(".mo.new")
        with draft.open("wb") as file:
            write_mo(file, read(source))
        draft.replace(source.with_suffix(".mo"))
    return len(sources)


def update(area: Path, language: str) -> int:
    """Add what is missing to an area's catalogue, untranslated; return how much."""
    path = catalogue_path(area, language)
    shared = entries(read(catalogue_path(SHARED, language)))
    known = entries(read(path)).keys() | shared.keys()
    missing = sorted(used_in(area) - known)
    if not missing:
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        template = catalogue_path(SHARED, language).read_text(encoding="utf-8")
        path.write_text(template.split("\n\n", 1)[0] + "\n", encoding="utf-8")
    added = Catalog(locale=language)
    for context, singular, plural in missing:
        added.add((singular, plural) if plural else singular, context=context or None)
    with path.open("ab") as file:
        file.write(b"\n")
        write_po(file, added, omit_header=True, width=100)
    return len(missing)


def main() -> int:
    """Command line: `bin/messages check|compile|update AREA…`."""
    parser = argparse.ArgumentParser(prog="bin/messages", description="Catalogues of messages.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("compile", help="write the .mo files that the desk reads")
    actions.add_parser("check", help="name what is missing, obsolete or half-translated")
    adding = actions.add_parser("update", help="add missing messages, to be translated by hand")
    adding.add_argument("area", nargs="+", help="folder of the area, as desk/tickets", type=Path)
    options = parser.parse_args()
    if options.action == "compile":
        compile_all()
        return 0
    if options.action == "update":
        for area in options.area:
            counts = [update(area.resolve(), language) for language in LANGUAGES]
            print(f"{area}: {max(counts)} added")
        return 0
    findings = [finding for language in LANGUAGES for finding in check(language)]
    for finding in findings:
        print(finding)
    print(f"{len(findings)} finding(s)")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
