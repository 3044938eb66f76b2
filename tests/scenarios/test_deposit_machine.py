"""The whole area against an independent model, in any order of operations (L1-L8).

DESK_MACHINE_EXAMPLES=500 bin/test tests/scenarios/test_deposit_machine.py looks deeper.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import LazySettings
from hypothesis import HealthCheck
from hypothesis import settings as profile
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.scenarios.billing_steps import BillingMachine
from tests.scenarios.deposit_steps import DepositMachine

EXAMPLES = int(os.environ.get("DESK_MACHINE_EXAMPLES", "0"))
EXAMPLES_USUAL, BILLING_USUAL, STEPS_USUAL, STEPS_DEEP = 24, 6, 25, 80


def _run(machine: type[RuleBasedStateMachine], examples: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=profile(
            max_examples=EXAMPLES or examples,
            stateful_step_count=STEPS_DEEP if EXAMPLES else STEPS_USUAL,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_l1_any_order_of_operations_agrees_with_an_independent_model() -> None:
    _run(DepositMachine, EXAMPLES_USUAL)


@pytest.mark.django_db
def test_l1_invoices_payments_and_acts_agree_with_it_as_well(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.FILES_DIR = tmp_path
    _run(BillingMachine, BILLING_USUAL)
