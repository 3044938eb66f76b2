"""Every sentence of the product is there in Ukrainian and Russian, and none is left over."""

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
