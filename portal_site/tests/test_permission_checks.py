"""Every permission check of a verb begins with the role: an account that is switched off passes none of them."""

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, cast
from unittest.mock import MagicMock

import pytest

from analysts.assessment.actions import claims
from analysts.codes import Role
from analysts.handoff import allowances, drawing
from analysts.models import (
    User,
)
from audit.permissions import Denied, why_not
from portal_site.environment import PROJECT
from tests.rig.python_files import APPS, python_files

type Check = Callable[..., None]
PEOPLE = {"User", "StaffMember", "HasPermissions"}
# Checks of the person whom something is given to, and those that only follow another check.
NO_FIRST_CHECKS = {
    *("check_can_receive", "check_can_own"),
    *(
        "check_is_second_person",
        "check_can_read_these",
        "check_is_free",
        "check_sees_all",
        "check_has_read",
        "check_is_own",
    ),
}


def permission_checks() -> Iterator[tuple[str, Check]]:
    """Functions whose first parameter is the person who asks, by module and name."""
    for path in python_files(*APPS):
        if path.name == "permissions.py":
            module = import_module(".".join(path.relative_to(PROJECT).with_suffix("").parts))
            for name, check in vars(module).items():
                if name.startswith("check_") and name not in NO_FIRST_CHECKS:
                    first, *_others = inspect.signature(check).parameters.values()
                    if getattr(first.annotation, "__name__", first.annotation) in PEOPLE:
                        yield f"{module.__name__}.{name}", check


# Once each, by the module that has it first.
CHECKS = {name: check for check, name in {check: name for name, check in permission_checks()}.items()}


# By check: values for its other parameters, which it should ask nothing before it refuses.
OTHERS = {
    name: {each: MagicMock() for each in [*inspect.signature(check).parameters][1:]} for name, check in CHECKS.items()
}


@pytest.mark.parametrize("role", Role)
def test_account_that_is_switched_off_is_refused_before_anything_else(role: Role) -> None:
    user = User(role=role, is_active=False)
    reasons = {why_not(check, user) for name, check in CHECKS.items() if not OTHERS[name]} - {""}
    refusals = {name: why_not(check, cast("Any", user), **OTHERS[name]) for name, check in CHECKS.items()}
    assert {name: reason for name, reason in refusals.items() if reason not in reasons} == {}


def test_there_are_checks() -> None:
    assert len(CHECKS) > 60


# Verbs that hand out something new, which there is no row of yet that a check could lock first.
@pytest.mark.parametrize(
    "verb", [allowances.ask_allowance, drawing.draw_batch, drawing.view_batches, claims.claim_next]
)
def test_verb_that_hands_out_refuses_before_anything_else(verb: Callable[..., object]) -> None:
    values = {name: MagicMock() for name in inspect.signature(verb).parameters}
    for role in Role:
        with pytest.raises(Denied, match="Only analysts"):
            inspect.unwrap(verb)(**values | {"by": User(role=role, is_active=False)})
