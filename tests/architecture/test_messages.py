"""Every sentence of the product is there in Ukrainian and Russian, and none is left over."""

from pathlib import Path

import pytest

from desk.config import messages


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_catalogues_are_complete(language: str) -> None:
    assert [str(finding) for finding in messages.check(language)] == []


def test_the_check_finds_what_templates_and_code_use() -> None:
    used = messages.used_in(messages.SHARED)
    assert ("", "Skip to the content", "") in used
    assert ("", "{{ count }} unread notice", "") not in used
    assert ("", "%(count)s unread notice", "%(count)s unread notices") in used
    assert ("field", "Executor", "") in used


def test_the_check_finds_what_stands_within_an_f_string(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "from django.utils.translation import gettext as _\n"
        """line = f"{name} · {_('nobody') if who is None else _('here')}"\n"""
    )
    assert set(messages.in_python(module)) == {("", "nobody", ""), ("", "here", "")}
