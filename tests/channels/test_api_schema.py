"""The document and the API say the same, whatever is sent (schemathesis, derandomised).

Every call is tried with what its description allows and with what it forbids, by a token of
everybody who has other rights. Each time: no 5xx, no answer that the description does not name,
nothing forbidden is taken. A longer run: DESK_SCHEMATHESIS_EXAMPLES=200 bin/test tests/channels/
test_api_schema.py -n0.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    ensure_resource_availability,
    ignored_auth,
    positive_data_acceptance,
    use_after_free,
)
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from desk.channels.api.document import document
from desk.config.asgi import pages
from tests.channels import api_world
from tests.channels.api_client import Program
from tests.channels.api_world import holder, things
from tests.screens.two_partners import TwoPartners

EXAMPLES = int(os.environ.get("DESK_SCHEMATHESIS_EXAMPLES", "2"))
# A short run asks on behalf of one on each side, a longer one on behalf of more.
ALLOWED, FORBIDDEN = ("OL", "O") if EXAMPLES <= 2 else ("OFVILDPCB", "OLD")
# The client that schemathesis brings does not close the answers that it has read.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
# What a call made is undone at once, so that the first two find nothing; of what is well formed,
# much names nothing that there is; who has no token is tried here, at less cost.
OUT = [ensure_resource_availability, use_after_free, positive_data_acceptance, ignored_auth]
# That there is no such address, or that it is no address at all, is told to everybody.
SHUT = {400, 401, 404}
# So that two processes can share the work.
SHARES = 2


class Undone(Exception):
    """Takes what a call did back."""


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwoPartners]:
    """The furnished world; the WSGI application keeps the test's connection, as Django's own test
    client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield api_world.opened(monkeypatch)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def operations() -> list[Any]:
    schema = schemathesis.openapi.from_dict(document())
    schema.app = pages
    found: list[Any] = list(schema.get_all_operations())
    return [each.ok() for each in found]


def sent(case: Case[Any], caller: Program) -> int:
    """Send it, hold the answer against the description, undo what it did; the status."""
    headers = {"Authorization": f"Bearer {caller.secret}", "Accept-Encoding": "identity"}
    status = 0
    try:
        with transaction.atomic():
            answer = case.call(headers=headers)
            case.validate_response(answer, excluded_checks=OUT, headers=headers)
            status = answer.status_code
            raise Undone
    except Undone:
        return status


def tried(
    operation: Any, mode: GenerationMode, callers: list[Program], known: dict[str, object]
) -> None:
    """Send examples of one call, each by everybody; `known` stands in its path. Who has no valid
    token is let in to none."""
    closed = [Program(""), Program("desk_revoked")]

    def once(case: Case[Any]) -> None:
        for caller in callers:
            sent(case, caller)
        assert {sent(case, caller) for caller in closed} <= SHUT

    named = {name: value for name, value in known.items() if f"{{{name}}}" in operation.path}
    strategy = operation.as_strategy(mode, path_parameters=named or None)
    hypothesis.settings(
        max_examples=EXAMPLES if mode is GenerationMode.POSITIVE else max(1, EXAMPLES // 2),
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(hypothesis.given(case=strategy)(once))()


def test_the_document_is_openapi_3_1() -> None:
    OPENAPI_31_VALIDATOR.validate(document())


@pytest.mark.parametrize("share", range(SHARES))
def test_what_is_allowed_is_answered_as_described(world: TwoPartners, share: int) -> None:
    callers, known = [holder(world, role) for role in ALLOWED], things(world)
    for operation in operations()[share::SHARES]:
        tried(operation, GenerationMode.POSITIVE, callers, known)


@pytest.mark.parametrize("share", range(SHARES))
def test_what_is_forbidden_is_refused(world: TwoPartners, share: int) -> None:
    callers = [holder(world, role) for role in FORBIDDEN]
    for operation in operations()[share::SHARES]:
        tried(operation, GenerationMode.NEGATIVE, callers, {})
