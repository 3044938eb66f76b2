"""The whole area against an independent model, in any order of operations (L1-L8).

DESK_MACHINE_EXAMPLES=500 bin/test tests/scenarios/test_deposit_machine.py looks deeper.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.scenarios.deposit_steps import DepositMachine

EXAMPLES = int(os.environ.get("DESK_MACHINE_EXAMPLES", "0"))
EXAMPLES_USUAL, STEPS_USUAL, STEPS_DEEP = 24, 25, 80


@pytest.mark.django_db
def test_l1_any_order_of_operations_agrees_with_an_independent_model() -> None:
    run_state_machine_as_test(
        DepositMachine,
        settings=settings(
            max_examples=EXAMPLES or EXAMPLES_USUAL,
            stateful_step_count=STEPS_DEEP if EXAMPLES else STEPS_USUAL,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
