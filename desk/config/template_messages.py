"""The messages that a template uses, read from its syntax tree."""

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

Key = tuple[str, str, str]
OURS = ("django.template", "django.templatetags", "desk.")


@lru_cache(maxsize=1)
def _engine() -> Any:
    """Django's template engine with all tag libraries, without any database."""
    import django
    from django.template import engines

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.config.settings")
    django.setup()
    return vars(engines["django"])["engine"]


def in_template(path: Path) -> set[Key]:
    """Return context, text and plural text of each message in a template."""
    from django.template import Template

    template = Template(path.read_text(encoding="utf-8"), engine=_engine())
    return set(_walk(template.nodelist, set()))


def _walk(found: Any, seen: set[int]) -> Iterator[Key]:
    """Yield the messages of whatever the tree holds: nodes, filter expressions, lists of them."""
    if isinstance(found, dict):
        yield from _walk(list(found.values()), seen)
    elif isinstance(found, list | tuple):
        for item in found:
            yield from _walk(item, seen)
    elif id(found) not in seen and type(found).__module__.startswith(OURS):
        seen.add(id(found))
        yield from _of_one(found, seen)


def _of_one(found: Any, seen: set[int]) -> Iterator[Key]:
    from django.template.base import Variable
    from django.templatetags.i18n import BlockTranslateNode, TranslateNode

    if isinstance(found, BlockTranslateNode):
        plural = _text(found, found.plural) if found.plural else ""
        yield (_constant(found.message_context), _text(found, found.singular), plural)
    elif isinstance(found, TranslateNode):
        text = found.filter_expression.var.literal
        if isinstance(text, str):
            yield (_constant(found.message_context), text.replace("%", "%%"), "")
    elif isinstance(found, Variable) and found.translate and isinstance(found.literal, str):
        yield ("", found.literal.replace("%", "%%"), "")
    if not isinstance(found, type) and hasattr(found, "__dict__"):
        inner = {k: v for k, v in vars(found).items() if k not in {"origin", "token", "parent"}}
        if isinstance(found, TranslateNode):
            inner.pop("filter_expression")
        yield from _walk(inner, seen)


def _text(node: Any, tokens: Any) -> str:
    text, _ = node.render_token_list(tokens)
    return str(text)


def _constant(expression: Any) -> str:
    """Return the value of a constant expression, "" for none."""
    if expression is None:
        return ""
    return str(getattr(expression.var, "literal", expression.var))
